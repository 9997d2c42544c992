import { describe, expect, test, vi } from 'vitest'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { hasPostgres, onServer } from '../setup/databases.js'
import { RawServer } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'
import { startDatabaseProxy } from '../setup/tcp-proxy.js'
import { BATCH, startStorm, textsSent, untilAllIsDone, writesOf } from './storm.js'

const RESTARTS = 4
const OPERATIONS = 3 * BATCH

describe.skipIf(!hasPostgres)('a Postgres', () => {
  test('that restarts under load costs no attempt, and nothing that was acknowledged', async () => {
    await using ollama = await startFakeOllama({ delayMs: 50 })
    const storm = await startStorm(ollama)
    await using db = storm.db
    const direct = storm.settings['DATABASE_URL']!
    const { proxy, url } = await startDatabaseProxy(direct)
    await using network = proxy
    const servers = await Promise.all(
      [1, 2].map(() => RawServer.start({ ...storm.settings, DATABASE_URL: url })),
    )
    await Promise.all(servers.map((server) => server.call('list_specs')))

    const acknowledged = new Set<string>()
    const stop = new AbortController()
    const uploading = servers.map(async (server, slot) => {
      for (let n = 0; !stop.signal.aborted; n++) {
        const name = `spec-${slot}-${n}`
        const content = manyOperations(name, OPERATIONS)
        const { isError, text } = await server.call('upload_spec', { content })
        if (!isError) acknowledged.add(name)
        // Each error says what happened, and none is a bug's.
        else expect(text).toMatch(/Postgres|database/i)
      }
    })
    for (let restart = 0; restart < RESTARTS; restart++) {
      const known = acknowledged.size
      await vi.waitUntil(() => acknowledged.size > known + 2, { timeout: 30_000 })
      await network.refuse()
      await endConnections(direct)
      await vi.waitUntil(() => servers.every(({ log }) => log.length > 0), { timeout: 10_000 })
      await network.accept()
    }
    stop.abort()
    await Promise.all(uploading)
    await untilAllIsDone(db)

    const specs = await db.query<{ name: string }>('select name from api_catalog.specs')
    expect(specs.map(({ name }) => name)).toEqual(expect.arrayContaining([...acknowledged]))
    const texts = specs.length * OPERATIONS
    expect(await writesOf(db)).toEqual({ texts, fewest: 1, most: 1 })
    expect(new Set(textsSent(ollama)).size).toBe(texts)
    await Promise.all(servers.map((server) => server.close()))
  }, 120_000)

  test.each([
    [
      'delivers no notification',
      // As lost as if they were suppressed: the program listens to a channel that nobody uses.
      (said: string) => said.replace('listen "api_catalog_jobs"', 'listen "api_catalog_jobz"'),
      null,
    ],
    [
      'refuses LISTEN',
      (said: string) => said.replace(/listen "/g, 'lisxen "'),
      'new work is found by polling',
    ],
  ])('that %s only costs time', async (_, rewrite, warning) => {
    await using ollama = await startFakeOllama()
    const storm = await startStorm(ollama)
    await using db = storm.db
    const { proxy, url } = await startDatabaseProxy(storm.settings['DATABASE_URL']!, {
      rewrite: (said) => Buffer.from(rewrite(said.toString('latin1')), 'latin1'),
    })
    await using _network = proxy
    const server = await RawServer.start({ ...storm.settings, DATABASE_URL: url })
    for (const name of ['first', 'second']) {
      await server.call('upload_spec', { content: manyOperations(name, OPERATIONS) })
      await untilAllIsDone(db)
    }
    expect(await writesOf(db)).toMatchObject({ texts: 2 * OPERATIONS })
    expect(server.log.split('new work is found by polling')).toHaveLength(warning ? 2 : 1)
    await server.close()
  })
})

/** As a restart does: nothing that is open survives it. */
async function endConnections(url: string): Promise<void> {
  await onServer(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
    url,
  )
}
