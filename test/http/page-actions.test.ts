import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { expectText, hasBrowser, visit } from '../setup/browser.js'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { specDocument, things, type OperationSketch } from '../setup/spec-document.js'

const INVOICES: OperationSketch[] = [
  { path: '/invoices', operationId: 'listInvoices', summary: 'List the invoices of a customer' },
  { method: 'post', path: '/invoices', operationId: 'createInvoice', summary: 'Write an invoice' },
]

describe.skipIf(!hasBrowser)('on the page', () => {
  let server: OpenServer

  async function put(name: string, document: string) {
    const path = `/api/v1/catalogs/default/specs/${name}`
    expect((await server.ask(path, { method: 'PUT', body: document })).ok).toBe(true)
  }

  async function open(path: string): Promise<Page> {
    return (await visit(`${server.url}${path}`)).page
  }

  beforeAll(async () => {
    const settings = { ...(await storageSettings()), API_CATALOG_HTTP_URLS: 'on' }
    server = await openHttpServer(settings, { worker: true })
    await server.app.services()
    await put('invoices', specDocument('Invoices', INVOICES))
  })

  test('a document is pasted, and its warnings are shown', async () => {
    const page = await open('/upload')
    const document = specDocument('Pasted', [...things(2), { path: '/b', responses: {} }])
    await page.getByLabel('Or paste its text').fill(JSON.stringify(JSON.parse(document), null, 2))
    await page.getByRole('button', { name: 'Upload' }).click()
    await expectText(page, 'h1').toBe('pasted')
    await expectText(page, 'main').toContain('created: revision 1, 3 operations')
    await expectText(page, 'table').toContain('NO_SERVERS')
    await page.getByRole('button', { name: 'See the spec' }).click()
    await expectText(page, 'h1').toBe('pasted')
  })

  test('a file is dropped', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'api-catalog-page-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'dropped.json')
    await writeFile(file, specDocument('Dropped', things(4)))
    const page = await open('/upload')
    const box = (await page.locator('.drop').boundingBox())!
    const browser = await page.context().newCDPSession(page)
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await browser.send('Input.dispatchDragEvent', {
        type,
        x: box.x + box.width / 2,
        y: box.y + 20,
        data: { items: [], files: [file], dragOperationsMask: 1 },
      })
    }
    await page.getByRole('button', { name: 'Upload' }).click()
    await expectText(page, 'main').toContain('revision 1, 4 operations')
    await expectText(page, 'h1').toBe('dropped')
  })

  test('a document is fetched from its URL, and refreshed when it changes', async () => {
    let document = specDocument('Fetched', things(1))
    const origin = createServer((_, response) => response.end(document)).listen(0, '127.0.0.1')
    onTestFinished(() => void origin.close())
    const page = await open('/upload')
    const url = `http://127.0.0.1:${(origin.address() as AddressInfo).port}/openapi.json`
    await page.getByLabel('Or its URL').fill(url)
    await page.getByRole('button', { name: 'Upload' }).click()
    await expectText(page, 'main').toContain('revision 1, 1 operation')
    await page.getByRole('button', { name: 'See the spec' }).click()
    await page.getByRole('button', { name: 'Refresh from its URL' }).click()
    await expectText(page, '#notice').toContain('has not changed')
    document = specDocument('Fetched', things(2))
    await page.getByRole('button', { name: 'Refresh from its URL' }).click()
    await expectText(page, '#notice').toContain('the new revision')
    await expectText(page, 'main').toContain('2 operations, revision 2')
    document = 'no document'
    await page.getByRole('button', { name: 'Refresh from its URL' }).click()
    await expectText(page, '#notice').toContain('could not be refreshed')
    await expectText(page, '.reason').toContain('Not refreshed')
  })

  test('URLs are not offered where the server fetches none', async () => {
    const without = await openHttpServer(await storageSettings())
    const { page } = await visit(`${without.url}/upload`)
    expect(await page.getByLabel('Or its URL').count()).toBe(0)
    await expectText(page, 'form').toContain('API_CATALOG_HTTP_URLS=on')
  })

  test('what cannot be taken is refused with the reason, and what was typed stays', async () => {
    const page = await open('/upload')
    await page.getByRole('button', { name: 'Upload' }).click()
    await expectText(page, '#notice').toContain('Give one document')
    await page.getByLabel('Or paste its text').fill('hello: world')
    await page.getByLabel('Name').fill('hello')
    await page.getByRole('button', { name: 'Upload' }).click()
    await expectText(page, '#notice').toContain('NOT_OPENAPI')
    expect(await page.getByLabel('Or paste its text').inputValue()).toBe('hello: world')
    expect(await page.getByLabel('Name').inputValue()).toBe('hello')
  })

  test('a question is answered as an agent would be, with the reason and the contract', async () => {
    const page = await open('/')
    await page.getByRole('searchbox', { name: 'What do you want' }).fill('list invoices')
    await page.getByRole('button', { name: 'Search' }).click()
    await expectText(page, '.hit .id').toMatch(/^GET\s+\/invoices/)
    const hit = page.getByRole('article', { name: 'invoices:listInvoices' })
    await hit.getByText('Why').click()
    await expect.poll(() => hit.locator('.why').innerText()).toMatch(/By words: place 1\./)
    const reasons = await hit.locator('.why li').allInnerTexts()
    expect(reasons).toContainEqual(
      expect.stringMatching(/^invoic\w* in path, operation id, summary$/),
    )
    await hit.getByText('Contract', { exact: true }).click()
    await expect
      .poll(() => hit.locator('.contract pre').first().innerText())
      .toContain('GET /invoices')
    await expect.poll(() => hit.locator('.contract').innerText()).toContain('curl')
    await page.getByText('What an agent reads').click()
    await expectText(page, '.agent pre').toMatch(
      /^\d+ hits .*embedded\.\n[^]*Next: `get_operation`/,
    )
    await hit.getByRole('link', { name: '/invoices', exact: true }).click()
    await expectText(page, 'h1').toBe('invoices:listInvoices')
  })

  test('a question is narrowed by its form', async () => {
    const page = await open('/search?query=invoice&method=post')
    await expectText(page, '.hit .id').toMatch(/^POST\s+\/invoices$/)
    expect(await page.getByLabel('Method').inputValue()).toBe('post')
    await page.goto(`${server.url}/search?query=invoice&ranking=lexical`)
    await expectText(page, 'main').toContain('ranking lexical')
    const ranking = page.getByLabel('Ranking')
    expect(await ranking.inputValue()).toBe('lexical')
    expect(await ranking.locator('option').allInnerTexts()).not.toContain('all')
    await page.goto(`${server.url}/search?query=x&spec=missing`)
    await expectText(page, '#notice').toContain('No spec named "missing"')
  })

  test('a question that nothing fits is told so', async () => {
    const page = await open('/search?query=the+weather+tomorrow+for+an+invoice')
    await expectText(page, 'main').toContain('Nothing fits well; the nearest of')
    await page.goto(`${server.url}/search?query=invoice`)
    await expectText(page, 'main').not.toContain('Nothing fits well')
  })

  test('an operation that several are called by leads to each of them', async () => {
    await put('other', specDocument('Other', INVOICES))
    const page = await open('/operation?id=createInvoice')
    await page.getByRole('link', { name: 'other:createInvoice' }).click()
    await expectText(page, '.operation').toContain('POST')
  })

  test('revisions are compared, and one is made current again', async () => {
    await put('changing', specDocument('Changing', things(3)))
    await put('changing', specDocument('Changing', things(2)))
    const page = await open('/specs/default/changing')
    await page.getByRole('link', { name: 'What changed since 1' }).click()
    await expectText(page, 'main').toContain('1 breaking change')
    await expectText(page, '.diff.removed').toContain('changing:GET /things/2')
    await page.goBack()
    await page.getByRole('button', { name: 'Back to 1' }).click()
    await expectText(page, '#notice').toContain('as it was in that revision')
    await expectText(page, 'main').toContain('3 operations, revision 3')
    await page.getByRole('combobox', { name: /^From/ }).selectOption('1')
    await page.getByRole('combobox', { name: /^To/ }).selectOption('3')
    await page.getByRole('button', { name: 'Compare' }).click()
    await expectText(page, 'main').toContain('No operation differs.')
  })

  test('a spec is deleted after one more question', async () => {
    await put('gone', specDocument('Gone', things(1)))
    const page = await open('/specs/default/gone')
    expect(await page.getByRole('button', { name: 'Delete gone' }).isVisible()).toBe(false)
    await page.getByText('Delete…').click()
    await page.getByRole('button', { name: 'Delete gone' }).click()
    await expectText(page, '#notice').toContain('is deleted')
    expect(await page.locator('#spec-default-gone').count()).toBe(0)
    expect((await page.goto(`${server.url}/specs/default/gone`))?.status()).toBe(404)
    await expectText(page, '#notice').toContain('No spec named "gone"')
  })

  test('jobs are listed newest first, by pages, and narrowed by spec and state', async () => {
    for (let n = 0; n < 30; n++)
      await put(
        'busy',
        specDocument(
          'Busy',
          things(1, () => `text ${n}`),
        ),
      )
    const page = await open('/jobs?spec=busy')
    const first = () => page.locator('tbody tr').first().locator('td').first().innerText()
    const newest = Number(await first())
    const count = await page.locator('tbody tr').count()
    expect(count).toBeLessThanOrEqual(25)
    if (count === 25) {
      await page.getByRole('link', { name: 'Older jobs' }).click()
      await expect.poll(async () => Number(await first())).toBeLessThan(newest)
    }
    await page.goto(`${server.url}/jobs`)
    await page.getByLabel('State').selectOption('failed')
    await page.getByRole('button', { name: 'Filter' }).click()
    await expectText(page, '#live').toContain('There are no such jobs.')
    await page.getByLabel('State').selectOption('succeeded')
    await page.getByRole('textbox', { name: 'Spec' }).fill('invoices')
    await page.getByRole('button', { name: 'Filter' }).click()
    await expectText(page, 'tbody').toMatch(/invoices\s+upload\s+succeeded/)
  })
})
