import type { MiddlewareHandler } from 'hono'
import type { Principal } from '../catalog/principal.js'
import type { HttpContext, HttpEnv, HttpRequest } from './http-env.js'
import { problem } from './problem.js'
import { sessionPrincipal } from './session.js'

const BEARER = 'Bearer realm="api-catalog-mcp"'

/** Lets pass what was sent to one of the server's names, and by none but its own pages. */
export function onlyKnownHosts({ hosts }: HttpContext): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const host = c.req.header('host')
    if (!hosts.allowsHost(host)) {
      return problem(
        c,
        403,
        'This server does not answer to that Host. If it should, name it in API_CATALOG_ALLOWED_HOSTS.',
      )
    }
    const origin = c.req.header('origin')
    if (origin !== undefined && !hosts.allowsOrigin(origin, host)) {
      return problem(c, 403, 'Pages of that Origin may not use this server.')
    }
    if (isForeignWrite(c)) {
      return problem(c, 403, 'Pages of other sites may change nothing here.')
    }
    return next()
  }
}

/** Browsers tell by this whose page a request comes from, down to the port. */
function isForeignWrite(c: HttpRequest): boolean {
  const from = c.req.header('sec-fetch-site') ?? 'none'
  const isWrite = !['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)
  return isWrite && from !== 'none' && from !== 'same-origin'
}

/** Finds out on whose behalf a request runs; without a key that is known it is refused. */
export function onlyKnownKeys(context: HttpContext): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    const principal = await principalOf(c, context)
    if (!principal) {
      const hasKey = c.req.header('authorization') !== undefined
      return problem(c, 401, 'Send a key of this server: `Authorization: Bearer <key>`.', {
        'www-authenticate': hasKey ? `${BEARER}, error="invalid_token"` : BEARER,
      })
    }
    c.set('principal', principal)
    await next()
    // A browser that is logged in by a cookie would keep what it was shown.
    if (!c.res.headers.has('cache-control')) c.header('cache-control', 'no-store')
    return undefined
  }
}

/** Lets pass who may change something (RFC 6750, section 3.1). */
export function onlyWriters(): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (c.get('principal').scope === 'write') return next()
    return problem(c, 403, 'This key may only read: this needs one that may write.', {
      'www-authenticate': `${BEARER}, error="insufficient_scope", scope="write"`,
    })
  }
}

/** The caller, by the key in the header or else by the page's cookie. */
export async function principalOf(
  c: HttpRequest,
  { keys, anyone }: Pick<HttpContext, 'keys' | 'anyone'>,
): Promise<Principal | undefined> {
  if (!keys) return anyone
  const header = c.req.header('authorization')
  if (header !== undefined) {
    const key = /^bearer +(\S+)$/i.exec(header)?.[1]
    return key === undefined ? undefined : keys.principalOf(key)
  }
  return sessionPrincipal(c, keys)
}
