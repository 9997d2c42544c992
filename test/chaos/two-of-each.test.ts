import { describe, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { hasPostgres } from '../setup/databases.js'
import { RawServer } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'
import { BATCH, startStorm, untilAllIsDone, writesOf } from './storm.js'

const SPECS = 20
const ROUNDS = 5
const WAIT = { timeout: 30_000, interval: 50 }
/** So that both look at once sooner or later. */
const BUSY = { API_CATALOG_REAP_MS: '100', API_CATALOG_RECONCILE_MS: '1000' }

/** The sum of a number that servers log with a message. */
function logged(servers: readonly RawServer[], message: string, field: string): number {
  const lines = servers
    .flatMap(({ log }) => log.split('\n'))
    .filter((line) => line.includes(message))
  return lines.reduce((sum, line) => sum + (JSON.parse(line) as Record<string, number>)[field]!, 0)
}

/** Leases of a worker that is dead, one for each spec, on jobs that succeeded. */
async function leaveDeadLeases(db: Database): Promise<void> {
  await db.query(
    `update api_catalog.embedding_jobs set status = 'running', worker_id = 'dead', claims = 1,
       lease_token = gen_random_uuid(), lease_expires_at = now() - interval '1 second'
     where id in (select max(id) from api_catalog.embedding_jobs group by spec_id)`,
  )
}

const allAre = async (db: Database, status: string): Promise<void> =>
  vi.waitFor(async () => {
    const jobs = await db.query<{ status: string }>(`select status from api_catalog.embedding_jobs`)
    expect(new Set(jobs.map((job) => job.status))).toEqual(new Set([status]))
  }, WAIT)

describe.skipIf(!hasPostgres)('of two servers on one Postgres', () => {
  test('both reapers and both reconcilers look at once: each lease is taken once, each spec asked for once', async () => {
    await using ollama = await startFakeOllama()
    const storm = await startStorm(ollama)
    await using db = storm.db
    const settings = { ...storm.settings, ...BUSY }
    const servers = await Promise.all([1, 2].map(() => RawServer.start(settings)))
    for (let n = 0; n < SPECS; n++) {
      await servers[n % 2]!.call('upload_spec', { content: manyOperations(`spec-${n}`, BATCH) })
    }
    await untilAllIsDone(db)

    for (let round = 1; round <= ROUNDS; round++) {
      await leaveDeadLeases(db)
      await allAre(db, 'succeeded')
      const reaped = () => logged(servers, 'expired leases were given back', 'taken')
      await vi.waitFor(() => expect(reaped()).toBe(round * SPECS), WAIT)
    }
    // Nothing was missing, so nothing was sent and written.
    const texts = SPECS * BATCH
    expect(await writesOf(db)).toEqual({ texts, fewest: 1, most: 1 })

    for (let round = 1; round <= ROUNDS; round++) {
      await db.query(`delete from api_catalog.embeddings`)
      await vi.waitFor(
        async () =>
          expect(await writesOf(db)).toEqual({ texts, fewest: round + 1, most: round + 1 }),
        WAIT,
      )
      await untilAllIsDone(db)
      const asked = await db.query(
        `select id from api_catalog.embedding_jobs where kind = 'reconciler'`,
      )
      expect(asked).toHaveLength(round * SPECS)
    }
    await Promise.all(servers.map((server) => server.close()))
  }, 120_000)
})
