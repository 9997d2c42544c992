import { deleteCookie, getSignedCookie, setSignedCookie } from 'hono/cookie'
import type { Principal } from '../catalog/principal.js'
import type { HttpRequest } from './http-env.js'
import type { KeyRing } from './keys.js'

/** Stands for a key in a browser, which cannot send the key by itself. */
const COOKIE = 'api_catalog_key'

/** A working day; then the key is asked for again. */
const SESSION_SECONDS = 12 * 60 * 60

/**
 * Lets a browser act for the key of this name. The cookie says until when, under the signature,
 * since a browser need not forget it in time.
 */
export async function startSession(c: HttpRequest, keys: KeyRing, name: string): Promise<void> {
  const until = Math.floor(Date.now() / 1_000) + SESSION_SECONDS
  await setSignedCookie(c, COOKIE, `${until}.${name}`, keys.cookieSecret, {
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    maxAge: SESSION_SECONDS,
    // Who ends TLS in front of this server does not say so, but the page that posts the key does.
    secure: c.req.header('origin')?.startsWith('https:') ?? false,
  })
}

export function endSession(c: HttpRequest): void {
  deleteCookie(c, COOKIE, { path: '/' })
}

/** On whose behalf a browser acts; undefined without a cookie that is whole and still holds. */
export async function sessionPrincipal(
  c: HttpRequest,
  keys: KeyRing,
): Promise<Principal | undefined> {
  const value = await getSignedCookie(c, keys.cookieSecret, COOKIE)
  const found = /^(?<until>\d{1,12})\.(?<name>.+)$/.exec(value || '')?.groups
  if (!found || Number(found['until']) * 1_000 <= Date.now()) return undefined
  return keys.principalNamed(found['name'] ?? '')
}
