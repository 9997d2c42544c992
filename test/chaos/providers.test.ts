import { describe, expect, test, vi } from 'vitest'
import { withResolvers } from '../../src/db/with-resolvers.js'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { makeDue } from '../setup/catalog.js'
import { hasPostgres } from '../setup/databases.js'
import { RawServer } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'
import { startTcpProxy } from '../setup/tcp-proxy.js'
import { BATCH, startStorm, textsSent, untilAllIsDone, writesOf } from './storm.js'

const SPECS = 8
const OPERATIONS = 3 * BATCH
const WAIT = { timeout: 30_000, interval: 50 }

describe.skipIf(!hasPostgres)('a server', () => {
  test('whose connection to Ollama is half open waits, saying so, and loses neither work nor attempts', async () => {
    await using ollama = await startFakeOllama({ delayMs: 200 })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const { hostname, port } = new URL(ollama.url)
    await using network = await startTcpProxy({ host: hostname, port: Number(port) })
    const server = await RawServer.start({
      ...storm.settings,
      OLLAMA_HOST: `http://127.0.0.1:${network.port}`,
      API_CATALOG_EMBED_TIMEOUT_MS: '1000',
    })
    await server.call('upload_spec', { content: manyOperations('held', OPERATIONS) })
    await vi.waitUntil(() => textsSent(ollama).length >= BATCH, WAIT)
    network.holdBack()
    await vi.waitFor(async () => {
      const { facts } = await server.call('embedding_status')
      expect(facts.embedder).toMatchObject({ state: 'unreachable' })
      expect(facts.specs[0]).toMatchObject({
        job_status: 'pending',
        job_attempts: 0,
        job_last_error: expect.stringContaining('Ollama'),
      })
    }, WAIT)
    // Asked for by words meanwhile.
    const found = await server.call('search_operations', { query: 'item number 3' })
    expect(found.facts.results.length).toBeGreaterThan(0)

    network.letPass()
    const embedding = setInterval(() => void makeDue(db).catch(() => {}), 500)
    try {
      await untilAllIsDone(db)
    } finally {
      clearInterval(embedding)
    }
    expect(await writesOf(db)).toEqual({ texts: OPERATIONS, fewest: 1, most: 1 })
    await server.close()
  })

  test.each([1, 4])('with %i workers embeds as many specs at once', async (workers) => {
    const { promise: held, resolve: release } = withResolvers<void>()
    await using ollama = await startFakeOllama({ held })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const server = await RawServer.start({
      ...storm.settings,
      API_CATALOG_WORKERS: String(workers),
    })
    for (let n = 0; n < SPECS; n++) {
      await server.call('upload_spec', { content: manyOperations(`spec-${n}`, OPERATIONS) })
    }
    await vi.waitUntil(() => ollama.batches.now === workers, WAIT)
    const { facts } = await server.call('embedding_status')
    expect(facts.summary).toMatchObject({
      specs_running: workers,
      specs_pending: SPECS - workers,
    })
    release()
    await untilAllIsDone(db)
    expect(ollama.batches.most).toBe(workers)
    expect(textsSent(ollama)).toHaveLength(SPECS * OPERATIONS)
    await server.close()
  })

  test('that is asked while its first batch takes long answers by words, and says so; later by meaning', async () => {
    const { promise: held, resolve: release } = withResolvers<void>()
    await using ollama = await startFakeOllama({ held })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const server = await RawServer.start({ ...storm.settings, API_CATALOG_QUERY_TIMEOUT_MS: '500' })
    const ask = async (query: string) =>
      (await server.call('search_operations', { query, limit: 1 })).facts
    const upload = (name: string) =>
      server.call('upload_spec', { content: manyOperations(name, OPERATIONS) })

    await upload('first')
    await vi.waitUntil(() => ollama.batches.now === 1, WAIT)
    expect(await ask('item number 3 of first')).toMatchObject({
      ranking: 'lexical',
      fallback: 'nothing_embedded',
      coverage: { embedded: 0, total: OPERATIONS },
      results: [expect.objectContaining({ id: 'first:firstItem3' })],
    })
    release()
    await untilAllIsDone(db)

    // A batch in flight: a question goes before it, and is compared with what is there.
    const { promise: heldAgain, resolve: releaseAgain } = withResolvers<void>()
    await ollama.set({ held: heldAgain })
    await upload('second')
    await vi.waitUntil(() => ollama.batches.now === 1, WAIT)
    expect(await ask('item number 4 of first')).toMatchObject({
      ranking: 'hybrid',
      coverage: { embedded: OPERATIONS, total: 2 * OPERATIONS },
    })
    // A provider that is too slow for questions too.
    await ollama.set({ delayMs: 5_000 })
    expect(await ask('item number 5 of first')).toMatchObject({
      ranking: 'lexical',
      fallback: 'query_timeout',
    })
    await ollama.set({ delayMs: 0, held: null })
    releaseAgain()
    await untilAllIsDone(db)
    expect(await ask('item number 6 of second')).toMatchObject({ ranking: 'hybrid' })
    await server.close()
  })
})
