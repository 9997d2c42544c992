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
})
