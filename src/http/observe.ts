import type { MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { HttpContext, HttpEnv, HttpRequest } from './http-env.js'

/** Asked every few seconds by machines, and of no interest while they are answered well. */
const QUIET = new Set(['/healthz', '/readyz', '/metrics'])

/** Counts, times and logs each request, by the pattern of its route. */
export function observe({ app, log }: HttpContext): MiddlewareHandler<HttpEnv> {
  const { httpRequests, httpSeconds } = app.metrics
  return async (c, next) => {
    const begun = performance.now()
    await next()
    c.header('x-request-id', c.get('requestId'))
    const seconds = (performance.now() - begun) / 1_000
    const route = routeOf(c)
    const { method } = c.req
    const { status } = c.res
    httpRequests.inc({ method: METHODS.has(method) ? method : 'OTHER', route, status })
    httpSeconds.observe({ route }, seconds)
    const level = status >= 500 ? 'warn' : QUIET.has(route) ? 'debug' : 'info'
    log[level](
      {
        requestId: c.get('requestId'),
        method,
        route,
        status,
        ms: Math.round(seconds * 1_000),
        caller: c.get('principal')?.name,
      },
      'request',
    )
  }
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE'])

/** The pattern of the route that answered; never the path, which has names in it. */
function routeOf(c: HttpRequest): string {
  const patterns = matchedRoutes(c).map(({ path }) => path)
  return patterns.findLast((pattern) => !pattern.endsWith('*')) ?? 'none'
}
