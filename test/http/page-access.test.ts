import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectText, hasBrowser, troubles, visit } from '../setup/browser.js'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { specDocument, things } from '../setup/spec-document.js'

const PAGES = [
  '/',
  '/search?query=thing&method=get',
  '/operation?id=things:GET%20/things/1',
  '/upload',
  '/jobs',
  '/specs/default/things',
  '/specs/default/things/diff',
  '/?badge=failed',
]

/** Unfolds everything, contracts too, which are read from the server then. */
async function unfoldAll(page: Page): Promise<void> {
  await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true`)
  const contracts = await page.locator('.contract').count()
  await expect.poll(() => page.locator('.contract .operation').count()).toBe(contracts)
}

describe.skipIf(!hasBrowser)('the page can be used', () => {
  let server: OpenServer

  beforeAll(async () => {
    server = await openHttpServer(await storageSettings(), { worker: true })
    await server.app.services()
    const long = `${'x'.repeat(60)}/{${'y'.repeat(60)}}`
    for (const count of [3, 4]) {
      await server.ask('/api/v1/catalogs/default/specs/things', {
        method: 'PUT',
        body: specDocument('Things', [
          ...things(count),
          { path: `/${long}`, operationId: 'z'.repeat(120), summary: `thing ${'w'.repeat(200)}` },
        ]),
      })
    }
    for (let n = 0; n < 55; n++) {
      await server.ask(`/api/v1/catalogs/default/specs/more-${n}`, {
        method: 'PUT',
        body: specDocument(`More ${n}`, []),
      })
    }
  })

  test.each(['light', 'dark'] as const)('by everybody, in %s colours', async (colorScheme) => {
    const { page } = await visit(`${server.url}/`, { colorScheme })
    for (const path of PAGES) {
      await page.goto(`${server.url}${path}`)
      await unfoldAll(page)
      expect([path, await troubles(page)]).toEqual([path, []])
    }
  })

  test('on a phone, without scrolling aside', async () => {
    const { page } = await visit(`${server.url}/`, { viewport: { width: 320, height: 640 } })
    for (const path of PAGES) {
      await page.goto(`${server.url}${path}`)
      await unfoldAll(page)
      const width = await page.evaluate('document.documentElement.scrollWidth')
      expect([path, width]).toEqual([path, 320])
    }
  })

  test('with the keyboard: past the navigation, to a question, to a contract', async () => {
    const { page } = await visit(`${server.url}/`)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('query')
    await page.keyboard.type('thing 1')
    await page.keyboard.press('Enter')
    await expectText(page, '.hits').toContain('/things/1')
    await page.locator('.hit .contract summary').first().focus()
    await page.keyboard.press('Enter')
    await expectText(page, '.hit .contract pre').toContain('GET /things')
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outlineStyle')
    expect(outline).toBe('solid')
  })

  test('for many specs: a page of them at a time, and what is unfolded stays so', async () => {
    const { page } = await visit(`${server.url}/`)
    expect(await page.locator('.specs li').count()).toBe(50)
    await expectText(page, '.pager').toContain('Page 1 of 2, 56 specs')
    await page.getByRole('link', { name: 'Next' }).click()
    expect(await page.locator('.specs li').count()).toBe(6)
    await page.goto(`${server.url}/specs/default/things`)
    await page.getByText('Delete…').click()
    const renewed = page.waitForResponse((answer) => answer.url().endsWith('/specs/default/things'))
    await server.ask('/api/v1/catalogs/default/specs/things/reembed', { method: 'POST' })
    await renewed
    await expectText(page, 'tbody').toContain('retry')
    expect(await page.getByRole('button', { name: 'Delete things' }).isVisible()).toBe(true)
  })
})
