import { describe, expect, test, vi } from 'vitest'
import { startFakeOllama, type FakeOllama } from '../fakes/ollama-server.js'
import { storageKinds } from '../setup/databases.js'
import {
  openStorage,
  RawServer,
  runCommand,
  storageSettings,
  type Settings,
} from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'

const WAIT = { timeout: 30_000, interval: 50 }
/** Batches of several texts take this long; the tests' specs are one batch. */
const slow = (delayMs: number) => ({ slow: { texts: 1, delayMs } })
const LONG_DRAIN = { API_CATALOG_DRAIN_MS: '60000' }

describe.each(storageKinds)('serve --worker-only on %s', (kind) => {
  const settingsFor = async (ollama: FakeOllama): Promise<Settings> => ({
    ...(await storageSettings(kind)),
    API_CATALOG_EMBEDDER: 'ollama',
    OLLAMA_HOST: ollama.url,
  })

  const uploadThere = async (settings: Settings, count = 20): Promise<void> => {
    const server = await RawServer.start(settings, ['--no-worker'])
    await server.call('upload_spec', { content: manyOperations('many', count) })
    await server.close()
  }
  const jobIn = async (settings: Settings): Promise<object> => {
    await using storage = await openStorage(settings)
    const [job] = await storage.query(
      `select status, attempts, embedded_so_far, worker_id from api_catalog.embedding_jobs`,
    )
    return job!
  }
  const isBatch = ({ texts }: { texts: string[] }) => texts.length > 1
  const batchSent = (ollama: FakeOllama) =>
    vi.waitFor(() => expect(ollama.requests.some(isBatch)).toBe(true), WAIT)

  test('embeds what others uploaded, says nothing on stdout, and outlives its stdin', async () => {
    await using ollama = await startFakeOllama()
    const settings = await settingsFor(ollama)
    await uploadThere(settings)
    const worker = new RawServer(settings, ['--worker-only'])
    worker.endInput()
    // Whoever looks before the worker has the data directory owns it, and keeps it from working.
    await batchSent(ollama)
    await expect.poll(() => jobIn(settings), WAIT).toMatchObject({ status: 'succeeded' })
    worker.signal('SIGTERM')
    expect(await worker.exited()).toEqual({ code: 0, signal: null })
  })

  test('lets a running job end when it is asked to stop, and takes no other', async () => {
    await using ollama = await startFakeOllama(slow(1_000))
    const settings = { ...(await settingsFor(ollama)), ...LONG_DRAIN }
    await uploadThere(settings)
    const worker = new RawServer(settings, ['serve', '--worker-only'])
    await batchSent(ollama)
    worker.signal('SIGTERM')
    expect(await worker.exited()).toEqual({ code: 0, signal: null })
    expect(await jobIn(settings)).toMatchObject({ status: 'succeeded', embedded_so_far: 20 })
  })

  test('gives the job back with its progress when it has not ended in time', async () => {
    await using ollama = await startFakeOllama()
    const settings = {
      ...(await settingsFor(ollama)),
      API_CATALOG_DRAIN_MS: '300',
      API_CATALOG_BATCH_SIZE: '10',
    }
    await uploadThere(settings)
    const worker = new RawServer(settings, ['--worker-only'])
    await vi.waitFor(() => expect(ollama.requests.some(isBatch)).toBe(true), {
      timeout: 30_000,
      interval: 1,
    })
    await ollama.set(slow(600_000))
    // Whether one batch or none was quicker than this test: the job is not done.
    worker.signal('SIGTERM')
    expect(await worker.exited()).toEqual({ code: 0, signal: null })
    const job = await jobIn(settings)
    await using storage = await openStorage(settings)
    const [stored] = await storage.query<{ count: number }>(
      `select count(*) as count from api_catalog.embeddings`,
    )
    expect(job).toMatchObject({ attempts: 0, worker_id: null, embedded_so_far: stored!.count })
  })

  test('ends at once at a second signal', async () => {
    await using ollama = await startFakeOllama(slow(600_000))
    const settings = { ...(await settingsFor(ollama)), ...LONG_DRAIN }
    await uploadThere(settings)
    const worker = new RawServer(settings, ['--worker-only'])
    await batchSent(ollama)
    worker.signal('SIGTERM')
    await vi.waitFor(() => expect(worker.log).toContain('letting what runs end'), WAIT)
    worker.signal('SIGINT')
    expect(await worker.exited()).toEqual({ code: null, signal: 'SIGINT' })
  })
})

test('--worker-only without an embedder, or with --no-worker, is not understood', async () => {
  const settings = await storageSettings()
  const idle = await runCommand(['--worker-only'], { ...settings, API_CATALOG_EMBEDDER: 'none' })
  expect(idle).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('embedder') })
  const both = await runCommand(['serve', '--worker-only', '--no-worker'], settings)
  expect(both).toMatchObject({
    code: 2,
    stdout: '',
    stderr: expect.stringContaining('--no-worker'),
  })
})
