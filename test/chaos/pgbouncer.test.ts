import { describe, expect, test, vi } from 'vitest'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { createPostgres, hasPostgres } from '../setup/databases.js'
import { hasPgBouncer, startPgBouncer } from '../setup/pgbouncer.js'
import { openStorage, RawServer, runCommand } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'
import { BATCH, startStorm, untilAllIsDone, writesOf } from './storm.js'

const SPECS = 8
const OPERATIONS = 2 * BATCH
const POLLING = 'new work is found by polling'

describe.skipIf(!hasPostgres || !hasPgBouncer)('behind a PgBouncer in transaction mode', () => {
  test('two servers do all they do elsewhere; that no notification arrives costs time and one line', async () => {
    await using ollama = await startFakeOllama()
    const storm = await startStorm(ollama)
    await using db = storm.db
    await using pooler = await startPgBouncer(storm.settings['DATABASE_URL']!)
    const settings = { ...storm.settings, API_CATALOG_WORKERS: '4', DATABASE_URL: pooler.url }
    const servers = await Promise.all([1, 2].map(() => RawServer.start(settings)))
    await Promise.all(
      Array.from({ length: SPECS }, (_, n) =>
        servers[n % 2]!.call('upload_spec', { content: manyOperations(`spec-${n}`, OPERATIONS) }),
      ),
    )
    await untilAllIsDone(db)
    expect(await writesOf(db)).toEqual({ texts: SPECS * OPERATIONS, fewest: 1, most: 1 })

    const [server, other] = servers as [RawServer, RawServer]
    const query = 'get the item number 3 of spec-5'
    const found = await server.call('search_operations', { query, ranking: 'hybrid' })
    expect(found.facts).toMatchObject({ ranking: 'hybrid', results: expect.any(Array) })
    expect((await other.call('reembed_spec', { spec: 'spec-5' })).isError).toBe(false)
    await vi.waitFor(async () => expect(await writesOf(db)).toMatchObject({ most: 2 }), 30_000)
    expect((await other.call('delete_spec', { spec: 'spec-0' })).isError).toBe(false)
    const backfill = await runCommand(['backfill'], settings)
    expect(backfill).toMatchObject({ code: 0 })

    for (const { log } of servers) {
      expect(log.split(POLLING)).toHaveLength(2)
      // Neither a statement that a session does not have, nor one that it has already.
      expect(log).not.toMatch(/prepared statement|26000|42P05/)
    }
    await Promise.all(servers.map((one) => one.close()))
  }, 120_000)

  test('a database is made, and its statements run in whatever session they come to', async () => {
    await using pooler = await startPgBouncer(await createPostgres('empty'))
    await using db = await openStorage({ DATABASE_URL: pooler.url })
    const kept = (n: number) =>
      db.query<{ n: number }>('select $1::integer as n', [n], { kept: true })
    const rows = await Promise.all(Array.from({ length: 60 }, (_, n) => kept(n)))
    expect(rows.flat().map(({ n }) => n)).toEqual(Array.from({ length: 60 }, (_, n) => n))
  })
})
