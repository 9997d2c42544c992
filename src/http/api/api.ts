import { Hono } from 'hono'
import { usePlainErrors } from '../../app/plain-errors.js'
import type { HttpContext, HttpEnv, HttpRequest } from '../http-env.js'
import { mountRoutes } from './mount-routes.js'
import { openApiDocument } from './openapi-document.js'
import { embeddingRoutes } from './routes/embedding.js'
import { revisionRoutes } from './routes/revisions.js'
import { searchRoutes } from './routes/search.js'
import { specRoutes } from './routes/specs.js'
import { uploadRoutes } from './routes/uploads.js'

const routes = [
  ...specRoutes,
  ...uploadRoutes,
  ...revisionRoutes,
  ...embeddingRoutes,
  ...searchRoutes,
]

/** `/api/v1`, and the document that describes it at `/openapi.json`. */
export function api(context: HttpContext): Hono<HttpEnv> {
  usePlainErrors()
  const hasKeys = context.keys !== null
  return new Hono<HttpEnv>()
    .get('/openapi.json', (c) => c.json(openApiDocument(routes, { origin: originOf(c), hasKeys })))
    .route('/', mountRoutes(context, routes))
}

/** As the caller reached it: the host was checked, an address in the request line was not. */
function originOf(c: HttpRequest): string {
  return `${new URL(c.req.url).protocol}//${c.req.header('host')}`
}
