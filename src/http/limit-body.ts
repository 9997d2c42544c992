import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { HttpEnv } from './http-env.js'

/**
 * Answers with `onError` to bodies of more than `maxSize` bytes, whether they say their length or
 * come in chunks.
 *
 * For chunks Hono's own copies the request, which must then be a real one, and not what Hono's
 * server for Node has instead. A request that says neither has no body (RFC 9112, section 6.3).
 */
export function limitBody(options: {
  maxSize: number
  onError: (c: Context) => Response
}): MiddlewareHandler<HttpEnv> {
  const limited = bodyLimit(options)
  return async (c, next) => {
    const { raw } = c.req
    const { url, method, headers, body, signal } = raw
    if (method === 'TRACE') return next() // has no body; a Request of that kind cannot be made
    if (!headers.has('transfer-encoding')) {
      return headers.has('content-length') ? limited(c, next) : next()
    }
    c.req.raw = new Request(url, { method, headers, body, signal, duplex: 'half' })
    return limited(c, next)
  }
}
