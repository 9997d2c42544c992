import { beforeAll, describe, expect, test } from 'vitest'
import { expectText, hasBrowser, visit } from '../setup/browser.js'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { specDocument } from '../setup/spec-document.js'

const SCRIPT = `<img src=x onerror="window.isBroken=1"><script>window.isBroken=1</script>`
const HOSTILE = `${SCRIPT}"'><hx-partial hx-target="body"></hx-partial>\u202Egnp.exe\u200B</main>`

describe('whoever asks for the page', () => {
  let server: OpenServer

  beforeAll(async () => {
    server = await openHttpServer(await storageSettings())
    await server.app.services()
    const document = specDocument(HOSTILE, [
      {
        path: '/a"><script>window.isBroken=1</script>/{id}',
        operationId: `op${HOSTILE}`,
        summary: `invoice ${HOSTILE}`,
        description: HOSTILE,
        tags: [HOSTILE],
        parameters: [{ name: HOSTILE, in: 'query', schema: { type: HOSTILE } }],
      },
    ])
    const servers = [{ url: `javascript:window.isBroken=1//${HOSTILE}` }]
    const body = JSON.stringify({ ...(JSON.parse(document) as object), servers })
    const path = '/api/v1/catalogs/default/specs/hostile'
    expect((await server.ask(path, { method: 'PUT', body })).status).toBe(201)
    const revised = body.replace('invoice ', 'bill ')
    expect((await server.ask(path, { method: 'PUT', body: revised })).ok).toBe(true)
  })

  test('gets a policy by which nothing runs or is loaded but what this server gives', async () => {
    const { headers } = await server.ask('/')
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
        "img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    )
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('referrer-policy')).toBe('same-origin')
  })

  test('keeps styles and scripts for ever, since their names change with them', async () => {
    const page = await (await server.ask('/')).text()
    const assets = [...page.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!)
    expect(assets.length).toBeGreaterThan(3)
    for (const path of assets) {
      const { status, headers } = await server.ask(path)
      expect([path, status]).toEqual([path, 200])
      expect(headers.get('cache-control')).toContain('immutable')
    }
    expect((await server.ask('/assets/../../package.json')).status).toBe(404)
    expect((await server.ask('/assets/page.css')).status).toBe(404)
  })

  test('changes nothing from a page of another site', async () => {
    const attack = (headers: Record<string, string>) =>
      server.ask('/specs/default/hostile/delete', { method: 'POST', headers, redirect: 'manual' })
    expect((await attack({ origin: 'https://evil.example' })).status).toBe(403)
    expect((await attack({ origin: 'null' })).status).toBe(403)
    for (const site of ['cross-site', 'same-site']) {
      expect((await attack({ 'sec-fetch-site': site })).status).toBe(403)
    }
    expect((await server.ask('/specs/default/hostile/delete')).status).not.toBe(200)
    expect((await server.ask('/specs/default/hostile')).status).toBe(200)
  })

  test('gets a sentence for what makes no sense, and never the server’s inside', async () => {
    const problems: [path: string, status: number][] = [
      ['/?badge=purple', 400],
      ['/?catalog=%00', 400],
      ['/?catalog=missing', 404],
      ['/search?query=%20', 400],
      ['/search?query=x&cursor=y', 400],
      ['/operation', 400],
      ['/operation?id=%00', 400],
      ['/operation?id=zzz', 404],
      ['/jobs?cursor=x', 400],
      ['/specs/default/%00', 400],
      ['/specs/default/hostile/diff?from=99', 404],
      ['/specs/default/hostile/diff?from=one', 400],
    ]
    for (const [path, status] of problems) {
      const answer = await server.ask(path)
      expect([path, answer.status]).toEqual([path, status])
      expect(await answer.text()).toMatch(/<div id="notice"[^>]*>\s*<p>[^<]{10,}</)
    }
  })

  test('gets a sentence for a form that is too large or is none', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const post = (path: string, body: string, headers = form) =>
      server.ask(path, { method: 'POST', body, headers })
    const tooLarge = await post('/specs/default/hostile/retry', `back=${'x'.repeat(70_000)}`)
    expect(tooLarge.status).toBe(400)
    expect(await tooLarge.text()).toContain('more than the 64 KB')
    const none = await post('/upload', 'x', { 'content-type': 'multipart/form-data' })
    expect(none.status).toBe(400)
    expect(await none.text()).toContain('no form that can be read')
    expect(none.headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test.skipIf(!hasBrowser)('sees a hostile document as text, everywhere', async () => {
    const { page, faults } = await visit(`${server.url}/`)
    const id = `hostile:GET /a"><script>window.isBroken=1</script>/{id}`
    const paths = [
      '/',
      '/search?query=bill',
      `/search?query=${encodeURIComponent(HOSTILE)}&tag=${encodeURIComponent(HOSTILE)}`,
      '/specs/default/hostile',
      '/specs/default/hostile/diff?from=1&to=2',
      `/operation?id=${encodeURIComponent(id)}`,
      `/operation?id=${encodeURIComponent(HOSTILE)}`,
      `/jobs?spec=${encodeURIComponent(HOSTILE)}`,
      `/?name=${encodeURIComponent(HOSTILE)}`,
      `/?done=${encodeURIComponent(HOSTILE)}`,
    ]
    for (const path of paths) {
      await page.goto(`${server.url}${path}`)
      const found = await page.evaluate(
        `({ scripts: document.querySelectorAll('main script, main img').length,
            links: document.querySelectorAll('a[href^="javascript:" i]').length,
            isBroken: window.isBroken,
            unseen: /[\\u202E\\u200B]/.test(document.body.textContent) })`,
      )
      expect([path, found]).toEqual([path, { scripts: 0, links: 0, unseen: false }])
    }
    await page.goto(`${server.url}/search?query=bill`)
    await page.locator('.hit summary', { hasText: 'Contract' }).click()
    await expectText(page, '.hit .contract pre').toContain('GET')
    expect(await page.evaluate('window.isBroken')).toBeUndefined()
    expect(faults).toEqual([])
  })

  test.skipIf(!hasBrowser)('can look and change without scripts', async () => {
    const { page } = await visit(`${server.url}/search?query=bill`, { javaScriptEnabled: false })
    await page.locator('.hit summary', { hasText: 'Contract' }).click()
    await page.getByRole('link', { name: 'Show the contract' }).click()
    await expectText(page, '.operation').toContain('GET')
    await page.goto(`${server.url}/upload`)
    await page.getByLabel('Or paste its text').fill(specDocument('Plain', [{ path: '/p' }]))
    await page.getByRole('button', { name: 'Upload' }).click()
    await page.getByRole('button', { name: 'See the spec' }).click()
    await page.getByRole('button', { name: 'Embed again' }).click()
    await expectText(page, 'h1').toBe('plain')
    await page.getByText('Delete…').click()
    await page.getByRole('button', { name: 'Delete plain' }).click()
    await expectText(page, '#notice').toContain('is deleted')
  })
})
