import { describe, expect, test, vi } from 'vitest'
import { startFakeOllama, type FakeOllama } from '../fakes/ollama-server.js'
import { storageKinds } from '../setup/databases.js'
import { openStorage, RawServer, storageSettings, type Settings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'

const OPERATIONS = 20
/** Any batch of the worker takes longer than the test; what asks for one text is answered. */
const HANGING = { slow: { texts: 1, delayMs: 600_000 } }
const FAST = { slow: null }

const ends: [how: string, end: (server: RawServer) => void][] = [
  ['the end of stdin', (server) => server.endInput()],
  ['SIGINT', (server) => server.signal('SIGINT')],
  ['SIGTERM', (server) => server.signal('SIGTERM')],
]

describe.each(storageKinds)('on the %s database', (kind) => {
  test.each(ends)('%s during embedding ends the server and gives the job back', async (_, end) => {
    await using ollama = await startFakeOllama(HANGING)
    const settings = { ...(await storageSettings(kind)), ...embeddedBy(ollama) }
    const server = await embeddingServer(settings, ollama)
    end(server)
    expect(await server.exited()).toEqual({ code: 0, signal: null })
    expect(await jobsIn(settings)).toEqual([
      { status: 'pending', attempts: 0, last_error: null, worker_id: null, lease_token: null },
    ])
  })

  test('the next server goes on at once where the last one ended', async () => {
    await using ollama = await startFakeOllama(HANGING)
    const settings = { ...(await storageSettings(kind)), ...embeddedBy(ollama) }
    const server = await embeddingServer(settings, ollama)
    server.signal('SIGTERM')
    await server.exited()
    await ollama.set(FAST)
    const next = await RawServer.start(settings)
    const { facts } = await next.call('embedding_status', { wait_ms: 20_000, jobs: 10 })
    expect(facts.summary).toMatchObject({ specs_indexed: 1, embedding_count: OPERATIONS })
    expect(facts.jobs).toMatchObject([{ kind: 'spec_write', status: 'succeeded', attempts: 0 }])
    await next.close()
  })

  test('ends while calls are waiting for their answers', async () => {
    await using ollama = await startFakeOllama(HANGING)
    const settings = { ...(await storageSettings(kind)), ...embeddedBy(ollama) }
    const server = await embeddingServer(settings, ollama)
    const waiting = server.call('embedding_status', { wait_ms: 20_000 }).catch(() => 'no answer')
    await server.request('ping')
    server.signal('SIGINT')
    server.signal('SIGTERM')
    expect(await server.exited()).toEqual({ code: 0, signal: null })
    await waiting
    expect(await jobsIn(settings)).toMatchObject([{ status: 'pending', lease_token: null }])
  })

  test('Ctrl-C of a command that embeds gives the job back', async () => {
    await using ollama = await startFakeOllama(HANGING)
    const settings = { ...(await storageSettings(kind)), ...embeddedBy(ollama) }
    const server = await RawServer.start(settings, ['serve', '--no-worker'])
    await server.call('upload_spec', { content: manyOperations('many', OPERATIONS) })
    await server.close()
    const command = new RawServer(settings, ['backfill'])
    await sendsBatch(ollama)
    command.signal('SIGINT')
    await command.exited()
    expect(await jobsIn(settings)).toMatchObject([{ status: 'pending', lease_token: null }])
  })

  test('ends while the database is being opened', async () => {
    const server = new RawServer(await storageSettings(kind))
    await server.initialize()
    server.endInput()
    expect(await server.exited()).toEqual({ code: 0, signal: null })
  })
})

test('a client that goes before it has said anything ends the server', async () => {
  const server = new RawServer(await storageSettings('embedded'))
  server.endInput()
  expect(await server.exited()).toEqual({ code: 0, signal: null })
})

test('all that is logged is one JSON object a line, on stderr', async () => {
  const settings = { ...(await storageSettings('embedded')), API_CATALOG_LOG_LEVEL: 'trace' }
  const server = await RawServer.start(settings)
  await server.call('upload_spec', { content: manyOperations('logged', 3) })
  await server.call('embedding_status', { wait_ms: 20_000 })
  await server.close()
  const events = server.log.trimEnd().split('\n')
  expect(events.length).toBeGreaterThan(1)
  for (const event of events) expect(JSON.parse(event)).toHaveProperty('msg')
})

function embeddedBy(ollama: FakeOllama): Settings {
  return { API_CATALOG_EMBEDDER: 'ollama', OLLAMA_HOST: ollama.url }
}

/** A server that has sent a batch to its embedder, and waits for the answer. */
async function embeddingServer(settings: Settings, ollama: FakeOllama): Promise<RawServer> {
  const server = await RawServer.start(settings)
  const uploaded = await server.call('upload_spec', {
    content: manyOperations('many', OPERATIONS),
  })
  expect(uploaded).toMatchObject({ isError: false, facts: { operation_count: OPERATIONS } })
  await sendsBatch(ollama)
  return server
}

async function sendsBatch(ollama: FakeOllama): Promise<void> {
  const isBatch = ({ texts }: { texts: string[] }) => texts.length > 1
  await vi.waitUntil(() => ollama.requests.some(isBatch), { timeout: 30_000 })
}

async function jobsIn(settings: Settings): Promise<object[]> {
  await using storage = await openStorage(settings)
  return await storage.query(
    'select status, attempts, last_error, worker_id, lease_token from api_catalog.embedding_jobs',
  )
}
