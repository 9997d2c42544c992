import { STATUS_CODES } from 'node:http'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import {
  ConflictError,
  ForbiddenError,
  InputError,
  messageOf,
  NotFoundError,
  UnavailableError,
} from '../errors.js'
import type { HttpContext, HttpRequest } from './http-env.js'

/** An error as RFC 9457 has it. */
export interface Problem {
  type: 'about:blank'
  title: string
  status: ContentfulStatusCode
  /** A sentence that says what to do next. */
  detail: string
  /** To be found again in the server's log. */
  request_id: string
}

/** An answer that says what went wrong, as `application/problem+json`. */
export function problem(
  c: HttpRequest,
  status: ContentfulStatusCode,
  detail: string,
  headers: Record<string, string> = {},
): Response {
  const body: Problem = {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    request_id: c.get('requestId'),
  }
  return c.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    ...headers,
  })
}

/** What proxies log for a caller who went away; nobody reads it, and it is no fault. */
const CALLER_GONE = 499 as ContentfulStatusCode

/** The answer to what a handler threw: expected failures as they are, anything else is logged. */
export function problemOf(error: unknown, c: HttpRequest, { log }: HttpContext): Response {
  if (c.req.raw.signal.aborted) return problem(c, CALLER_GONE, 'The caller went away.')
  if (error instanceof NotFoundError) return problem(c, 404, error.message)
  if (error instanceof ForbiddenError) return problem(c, 403, error.message)
  if (error instanceof ConflictError) return problem(c, 409, error.message)
  if (error instanceof InputError) return problem(c, 400, error.message)
  if (error instanceof UnavailableError) {
    return problem(c, 503, error.message, { 'retry-after': '5' })
  }
  log.error({ err: error, requestId: c.get('requestId') }, messageOf(error))
  return problem(c, 500, 'Something went wrong inside the server. Its log has more.')
}
