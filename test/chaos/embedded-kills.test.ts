import { expect, test, vi } from 'vitest'
import { openStorage, RawServer, storageSettings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'
import { isUploaded } from './storm.js'

const ROUNDS = 30
const OPERATIONS = 10
const WAIT = { timeout: 30_000, interval: 20 }

test('the embedded default is killed thirty times at random: it opens again, and nothing acknowledged is lost', async () => {
  const settings = await storageSettings('embedded')
  const acknowledged: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const server = await RawServer.start(settings)
    const known = acknowledged.length
    const uploading = uploadUntilItEnds(server, `round-${round}`, acknowledged)
    // While it opens, while it is open, or in the midst of uploads.
    if (round % 6 === 1) await server.call('list_specs')
    if (round % 3 === 2) await vi.waitUntil(() => acknowledged.length > known, WAIT)
    // Nothing is waited for: the moment of the kill is what is drawn at random.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 300))
    await server.kill()
    await uploading
  }

  const server = await RawServer.start(settings)
  const { facts } = await server.call('list_specs')
  const names = facts.catalogs.flatMap((catalog: { specs: { name: string }[] }) =>
    catalog.specs.map(({ name }) => name),
  )
  expect(names).toEqual(expect.arrayContaining(acknowledged))
  const status = await server.call('embedding_status', { wait_ms: 20_000 })
  expect(status.facts.summary).toMatchObject({
    specs_total: names.length,
    specs_indexed: names.length,
    operation_count: names.length * OPERATIONS,
    embedding_count: names.length * OPERATIONS,
  })
  await server.close()

  // Tables and their indexes agree: none was torn.
  await using db = await openStorage(settings)
  for (const table of ['specs', 'operations', 'terms', 'embeddings', 'embedding_jobs']) {
    const [byTable, byIndex] = await db.transaction(async (tx) => {
      const count = `select count(*) as rows from api_catalog.${table}`
      await tx.query('set local enable_indexonlyscan = off')
      await tx.query('set local enable_indexscan = off')
      const first = await tx.query(count)
      await tx.query('set local enable_indexonlyscan = on')
      await tx.query('set local enable_seqscan = off')
      return [first, await tx.query(count)]
    })
    expect(byIndex, table).toEqual(byTable)
  }
}, 600_000)

/** Uploads one small spec after the other until the server is gone. */
async function uploadUntilItEnds(
  server: RawServer,
  name: string,
  acknowledged: string[],
): Promise<void> {
  for (let n = 0; await isUploaded(server, manyOperations(`${name}-${n}`, OPERATIONS)); n++) {
    acknowledged.push(`${name}-${n}`)
  }
}
