import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startFakeOllama, type FakeOllama } from '../fakes/ollama-server.js'
import { hasPostgres } from '../setup/databases.js'
import { RawServer } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'
import { startDatabaseProxy } from '../setup/tcp-proxy.js'
import { BATCH, startStorm, textsSent, untilAllIsDone, writesOf } from './storm.js'

const OPERATIONS = 3 * BATCH
/** As a worker logs that another has its job. */
const LOST = /lease of this job is lost|job lease lost/
const WAIT = { timeout: 30_000, interval: 20 }

/** Waits until a batch of the worker is on its way, and gives how many have come. */
async function untilEmbedding(ollama: FakeOllama): Promise<void> {
  await vi.waitUntil(() => textsSent(ollama).length >= BATCH, WAIT)
}

describe.skipIf(!hasPostgres)('of two servers on one Postgres', () => {
  test('one is frozen past its lease: the other does its work, and it writes nothing when it wakes', async () => {
    await using ollama = await startFakeOllama({ delayMs: 2_500 })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const frozen = await RawServer.start(storm.settings)
    await frozen.call('upload_spec', { content: manyOperations('first', OPERATIONS) })
    await untilEmbedding(ollama)
    onTestFinished(() => frozen.signal('SIGKILL')) // it would not hear a client that goes
    frozen.signal('SIGSTOP')
    await ollama.set({ delayMs: 0 })

    const other = await RawServer.start(storm.settings)
    await untilAllIsDone(db)
    // The answer to the frozen one waits in its socket.
    await vi.waitUntil(() => ollama.batches.now === 0, WAIT)
    frozen.signal('SIGCONT')
    await vi.waitUntil(() => LOST.test(frozen.log), WAIT)
    expect(await writesOf(db)).toEqual({ texts: OPERATIONS, fewest: 1, most: 1 })
    expect(textsSent(ollama).length).toBeLessThanOrEqual(OPERATIONS + 2 * BATCH)

    // It goes on with other work.
    await other.close()
    await frozen.call('upload_spec', { content: manyOperations('second', OPERATIONS) })
    await untilAllIsDone(db)
    expect(await writesOf(db)).toEqual({ texts: 2 * OPERATIONS, fewest: 1, most: 1 })
    await frozen.close()
  })

  test('one has half-open connections to the database: the other does its work, and it writes nothing', async () => {
    await using ollama = await startFakeOllama({ delayMs: 1_000 })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const { proxy, url } = await startDatabaseProxy(storm.settings['DATABASE_URL']!)
    await using network = proxy
    const cutOff = await RawServer.start({ ...storm.settings, DATABASE_URL: url })
    await cutOff.call('upload_spec', { content: manyOperations('first', OPERATIONS) })
    await untilEmbedding(ollama)
    network.holdBack()
    await ollama.set({ delayMs: 0 })

    const other = await RawServer.start(storm.settings)
    await untilAllIsDone(db)
    network.letPass()
    await vi.waitUntil(() => LOST.test(cutOff.log), WAIT)
    expect(await writesOf(db)).toEqual({ texts: OPERATIONS, fewest: 1, most: 1 })

    await other.close()
    await cutOff.call('upload_spec', { content: manyOperations('second', OPERATIONS) })
    await untilAllIsDone(db)
    expect(await writesOf(db)).toEqual({ texts: 2 * OPERATIONS, fewest: 1, most: 1 })
    await cutOff.close()
  })
})
