// Makes the pictures of docs/page.md: `node scripts/screenshots.mjs`, after a build. Starts the server on
// a fresh data directory, with a stand-in for Ollama that holds and fails as the pictures want it, and
// looks at its page with the Chromium of CHROMIUM or Debian.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const SERVER = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const PICTURES = fileURLToPath(new URL('../docs/screenshots/', import.meta.url))
const BLOCKFROST = createRequire(import.meta.url).resolve('@blockfrost/openapi/openapi.yaml')
const RETRY_MS = 8_000

const provider = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy())
})
provider.listen(0, '127.0.0.1')
await once(provider, 'listening')

let warehouseBatches = 0

/** Ollama's answers. Texts about ledgers and parcels fail; of warehouses the first batches pass. */
async function answer(request, response) {
  const send = (value, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
  if (request.url === '/api/version') return send({ version: '0.13.5' })
  if (request.url === '/api/tags') {
    return send({
      models: [{ name: 'nomic-embed-text:latest', digest: 'a'.repeat(64), details: {} }],
    })
  }
  const { input, model } = await json(request)
  const texts = [input].flat()
  if (texts.some((text) => /entries of a ledger|list the parcels/i.test(text))) {
    return send({ error: 'llama runner process has terminated' }, 500)
  }
  if (texts.some((text) => text.includes('warehouse')) && ++warehouseBatches > 3) return // never
  send({ model, embeddings: texts.map(vectorOf) })
}

/** The same text gives the same vector, and texts that share words are near. */
function vectorOf(text) {
  const vector = Array.from({ length: 64 }, () => 0)
  for (const word of text.toLowerCase().match(/\p{L}+/gu) ?? ['nothing']) {
    let hash = 2166136261
    for (const letter of word) hash = Math.imul(hash ^ letter.codePointAt(0), 16777619)
    vector[(hash >>> 0) % 64] += 1
  }
  const norm = Math.hypot(...vector)
  return vector.map((number) => number / norm)
}

const dataDir = await mkdtemp(join(tmpdir(), 'api-catalog-pictures-'))
const server = spawn(process.execPath, [SERVER, 'serve', '--http', '0'], {
  env: {
    PATH: process.env.PATH,
    API_CATALOG_DATA_DIR: dataDir,
    API_CATALOG_MAX_RETRIES: '1',
    API_CATALOG_RETRY_BASE_MS: String(RETRY_MS),
    API_CATALOG_BATCH_SIZE: '8',
    API_CATALOG_HTTP_URLS: 'on',
    OLLAMA_HOST: `http://127.0.0.1:${provider.address().port}`,
  },
  stdio: ['ignore', 'ignore', 'pipe'],
})
const url = await new Promise((resolve) => {
  let log = ''
  server.stderr.setEncoding('utf8').on('data', (text) => {
    log += text
    const [, found] = /listening on (http:\S+?)"/.exec(log) ?? []
    if (found) resolve(found)
  })
})

async function upload(catalog, name, content) {
  const path = `/api/v1/catalogs/${catalog}/specs/${name}`
  const answer = await fetch(url + path, { method: 'PUT', body: content })
  if (!answer.ok) throw new Error(await answer.text())
}

function document(title, version, operations) {
  const paths = {}
  for (const [method, path, operationId, summary] of operations) {
    const responses = { 200: { description: 'OK' } }
    paths[path] = { ...paths[path], [method]: { operationId, summary, responses } }
  }
  const servers = [{ url: 'https://api.example.com' }]
  return JSON.stringify({ openapi: '3.1.0', info: { title, version }, servers, paths })
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})

async function look(path, { width = 960, height = 720, colorScheme = 'light' } = {}) {
  const page = await browser.newPage({ viewport: { width, height }, colorScheme })
  await page.goto(url + path)
  return page
}

const badge = (page, name, text) =>
  page.locator(`#spec-default-${name} .badge`, { hasText: text }).waitFor({ timeout: 60_000 })

const INVOICES = [
  ['get', '/invoices', 'listInvoices', 'List the invoices of a customer'],
  ['post', '/invoices', 'createInvoice', 'Write an invoice'],
  ['get', '/invoices/{id}', 'getInvoice', 'Read an invoice'],
  ['post', '/refunds', 'createRefund', 'Pay money back to a customer'],
  ['delete', '/invoices/{id}', 'cancelInvoice', 'Cancel an invoice'],
]

try {
  await mkdir(PICTURES, { recursive: true })
  const picture = (page, name) =>
    page.screenshot({ path: `${PICTURES}${name}.png`, animations: 'disabled' })
  const page = await look('/', { height: 1040 })
  await upload('default', 'billing', document('Billing', '2.4', INVOICES))
  await upload('default', 'cardano', await readFile(BLOCKFROST))
  await upload('default', 'archive', document('Archive', '1.0', []))
  await upload(
    'default',
    'ledger',
    document('Ledger', '3.1', [['get', '/entries', 'list', 'List the entries of a ledger']]),
  )
  await badge(page, 'cardano', 'indexed')
  await badge(page, 'ledger', 'failed')
  await upload(
    'default',
    'shipping',
    document('Shipping', '0.9', [['get', '/parcels', 'list', 'List the parcels']]),
  )
  await badge(page, 'shipping', 'retrying')
  const halls = Array.from({ length: 100 }, (_, n) => [
    'get',
    `/halls/${n}`,
    `hall${n}`,
    `Read warehouse ${n}`,
  ])
  await upload('default', 'warehouse', document('Warehouse', '1.2', halls))
  await upload(
    'default',
    'weather',
    document('Weather', '5', [['get', '/forecast', 'forecast', 'Read the forecast']]),
  )
  await badge(page, 'warehouse', /indexing [1-9]/)
  await badge(page, 'weather', 'queued')
  await picture(page, 'catalog-light')
  await page.emulateMedia({ colorScheme: 'dark' })
  await picture(page, 'catalog-dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 360, height: 720 })
  await picture(page, 'catalog-phone')

  const search = await look('/search?query=give+a+customer+money+back', { height: 900 })
  const hit = search.locator('.hit').first()
  await hit.locator('.why summary').click()
  await hit.locator('.contract summary').click()
  await hit.locator('.contract pre').first().waitFor()
  await picture(search, 'search')

  const uploading = await look('/upload')
  await uploading.getByLabel('Or paste its text').fill(`openapi: 3.1.0
info: { title: Greetings, version: '1' }
paths:
  /hello:
    get: { operationId: hello, summary: Say hello, parameters: [{ $ref: '#/components/parameters/Lost' }] }
    post: { operationId: hello, summary: Say it again }
`)
  await uploading.getByRole('button', { name: 'Upload' }).click()
  await uploading.locator('table').waitFor()
  await picture(uploading, 'upload')

  const changed = [
    INVOICES[0],
    INVOICES[1],
    INVOICES[2],
    ['put', '/invoices/{id}', 'changeInvoice', 'Change an invoice'],
  ]
  await upload('default', 'billing', document('Billing', '3.0', changed))
  await picture(await look('/specs/default/billing/diff', { height: 560 }), 'diff')
  await picture(await look('/specs/default/billing'), 'spec')
} finally {
  await browser.close()
  server.kill('SIGTERM')
  await once(server, 'close')
  provider.close()
  provider.closeAllConnections()
  await rm(dataDir, { recursive: true })
}
