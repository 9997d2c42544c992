import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deleteSpec } from '../../src/app/delete-spec.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { removeOrphans } from '../../src/embedding/remove-orphans.js'
import type { StubEmbedder } from '../fakes/stub-embedder.js'
import { startAfresh, statusNow, upload, workAll } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

describe.each(storageKinds)('vectors of texts that no operation has on %s', (kind) => {
  let db: Database
  let services: Services
  let stub: StubEmbedder

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(async () => {
    ;({ stub, services } = await startAfresh(db))
    await upload(services, 'things', things(4))
    await upload(
      services,
      'shared',
      things(1, () => 'Read thing 0'),
    )
    await workAll(services)
    await deleteSpec(services, localPrincipal, { spec: 'things' })
  })

  const kept = async () => (await db.query(`select from api_catalog.embeddings`)).length

  /** As if so much time had passed since they were noticed. */
  const age = (interval: string) =>
    db.query(`update api_catalog.orphaned_texts set since = now() - $1::interval`, [interval])

  test('are kept for the grace time, so that deleting and uploading again costs nothing', async () => {
    expect(await removeOrphans(db, 14)).toBe(0)
    await age('13 days')
    expect(await removeOrphans(db, 14)).toBe(0)
    await upload(services, 'things', things(4))
    await workAll(services)
    expect(stub.embedded).toHaveLength(4)
    expect((await statusNow(services)).summary).toMatchObject({ embedding_count: 5 })
  })

  test('are removed after it, and those that another spec has are not', async () => {
    await removeOrphans(db, 14)
    await age('15 days')
    expect(await removeOrphans(db, 14)).toBe(3)
    expect(await kept()).toBe(1)
    expect((await statusNow(services)).summary).toMatchObject({ embedding_count: 1 })
  })

  test('have all their time again when an operation had them meanwhile', async () => {
    await removeOrphans(db, 14)
    await age('15 days')
    await upload(services, 'things', things(4))
    await removeOrphans(db, 14)
    await deleteSpec(services, localPrincipal, { spec: 'things' })
    expect(await removeOrphans(db, 14)).toBe(0)
    expect(await kept()).toBe(4)
  })

  test('are removed in batches, all of them', async () => {
    const [space] = await db.query<{ id: number }>(`select id from api_catalog.embedding_spaces`)
    await db.query(
      `insert into api_catalog.embeddings (space_id, text_hash, state)
       select $1, 'text ' || n, 'unembeddable' from generate_series(1, 2500) n`,
      [space!.id],
    )
    await removeOrphans(db, 14)
    await age('15 days')
    expect(await removeOrphans(db, 14)).toBe(2503)
    expect(await kept()).toBe(1)
    expect(await db.query(`select from api_catalog.orphaned_texts`)).toEqual([])
  })
})
