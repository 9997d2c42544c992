import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { storageKinds } from '../setup/databases.js'
import { HttpProcess } from '../setup/http-server.js'
import { openStorage, runCommand, storageSettings } from '../setup/server.js'
import { specDocument, things } from '../setup/spec-document.js'

const asMcp = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
}

/**
 * Calls a tool, and resolves as soon as the server has the request in hand, which its `100 Continue`
 * says; `answer` is all of what it answers.
 */
async function begin(
  server: HttpProcess,
  name: string,
  args: object,
): Promise<{ answer: Promise<string> }> {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }
  const headers = { ...asMcp, expect: '100-continue' }
  const sent = request(new URL('/mcp', server.url), { method: 'POST', headers })
  const answer = once(sent, 'response').then(([response]) => text(response))
  await once(sent, 'continue')
  sent.end(JSON.stringify(body))
  return { answer }
}

describe.each(storageKinds)('on %s', (kind) => {
  test('a stop lets the calls that run be answered, ends streams, and gives jobs back', async () => {
    // No batch ends before the test does.
    await using ollama = await startFakeOllama({ slow: { texts: 1, delayMs: 600_000 } })
    const settings = await storageSettings(kind)
    const server = await HttpProcess.start({
      ...settings,
      OLLAMA_HOST: ollama.url,
      API_CATALOG_DRAIN_MS: '4000',
      API_CATALOG_LEASE_MS: '60000',
    })
    await (
      await begin(server, 'upload_spec', { content: specDocument('api', things(3)) })
    ).answer
    await expect.poll(() => ollama.requests.length, { timeout: 20_000 }).toBeGreaterThan(0)

    const events = await server.ask('/api/v1/events')
    const reader = events.body!.getReader()
    await reader.read() // it is open
    const waiting = await begin(server, 'embedding_status', { wait_ms: 1_500 })
    server.signal('SIGTERM')
    await expect.poll(() => server.log).toContain('letting what runs end')

    expect(await waiting.answer).toContain('"badge":"indexing"')
    let isOver = false
    while (!isOver) isOver = (await reader.read()).done
    const { hostname, port } = new URL(server.url)
    const [refused] = await once(connect(Number(port), hostname), 'error')
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' })
    expect(await server.exited()).toEqual({ code: 0, signal: null })

    await using db = await openStorage(settings)
    const jobs = await db.query<{ status: string; attempts: number }>(
      `select status, attempts from api_catalog.embedding_jobs`,
    )
    expect(jobs).toEqual([{ status: 'pending', attempts: 0 }])
  })
})

test('a second signal ends it at once', async () => {
  const server = await HttpProcess.start({
    ...(await storageSettings()),
    API_CATALOG_EMBEDDER: 'none',
    API_CATALOG_DRAIN_MS: '600000',
  })
  // A request that never comes to its end keeps the server.
  const { hostname, port } = new URL(server.url)
  const held = connect(Number(port), hostname)
  held.on('error', () => {})
  await once(held, 'connect')
  held.write('POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n')
  await server.ask('/healthz')
  server.signal('SIGTERM')
  await expect.poll(() => server.log).toContain('letting what runs end')
  server.signal('SIGTERM')
  expect(await server.exited()).toEqual({ code: null, signal: 'SIGTERM' })
})

test('who only embeds answers probes and metrics on its own port, and nothing else', async () => {
  const settings = await storageSettings('postgres')
  const worker = await HttpProcess.start(settings, ['--worker-only'])
  await runCommand(
    ['upload', '-', '--json'],
    { ...settings, API_CATALOG_EMBEDDER: 'bundled' },
    specDocument('api', things(3)),
  )
  await expect.poll(async () => (await worker.ask('/readyz')).status, { timeout: 20_000 }).toBe(200)
  expect((await worker.ask('/healthz')).status).toBe(200)
  const embedded = async () => (await worker.ask('/metrics')).text()
  await expect
    .poll(embedded, { timeout: 20_000 })
    .toContain('api_catalog_texts_total{result="embedded"} 3')
  for (const path of ['/mcp', '/', '/api/v1/events'])
    expect((await worker.ask(path)).status).toBe(404)
  worker.signal('SIGTERM')
  expect(await worker.exited()).toEqual({ code: 0, signal: null })
})

test('is alive but not ready while its database is away', async () => {
  const server = await HttpProcess.start({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' })
  expect((await server.ask('/healthz')).status).toBe(200)
  const ready = await server.ask('/readyz')
  expect(ready.status).toBe(503)
  // Why is in the log; whoever may ask this needs no key.
  expect(await ready.json()).toEqual({ status: 'not_ready' })
  server.signal('SIGTERM')
  expect((await server.exited()).code).toBe(0)
})
