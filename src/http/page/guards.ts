import type { MiddlewareHandler } from 'hono'
import { ForbiddenError } from '../../errors.js'
import { principalOf } from '../admission.js'
import type { HttpContext, HttpEnv } from '../http-env.js'
import { link } from './links.js'

/** Nothing but what this server gives: no script or style within a document, no other host. */
const POLICY = [
  `default-src 'none'`,
  `script-src 'self'`,
  `style-src 'self'`,
  `connect-src 'self'`,
  `img-src 'self' data:`,
  `form-action 'self'`,
  `frame-ancestors 'none'`,
  `base-uri 'none'`,
].join('; ')

/** What browsers may do with a page, and that they keep none of it. */
export const pageHeaders: MiddlewareHandler<HttpEnv> = async (c, next) => {
  await next()
  c.header('content-security-policy', POLICY)
  if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
}

/** Whoever has no key that is known is led to where one is asked for. */
export function onlySignedIn(context: HttpContext): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const principal = await principalOf(c, context)
    if (principal) {
      c.set('principal', principal)
      return next()
    }
    const { pathname, search } = new URL(c.req.url)
    const to = c.req.method === 'GET' && pathname + search !== '/' ? pathname + search : undefined
    // A part that is renewed would be replaced by the form; this has the whole page leave.
    if (c.req.header('hx-request')) return c.body(null, 401, { 'hx-redirect': '/login' })
    return c.redirect(link('/login', { to }), 303)
  }
}

/** Keys that may only read get a sentence. */
export const mustWrite: MiddlewareHandler<HttpEnv> = async (c, next) => {
  if (c.get('principal').scope !== 'write') {
    throw new ForbiddenError('This key may look, and change nothing. Sign in with one that writes.')
  }
  return next()
}
