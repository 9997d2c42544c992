import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { HttpContext, HttpRequest } from '../http-env.js'
import { layout, type View } from './layout.js'

/** Answers with a page for whoever the request is for. */
export function showPage(
  c: HttpRequest,
  { keys }: Pick<HttpContext, 'keys'>,
  view: View,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> {
  return c.html(layout(view, { principal: c.get('principal'), hasKey: keys !== null }), status)
}
