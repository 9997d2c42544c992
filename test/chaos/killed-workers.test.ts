import { describe, expect, test } from 'vitest'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { hasPostgres } from '../setup/databases.js'
import { RawServer, type Settings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'
import { BATCH, isUploaded, startStorm, textsSent, untilAllIsDone, writesOf } from './storm.js'

const SERVERS = 3
const SPECS = 60
const OPERATIONS = 10
const KILLS = 30
/** Of a job, one batch is embedded while another is written: both are lost with their process. */
const BATCHES_IN_FLIGHT = 2

describe.skipIf(!hasPostgres)('of three servers on one Postgres', () => {
  test('thirty are killed at random, and every text is written once, nothing left or lost', async () => {
    await using ollama = await startFakeOllama({ delayMs: 40 })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const fleet = new Fleet(storm.settings)
    const names = Array.from({ length: SPECS }, (_, n) => `storm-${n}`)
    await Promise.all([fleet.uploadAll(names), fleet.killSome(KILLS)])
    await untilAllIsDone(db)

    expect(await writesOf(db)).toEqual({ texts: SPECS * OPERATIONS, fewest: 1, most: 1 })
    const sent = textsSent(ollama)
    expect(new Set(sent).size).toBe(SPECS * OPERATIONS)
    const again = sent.length - new Set(sent).size
    expect(again).toBeLessThanOrEqual(KILLS * BATCHES_IN_FLIGHT * BATCH)
    const { facts } = await (await fleet.any()).call('embedding_status')
    expect(facts.summary).toMatchObject({
      specs_total: SPECS,
      specs_indexed: SPECS,
      embedding_count: SPECS * OPERATIONS,
    })
    await fleet.close()
  }, 600_000)
})

/** Servers that are replaced as they die. */
class Fleet {
  readonly #settings: Settings
  readonly #servers: Promise<RawServer>[]

  constructor(settings: Settings) {
    this.#settings = settings
    this.#servers = Array.from({ length: SERVERS }, () => RawServer.start(settings))
  }

  async any(): Promise<RawServer> {
    return this.#servers[Math.floor(Math.random() * SERVERS)]!
  }

  /** Through all of them; what a dead one has not acknowledged goes to another. */
  async uploadAll(names: readonly string[]): Promise<void> {
    const waiting = [...names]
    const upload = async (): Promise<void> => {
      for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
        const content = manyOperations(name, OPERATIONS)
        while (!(await isUploaded(await this.any(), content)));
      }
    }
    await Promise.all(Array.from({ length: SERVERS }, upload))
  }

  /** Each dies after anything between its handshake and some hundred milliseconds of work. */
  async killSome(kills: number): Promise<void> {
    for (let killed = 0; killed < kills; killed++) {
      const slot = killed % SERVERS
      const victim = await this.#servers[slot]!
      // Nothing is waited for: the moment of the kill is what is drawn at random.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 400))
      this.#servers[slot] = RawServer.start(this.#settings)
      await victim.kill()
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#servers.map(async (server) => (await server).close()))
  }
}
