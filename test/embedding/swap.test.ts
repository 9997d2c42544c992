import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { reembedSpec } from '../../src/app/reembed-spec.js'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Config } from '../../src/config.js'
import type { Database } from '../../src/db/database.js'
import { reconcile } from '../../src/embedding/reconcile.js'
import { removeRetired } from '../../src/embedding/remove-retired.js'
import { activeSpace } from '../../src/embedding/spaces.js'
import { finishSwap, giveUpForgotten } from '../../src/embedding/swap-space.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import {
  claim,
  claimOne,
  emptyDatabase,
  jobsNow,
  ownSpace,
  servicesOn,
  settledStatus,
  statusNow,
  upload,
  work,
  workAll,
  workInBackground,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

const WAIT = { timeout: 15_000, interval: 50 }
const HOUR_MS = 3_600_000
const STILL: Partial<Config> = { pollMs: HOUR_MS, reapMs: HOUR_MS, reconcileMs: HOUR_MS }
const SOON = () => AbortSignal.timeout(10_000)

describe.each(storageKinds)('a swap of the model on %s', (kind) => {
  let db: Database

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(() => emptyDatabase(db))

  const embedderOf = (model: string, dimensions = 64) => new StubEmbedder({ model, dimensions })

  const search = async (services: Services) =>
    (await searchOperations(services, localPrincipal, { query: 'read thing' })).structured

  /** A catalog of `count` operations, embedded with the model `old`. */
  const oldCatalog = async (count = 5, settings: Partial<Config> = {}) => {
    const embedder = embedderOf('old')
    const services = servicesOn(db, embedder, settings)
    await upload(services, 'things', things(count))
    await workAll(services)
    return { services, embedder }
  }

  /** A process whose model the catalog is to be changed over to, and its space. */
  const newcomer = async (embedder: StubEmbedder, settings: Partial<Config> = {}) => {
    const services = servicesOn(db, embedder, settings)
    const { spaceId } = await services.spaces.takeOver(SOON())
    return { services, spaceId }
  }

  test('is made beside the old model: search keeps it until the new one has all', async () => {
    const old = await oldCatalog()
    const fresh = await newcomer(embedderOf('new'), { batchSize: 2 })
    expect(await statusNow(old.services)).toMatchObject({
      summary: { embedding_count: 5 },
      next_space: { provider: 'bundled', model: 'new', embedding_count: 0 },
    })
    expect(await search(old.services)).toMatchObject({ ranking: 'hybrid' })
    expect(await search(fresh.services)).toMatchObject({
      ranking: 'lexical',
      fallback: 'other_space',
    })

    const job = await claimOne(fresh.services)
    expect(await finishSwap(db)).toBe(false)
    await work(fresh.services, job)
    await fresh.services.spaces.finishSwap()
    old.services.spaces.forget()
    expect(await search(fresh.services)).toMatchObject({
      ranking: 'hybrid',
      coverage: { embedded: 5, total: 5 },
    })
    expect(await search(old.services)).toMatchObject({ fallback: 'other_space' })
    const status = await statusNow(fresh.services)
    expect(status.next_space).toBeUndefined()
    expect(await statusNow(old.services)).toMatchObject({
      active_space: { provider: 'bundled', model: 'new' },
    })
  })

  test.each([{ recipe: 'words-2' }, { weights: 'pulled anew' }])(
    'is made where nothing but this is another: %o',
    async (change) => {
      await oldCatalog()
      const embedder = new StubEmbedder({ model: 'old', ...change })
      const { services } = await newcomer(embedder)
      await workAll(services)
      await services.spaces.finishSwap()
      expect(embedder.embedded).toHaveLength(5)
      expect(await activeSpace(db)).toMatchObject({ model: 'old', ...change })
      expect(await search(services)).toMatchObject({ ranking: 'hybrid' })
    },
  )

  test('starts only where nobody of the present model was seen for two minutes', async () => {
    await oldCatalog()
    const services = servicesOn(db, embedderOf('new'), STILL)
    expect(await services.spaces.own(SOON())).toMatchObject({ reason: 'other_space' })
    await db.query(
      `update api_catalog.embedding_spaces set last_seen_at = now() - interval '3 minutes'`,
    )
    services.spaces.forget()
    expect(await services.spaces.own(SOON())).toHaveProperty('spaceId')
    expect(await activeSpace(db)).toMatchObject({ model: 'old' })
    workInBackground(services)
    await expect.poll(async () => (await activeSpace(db))?.model, WAIT).toBe('new')
  })

  test('is over at once where nothing was embedded yet', async () => {
    const first = servicesOn(db, embedderOf('old'))
    await upload(first, 'things', things(3))
    await ownSpace(first)
    const { services } = await newcomer(embedderOf('new'))
    expect(await activeSpace(db)).toMatchObject({ model: 'new' })
    await workAll(services)
    expect((await statusNow(services)).summary.embedding_count).toBe(3)
  })

  test('never leaves a process without meaning that has both embedders at hand', async () => {
    const old = await oldCatalog()
    const embedder = embedderOf('new')
    const services = servicesOn(db, embedder, STILL, old.embedder)
    await services.spaces.takeOver(SOON())
    expect(await search(services)).toMatchObject({ ranking: 'hybrid' })
    await upload(
      services,
      'more',
      things(3, (n) => `More ${n}`),
    )
    embedder.isDown = true
    services.spaces.forget()
    expect(await search(services)).toMatchObject({ ranking: 'hybrid' })
    workInBackground(services)
    await expect.poll(async () => (await statusNow(services)).summary.embedding_count, WAIT).toBe(8)
    embedder.isDown = false
    await expect.poll(async () => (await activeSpace(db))?.model, WAIT).toBe('new')
    expect((await statusNow(services)).summary.embedding_count).toBe(8)
  })

  test('comes behind ordinary work', async () => {
    const old = await oldCatalog()
    const order: number[] = []
    const embedder = embedderOf('new')
    embedder.onBatch = () => void order.push(2)
    old.embedder.onBatch = () => void order.push(1)
    const services = servicesOn(db, embedder, STILL, old.embedder)
    await services.spaces.takeOver(SOON())
    await upload(
      services,
      'more',
      things(3, (n) => `More ${n}`),
    )
    workInBackground(services)
    await expect.poll(async () => (await activeSpace(db))?.model, WAIT).toBe('new')
    expect(order).toEqual([1, 2, 2])
  })

  test('takes along what is uploaded meanwhile', async () => {
    const old = await oldCatalog()
    const fresh = await newcomer(embedderOf('new'))
    const { job } = await upload(
      old.services,
      'more',
      things(3, (n) => `More ${n}`),
    )
    await workAll(old.services)
    expect((await jobsNow(db)).find(({ id }) => id === job?.id)).toMatchObject({
      status: 'succeeded',
    })
    await workAll(fresh.services)
    expect(await finishSwap(db)).toBe(true)
    expect((await statusNow(fresh.services)).summary).toMatchObject({ embedding_count: 8 })
  })

  test('switches although a text has no vector in the new model', async () => {
    const old = await oldCatalog()
    const embedder = embedderOf('new')
    embedder.refused = /thing 1/
    const fresh = await newcomer(embedder)
    await workAll(fresh.services)
    expect(await finishSwap(db)).toBe(true)
    expect((await statusNow(old.services)).set_aside).toHaveLength(1)
  })

  test('does not switch while the new model lacks a text that the old one has', async () => {
    await oldCatalog()
    const fresh = await newcomer(embedderOf('new'))
    await workAll(fresh.services)
    await db.query(
      `delete from api_catalog.embeddings where space_id = $1 and text_hash in
         (select text_hash from api_catalog.operations where path = '/things/2')`,
      [fresh.spaceId],
    )
    expect(await finishSwap(db)).toBe(false)
    await reconcile(db, fresh.spaceId)
    await workAll(fresh.services)
    expect(await finishSwap(db)).toBe(true)
  })

  test('goes on where it was after the process that made it died', async () => {
    await oldCatalog(6)
    const embedder = embedderOf('new')
    const first = await newcomer(embedder, { batchSize: 2 })
    const killed = new AbortController()
    embedder.onBatch = (batch) => {
      if (batch === 3) killed.abort(new Error('killed'))
    }
    await expect(
      work(first.services, await claimOne(first.services), killed.signal),
    ).rejects.toThrow('killed')
    await db.query(
      `update api_catalog.embedding_jobs set lease_expires_at = now() - interval '1 s'
       where status = 'running'`,
    )
    const later = embedderOf('new')
    workInBackground(servicesOn(db, later, STILL))
    await expect.poll(async () => (await activeSpace(db))?.model, WAIT).toBe('new')
    expect(later.embedded).toHaveLength(2)
  })

  test('and back again sends no text anew', async () => {
    const old = await oldCatalog()
    const fresh = await newcomer(embedderOf('new'))
    await workAll(fresh.services)
    await finishSwap(db)
    await reembedSpec(fresh.services, localPrincipal, { spec: 'things' })
    await workAll(fresh.services)

    const again = embedderOf('old')
    const back = await newcomer(again)
    expect(await activeSpace(db)).toMatchObject({ model: 'old' })
    expect(await reconcile(db, back.spaceId)).toBe(0)
    await workAll(back.services)
    expect(again.batches).toEqual([])
    expect(await search(back.services)).toMatchObject({
      ranking: 'hybrid',
      coverage: { embedded: 5, total: 5 },
    })
    expect(old.embedder.embedded).toHaveLength(5)
  })

  test('is given up where the present model is asked for again', async () => {
    const old = await oldCatalog()
    const fresh = await newcomer(embedderOf('new'), { batchSize: 2 })
    await old.services.spaces.takeOver(SOON())
    expect((await statusNow(old.services)).next_space).toBeUndefined()
    expect((await jobsNow(db)).filter(({ status }) => status === 'pending')).toEqual([])
    fresh.services.spaces.forget()
    expect(await fresh.services.spaces.own(SOON())).toMatchObject({ reason: 'other_space' })
  })

  test('is given up when nobody fills the new space for the retention time', async () => {
    await oldCatalog()
    const fresh = await newcomer(embedderOf('new'))
    await giveUpForgotten(db, 14)
    expect((await statusNow(fresh.services)).next_space).toBeDefined()
    await db.query(
      `update api_catalog.embedding_spaces set last_seen_at = now() - interval '15 days'
       where is_next`,
    )
    await giveUpForgotten(db, 14)
    expect((await statusNow(fresh.services)).next_space).toBeUndefined()
  })

  test('while jobs run, and back: all is embedded in the end, and once per model', async () => {
    const settings = { ...STILL, batchSize: 2, workers: 2 }
    const embedders = { old: embedderOf('old'), new: embedderOf('new') }
    const services = {
      old: servicesOn(db, embedders.old, settings),
      new: servicesOn(db, embedders.new, settings),
    }
    for (const name of ['a', 'b', 'c']) {
      await upload(
        services.old,
        name,
        things(8, (n) => `${name} ${n}`),
      )
    }
    for (const one of Object.values(embedders)) one.delayMs = 20
    workInBackground(services.old)
    await expect.poll(() => embedders.old.embedded.length, WAIT).toBeGreaterThan(5)
    workInBackground(services.new)
    await services.new.spaces.takeOver(SOON())
    await expect.poll(() => embedders.new.embedded.length, WAIT).toBeGreaterThan(5)
    await services.old.spaces.takeOver(SOON())
    await settledStatus(services.old)
    await services.new.spaces.takeOver(SOON())
    await expect.poll(async () => (await activeSpace(db))?.model, WAIT).toBe('new')

    const { summary } = await settledStatus(services.new)
    expect(summary).toMatchObject({ specs_indexed: 3, embedding_count: 24 })
    for (const { embedded } of Object.values(embedders))
      expect(embedded.toSorted()).toHaveLength(24)
    expect((await jobsNow(db)).filter(({ status }) => status === 'running')).toEqual([])
  })

  test.each([256, 384, 512, 768, 1024])('is made to %i dimensions', async (dimensions) => {
    await oldCatalog()
    const fresh = await newcomer(embedderOf('new', dimensions))
    await workAll(fresh.services)
    await fresh.services.spaces.finishSwap()
    expect(await search(fresh.services)).toMatchObject({ ranking: 'hybrid', total: 5 })
    expect((await statusNow(fresh.services)).embedder.dimensions).toBe(dimensions)
  })

  describe('the vectors of the model before', () => {
    const swapped = async () => {
      const old = await oldCatalog()
      const fresh = await newcomer(embedderOf('new'))
      await workAll(fresh.services)
      await finishSwap(db)
      return { old, fresh }
    }

    const age = (what: string) =>
      db.query(
        `update api_catalog.embedding_spaces set ${what} = now() - interval '15 days'
         where not is_active`,
      )

    test('are kept for the retention time and removed then', async () => {
      const { fresh } = await swapped()
      expect(await removeRetired(db, 14)).toBe(0)
      await age('retired_at')
      expect(await removeRetired(db, 14)).toBe(5)
      expect((await statusNow(fresh.services)).summary.embedding_count).toBe(5)
      const rows = await db.query(`select distinct space_id from api_catalog.embeddings`)
      expect(rows).toEqual([{ space_id: fresh.spaceId }])
    })

    test('are made again where one goes back to it later', async () => {
      await swapped()
      await age('retired_at')
      await age('last_seen_at')
      await removeRetired(db, 14)
      const embedder = embedderOf('old')
      const back = await newcomer(embedder)
      await workAll(back.services)
      expect(await finishSwap(db)).toBe(true)
      expect(embedder.embedded).toHaveLength(5)
    })
  })

  test('leaves nothing to claim of a space that is neither active nor next', async () => {
    const old = await oldCatalog()
    await reembedSpec(old.services, localPrincipal, { spec: 'things' })
    const fresh = await newcomer(embedderOf('new'))
    await workAll(fresh.services)
    await finishSwap(db)
    await db.query(
      `insert into api_catalog.embedding_jobs (spec_id, space_id, kind)
       select spec_id, space_id, 'spec_write' from api_catalog.embedding_jobs order by id limit 1`,
    )
    await reconcile(db, fresh.spaceId)
    expect((await jobsNow(db)).filter(({ status }) => status === 'pending')).toEqual([])
    expect(await claim(fresh.services)).toBeUndefined()
  })
})
