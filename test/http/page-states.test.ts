import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { startFakeOllama, type FakeOllama } from '../fakes/ollama-server.js'
import { expectText, hasBrowser, troubles, visit, type Visit } from '../setup/browser.js'
import { makeDue } from '../setup/catalog.js'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { openStorage, storageSettings, type Settings } from '../setup/server.js'
import { specDocument, things } from '../setup/spec-document.js'

describe.skipIf(!hasBrowser)('the page of a catalog', () => {
  let settings: Settings
  let ollama: FakeOllama
  let server: OpenServer
  let db: Database
  let shown: Visit
  let release = (): void => {}

  const badge = (name: string) => `#spec-default-${name} .badge`

  async function upload(name: string, operations = things(3, (n) => `${name} ${n}`)) {
    const answer = await server.ask(`/api/v1/catalogs/default/specs/${name}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: specDocument(name, operations),
    })
    expect(answer.status).toBe(201)
  }

  beforeAll(async () => {
    ollama = await startFakeOllama()
    settings = {
      ...(await storageSettings()),
      OLLAMA_HOST: ollama.url,
      API_CATALOG_MAX_RETRIES: '1',
      API_CATALOG_RETRY_BASE_MS: '3600000',
      API_CATALOG_BATCH_SIZE: '8',
    }
    server = await openHttpServer(settings, { worker: true })
    await server.app.services()
    db = await openStorage(settings)
    shown = await visit(server.url)
  })

  afterAll(async () => {
    release()
    await db[Symbol.asyncDispose]()
    await ollama[Symbol.asyncDispose]()
  })

  test('says what to do first, and shows the first spec without being asked again', async () => {
    const { page } = shown
    await expectText(page, 'main').toContain('There are no specs yet.')
    await upload('good')
    await expectText(page, badge('good')).toBe('3/3 indexed')
    await expectText(page, '.rollup').toBe('1 spec\n1 indexed')
  })

  test('shows a failed spec with its error, and the button that embeds it again', async () => {
    const { page } = shown
    await ollama.set({ refused: /broken|shaky/, refusedStatus: 500 })
    await upload('broken')
    await expectText(page, badge('broken')).toBe('retrying (1 try)')
    await makeDue(db)
    await expectText(page, badge('broken')).toBe('failed')
    await expectText(page, '#spec-default-broken').toContain('cannot be embedded')
    expect(await page.getByRole('button', { name: 'Retry broken' }).count()).toBe(1)
  })

  test('shows what waits for another try, and why', async () => {
    const { page } = shown
    await upload('shaky')
    await expectText(page, badge('shaky')).toBe('retrying (1 try)')
    await expectText(page, '#spec-default-shaky .reason').toContain('cannot be embedded')
    expect(await page.getByRole('button', { name: 'Retry shaky' }).count()).toBe(0)
  })

  test('shows a spec without operations as empty', async () => {
    await upload('nothing', [])
    await expectText(shown.page, badge('nothing')).toBe('empty')
  })

  test('shows what is being embedded, what waits behind it, and how each goes on', async () => {
    const { page } = shown
    const held = new Promise<void>((resolve) => (release = resolve))
    await ollama.set({ refused: null, held })
    await upload(
      'long',
      things(40, (n) => `long ${n}`),
    )
    await expectText(page, badge('long')).toBe('indexing 0/40')
    expect(await page.locator('#spec-default-long progress').getAttribute('max')).toBe('40')
    await upload('behind')
    await expectText(page, badge('behind')).toBe('queued')
    await expectText(page, '.state').toMatch(/Queue: 1 running, 2 jobs waiting, the oldest for \d+/)
    for (const colorScheme of ['dark', 'light'] as const) {
      const other = await visit(server.url, { colorScheme })
      expect(await troubles(other.page)).toEqual([])
    }
    await ollama.set({ held: null })
    release()
    await expectText(page, badge('long')).toBe('40/40 indexed')
    await expectText(page, badge('behind')).toBe('3/3 indexed')
  })

  test('embeds a failed spec again on Retry, in place', async () => {
    const { page } = shown
    await page.evaluate('window.isSame = true')
    await page.getByRole('button', { name: 'Retry broken' }).click()
    await expectText(page, badge('broken')).toBe('3/3 indexed')
    expect(await page.evaluate('window.isSame')).toBe(true)
  })

  test('lists what the embedder refuses with its error, and tries it again on Retry', async () => {
    const { page } = shown
    await ollama.set({ refused: /unspeakable/, refusedStatus: 400 })
    await upload('odd', [
      { path: '/fine', operationId: 'fine', summary: 'a fine thing' },
      { path: '/bad', operationId: 'bad', summary: 'an unspeakable thing' },
    ])
    await expectText(page, badge('odd')).toBe('1/2 indexed')
    await expectText(page, '#spec-default-odd').toContain('1 without a vector')
    const refused = page.getByRole('listitem').filter({ hasText: 'odd:bad' })
    expect(await refused.getByRole('link').innerText()).toBe('odd:bad')
    await ollama.set({ refused: null })
    await refused.getByRole('button', { name: 'Retry odd' }).click()
    await expectText(page, badge('odd')).toBe('2/2 indexed')
    expect(await refused.count()).toBe(0)
  })

  test('says how the embedder is, and what the queue waits for', async () => {
    const { page } = shown
    await expectText(page, '.provider').toContain('nomic-embed-text')
    await ollama.set({ down: true })
    await upload('late')
    await expectText(page, badge('late')).toBe('queued')
    await expectText(page, '#spec-default-late .reason').toContain('cannot be reached')
    await expectText(page, '.provider').toContain('unreachable')
    await ollama.set({ down: false })
    await makeDue(db)
    await expectText(page, badge('late'), 40_000).toBe('3/3 indexed')
  })

  test('is narrowed by state and by name', async () => {
    const { page, faults } = shown
    await page.getByRole('combobox', { name: 'State' }).selectOption('empty')
    await page.getByRole('button', { name: 'Filter' }).click()
    await expectText(page, '.specs').toMatch(/^nothing\n/)
    await page.goto(`${server.url}/?name=SHAK`)
    expect(await page.locator('.specs li').count()).toBe(1)
    await page.goto(`${server.url}/?name=nowhere`)
    await expectText(page, 'main').toContain('No spec is like that.')
    expect(faults).toEqual([])
  })

  test('is read again now and then where there is no stream of events', async () => {
    const { page } = await visit('about:blank')
    await page.route('**/api/v1/events', (route) => route.abort())
    await page.goto(server.url)
    await upload('unannounced')
    await expectText(page, badge('unannounced'), 40_000).toBe('3/3 indexed')
  })
})

test.skipIf(!hasBrowser)(
  'a catalog that nobody embeds is searched by words, and says so',
  async () => {
    const server = await openHttpServer({
      ...(await storageSettings()),
      API_CATALOG_EMBEDDER: 'none',
    })
    const put = { method: 'PUT', body: specDocument('Things', things(2)) }
    await server.ask('/api/v1/catalogs/default/specs/things', put)
    const { page } = await visit(server.url)
    await expectText(page, '#spec-default-things .badge').toBe('lexical only')
    await expectText(page, '.provider').toBe('No embedder: search is by words.')
  },
)
