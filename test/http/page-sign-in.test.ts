import { beforeAll, describe, expect, test } from 'vitest'
import { expectText, hasBrowser, visit } from '../setup/browser.js'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { specDocument, things } from '../setup/spec-document.js'

describe('with keys', () => {
  let server: OpenServer
  const keys = 'writer:let-me-change-things,reader:let-me-look:read'

  beforeAll(async () => {
    const settings = await storageSettings()
    server = await openHttpServer({ ...settings, API_CATALOG_KEYS: keys })
    await server.app.services()
    await server.ask('/api/v1/catalogs/default/specs/things', {
      method: 'PUT',
      headers: { authorization: 'Bearer let-me-change-things' },
      body: specDocument('Things', things(2)),
    })
  })

  /** Logs in as a form of the page does; gives the cookie. */
  async function cookieFor(key: string, origin = server.url): Promise<string> {
    const answer = await server.ask('/login', {
      method: 'POST',
      body: new URLSearchParams({ key }),
      headers: { origin },
      redirect: 'manual',
    })
    return answer.headers.get('set-cookie') ?? ''
  }

  const withCookie = (path: string, cookie: string, init: RequestInit = {}) =>
    server.ask(path, { ...init, redirect: 'manual', headers: { cookie: cookie.split(';')[0]! } })

  test('a browser without one is led to the form that asks for it, and back', async () => {
    const answer = await server.ask('/search?query=things', { redirect: 'manual' })
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe('/login?to=%2Fsearch%3Fquery%3Dthings')
    expect((await server.ask('/', { redirect: 'manual' })).headers.get('location')).toBe('/login')
    const part = await server.ask('/', { headers: { 'hx-request': 'true' } })
    expect([part.status, part.headers.get('hx-redirect')]).toEqual([401, '/login'])
  })

  test('the form leads nowhere else', async () => {
    for (const to of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      'javascript:1',
    ]) {
      const answer = await server.ask('/login', {
        method: 'POST',
        body: new URLSearchParams({ key: 'let-me-look', to }),
        redirect: 'manual',
      })
      expect([to, answer.headers.get('location')]).toEqual([to, '/'])
    }
  })

  test('the cookie is for this server’s own pages alone, and for some hours', async () => {
    const cookie = await cookieFor('let-me-look')
    expect(cookie).toMatch(/; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/i)
    expect(await cookieFor('let-me-look', server.url.replace('http', 'https'))).toMatch(/; Secure/)
    expect(await cookieFor('let-me-in')).toBe('')
    expect((await withCookie('/', cookie)).status).toBe(200)
  })

  test('a cookie that was changed, or is over, opens nothing', async () => {
    const cookie = decodeURIComponent((await cookieFor('let-me-look')).split(';')[0]!)
    const [name, value = ''] = cookie.split(/=(.*)/s)
    const longer = value.replace(/^\d+/, (until) => String(Number(until) + 1))
    const other = value.replace('reader', 'writer')
    for (const forged of [longer, other, 'reader', '']) {
      const answer = await withCookie('/', `${name}=${encodeURIComponent(forged)}`)
      expect(answer.headers.get('location')).toBe('/login')
    }
    expect((await withCookie('/', `${name}=${encodeURIComponent(value)}`)).status).toBe(200)
  })

  test('a key that may only read is refused every change', async () => {
    const cookie = await cookieFor('let-me-look')
    for (const action of ['retry', 'refresh', 'rollback', 'delete']) {
      const path = `/specs/default/things/${action}`
      expect((await withCookie(path, cookie, { method: 'POST' })).status).toBe(403)
    }
    expect((await withCookie('/upload', cookie)).status).toBe(403)
    expect((await withCookie('/upload', cookie, { method: 'POST' })).status).toBe(403)
    expect((await withCookie('/specs/default/things', cookie)).status).toBe(200)
  })

  test.skipIf(!hasBrowser)('people log in, see what their key may do, and log out', async () => {
    const { page } = await visit(`${server.url}/specs/default/things`)
    await page.getByLabel('Key of this server').fill('guessed')
    await page.getByRole('button', { name: 'Log in' }).click()
    await expectText(page, '#notice').toContain('no key of this server')
    await page.getByLabel('Key of this server').fill('let-me-look')
    await page.getByRole('button', { name: 'Log in' }).click()
    await expectText(page, 'h1').toBe('things')
    await expectText(page, 'header').toContain('reader (read only)')
    expect(await page.getByRole('button', { name: /again|Delete|Retry/ }).count()).toBe(0)
    expect(await page.getByRole('link', { name: 'Upload' }).count()).toBe(0)
    await page.getByRole('button', { name: 'Log out' }).click()
    await expectText(page, 'h1').toBe('Log in')
    await page.getByLabel('Key of this server').fill('let-me-change-things')
    await page.getByRole('button', { name: 'Log in' }).click()
    await expectText(page, '#spec-default-things .badge').toBe('queued')
    await page.goto(`${server.url}/specs/default/things`)
    await page.getByRole('button', { name: 'Embed again' }).click()
    await expectText(page, 'h1').toBe('things')
    await page.context().clearCookies()
    // The page renews itself, and may be led there before the button is pressed.
    const pressed = page.getByRole('button', { name: 'Embed again' }).click()
    await Promise.race([pressed.catch(() => undefined), page.waitForURL('**/login*')])
    await expectText(page, 'h1').toBe('Log in')
  })
})
