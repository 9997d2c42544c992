import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Config } from '../../src/config.js'
import type { Database } from '../../src/db/database.js'
import { reconcile } from '../../src/embedding/reconcile.js'
import { activeSpace } from '../../src/embedding/spaces.js'
import { joinSpace } from '../../src/embedding/swap-space.js'
import { enqueue } from '../../src/queue/enqueue.js'
import { failJob } from '../../src/queue/finish.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import {
  claim,
  claimOne,
  emptyDatabase,
  jobsNow,
  makeDue,
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

describe.each(storageKinds)('embedding spaces on %s', (kind) => {
  let db: Database

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(() => emptyDatabase(db))

  const search = async (services: Services, query = 'read thing') =>
    (await searchOperations(services, localPrincipal, { query })).structured

  /** The active space's processes were last seen that long ago. */
  const agePresence = (interval: string) =>
    db.query(
      `update api_catalog.embedding_spaces set last_seen_at = now() - $1::interval where is_active`,
      [interval],
    )

  describe('two processes with different embedders', () => {
    test('do not mix vectors: the later one searches by words, embeds nothing, and says so', async () => {
      const first = servicesOn(db, new StubEmbedder())
      const stub = new StubEmbedder({ model: 'another', dimensions: 32 })
      const second = servicesOn(db, stub, STILL)
      await upload(first, 'things', things(5))
      await workAll(first)
      expect(await search(first)).toMatchObject({ ranking: 'hybrid' })

      await upload(second, 'more', things(5))
      workInBackground(second)
      const answer = await search(second)
      expect(answer).toMatchObject({ ranking: 'lexical', fallback: 'other_space', total: 10 })
      expect(answer.note).toContain('reembed --all')
      expect(stub.batches).toEqual([])
      await workAll(first)
      expect((await statusNow(first)).summary.embedding_count).toBe(10)
    })

    test('the later one takes over where the first was not seen for two minutes', async () => {
      await upload(servicesOn(db, new StubEmbedder()), 'things', things(5))
      const first = servicesOn(db, new StubEmbedder())
      await workAll(first)
      await agePresence('3 minutes')
      const second = servicesOn(db, new StubEmbedder({ model: 'another' }))
      await workAll(second)
      await second.spaces.finishSwap()
      expect(await search(second)).toMatchObject({
        ranking: 'hybrid',
        coverage: { embedded: 5, total: 5 },
      })
    })

    test('the later one does not take over from one that has just started', async () => {
      await ownSpace(servicesOn(db, new StubEmbedder()))
      await agePresence('1 day')
      await ownSpace(servicesOn(db, new StubEmbedder()))
      const second = servicesOn(db, new StubEmbedder({ model: 'another' }))
      expect(await second.spaces.current(AbortSignal.timeout(5_000))).toMatchObject({
        reason: 'other_space',
      })
    })

    test('the later one takes over at once when it is told to', async () => {
      const first = servicesOn(db, new StubEmbedder())
      await upload(first, 'things', things(5))
      await ownSpace(first)
      const second = servicesOn(db, new StubEmbedder({ model: 'another' }))
      await second.spaces.takeOver(AbortSignal.timeout(5_000))
      const spaceId = await ownSpace(second)
      await reconcile(db, spaceId)
      await workAll(second)
      expect((await statusNow(second)).summary.embedding_count).toBe(5)
      expect(await search(servicesOn(db, new StubEmbedder()))).toMatchObject({
        fallback: 'other_space',
      })
    })
  })

  test('many processes that start at once agree on one space', async () => {
    const identities = ['a', 'b', 'c'].flatMap((model) =>
      [0, 1].map(() => new StubEmbedder({ model }).identity),
    )
    const joined = await Promise.all(identities.map((identity) => joinSpace(db, identity)))
    expect(new Set(joined).size).toBe(3)
    expect(joined).toContain((await activeSpace(db))?.id)
    const living = await db.query(
      `select from api_catalog.embedding_spaces where is_active or is_next`,
    )
    expect(living).toHaveLength(1)
  })

  describe('jobs that were made before any space was active', () => {
    test('are taken by the first one', async () => {
      const services = servicesOn(db, new StubEmbedder())
      await upload(services, 'things', things(5))
      expect(await workAll(services)).toBe(1)
      expect((await statusNow(services)).summary).toMatchObject({ specs_indexed: 1 })
    })

    test('say what they wait for', async () => {
      const stub = new StubEmbedder()
      stub.isDown = true
      const services = servicesOn(db, stub, STILL)
      await upload(services, 'things', things(5))
      workInBackground(services)
      await expect
        .poll(async () => (await statusNow(services)).specs[0], WAIT)
        .toMatchObject({ badge: 'queued', job_attempts: 0, job_last_error: 'the stub is down' })
    })

    test.runIf(kind === 'postgres')(
      'are done although the upload was under way while the space became active',
      async () => {
        const services = servicesOn(db, new StubEmbedder())
        const uploaded = await upload({ db, embedder: null }, 'things', things(5))
        expect(uploaded.job).toBeNull()
        const [spec] = await db.query<{ id: number }>(`select id from api_catalog.specs`)
        await db.transaction(async (tx) => {
          await enqueue(tx, spec!.id, 'spec_write')
          await ownSpace(services)
        })
        expect(await claim(services)).toBeDefined()
      },
    )
  })

  describe('a provider that goes down', () => {
    test('costs the running job no attempt, and it goes on when the provider is back', async () => {
      const stub = new StubEmbedder()
      stub.onBatch = (batch) => {
        stub.isDown = batch === 2
      }
      const services = servicesOn(db, stub, { ...STILL, batchSize: 2 })
      await upload(services, 'things', things(6))
      workInBackground(services)
      await expect
        .poll(async () => (await statusNow(services)).specs[0], WAIT)
        .toMatchObject({ badge: 'queued', job_attempts: 0, job_last_error: 'the stub is down' })
      stub.onBatch = null
      stub.isDown = false
      await makeDue(db)
      const { specs } = await settledStatus(services)
      expect(specs[0]).toMatchObject({ badge: 'indexed', embedding_count: 6, job_attempts: 0 })
    })

    test('says in every waiting job what it waits for', async () => {
      const stub = new StubEmbedder()
      await ownSpace(servicesOn(db, stub))
      stub.isDown = true
      const services = servicesOn(db, stub, STILL)
      workInBackground(services)
      await upload(services, 'things', things(5))
      await expect
        .poll(async () => (await statusNow(services)).specs[0]?.job_last_error, WAIT)
        .toBe('the stub is down')
    })

    test('leaves the old vectors of a spec in the count, and search goes on by words', async () => {
      const stub = new StubEmbedder()
      const services = servicesOn(db, stub)
      await upload(services, 'things', things(5))
      await workAll(services)
      stub.isDown = true
      expect(await search(services)).toMatchObject({
        ranking: 'lexical',
        fallback: 'provider_error',
        total: 5,
        coverage: { embedded: 5, total: 5 },
      })
    })
  })

  describe('the reconciler', () => {
    const missing = async (services: Services) => reconcile(db, await ownSpace(services))

    test('asks for what nobody asked for, once, and then for nothing', async () => {
      const services = servicesOn(db, new StubEmbedder())
      for (const name of ['a', 'b', 'c']) {
        await upload(
          { db, embedder: null },
          name,
          things(3, (n) => `${name} ${n}`),
        )
      }
      expect(await missing(services)).toBe(3)
      expect(await missing(services)).toBe(0)
      expect(await workAll(services)).toBe(3)
      expect(await missing(services)).toBe(0)
    })

    test('ends with nothing asked for empty specs, refused and unknown texts', async () => {
      const stub = new StubEmbedder()
      Object.assign(stub, { refused: /thing 1/, unknown: /thing 2/ })
      const services = servicesOn(db, stub)
      await upload(services, 'empty', [])
      await upload(services, 'things', things(4))
      await workAll(services)
      expect(await missing(services)).toBe(0)
      expect(await jobsNow(db)).toHaveLength(1)
    })

    test('finds lost vectors and leaves the rest', async () => {
      const stub = new StubEmbedder()
      const services = servicesOn(db, stub)
      await upload(services, 'things', things(4))
      await workAll(services)
      await db.query(
        `delete from api_catalog.embeddings where text_hash in
           (select text_hash from api_catalog.operations where path = '/things/2')`,
      )
      stub.embedded.length = 0
      expect(await missing(services)).toBe(1)
      await workAll(services)
      expect(stub.embedded).toEqual(['GET /things/2'])
    })

    test('finds a text that changed although the number of operations did not', async () => {
      const stub = new StubEmbedder()
      const services = servicesOn(db, stub)
      await upload(services, 'things', things(4))
      await workAll(services)
      stub.embedded.length = 0
      await upload(
        services,
        'things',
        things(4, (n) => (n === 2 ? 'Changed' : `Read thing ${n}`)),
      )
      await db.query(`delete from api_catalog.embedding_jobs where status = 'pending'`)
      expect(await missing(services)).toBe(1)
      await workAll(services)
      expect(stub.embedded).toEqual(['GET /things/2'])
      expect(await missing(services)).toBe(0)
    })

    test('two at once ask once', async () => {
      const services = servicesOn(db, new StubEmbedder())
      for (const name of ['a', 'b', 'c']) {
        await upload(
          { db, embedder: null },
          name,
          things(2, (n) => `${name} ${n}`),
        )
      }
      const spaceId = await ownSpace(services)
      const asked = await Promise.all([reconcile(db, spaceId), reconcile(db, spaceId)])
      expect(asked[0] + asked[1]).toBe(3)
      expect(await jobsNow(db)).toHaveLength(3)
    })

    test('does not let a failure rest that was mended since', async () => {
      const services = servicesOn(db, new StubEmbedder())
      await ownSpace(services)
      await upload(services, 'things', things(2))
      await failJob(db, await claimOne(services), 'no luck', null)
      await upload(
        services,
        'things',
        things(2, (n) => `Mended ${n}`),
      )
      await workAll(services)
      await db.query(`delete from api_catalog.embeddings`)
      expect(await missing(services)).toBe(1)
    })

    test('embeds specs that were there before there was an embedder', async () => {
      const without = servicesOn(db, null)
      await upload(without, 'things', things(3))
      expect((await statusNow(without)).specs[0]).toMatchObject({ badge: 'lexical_only' })
      const services = servicesOn(db, new StubEmbedder(), STILL)
      workInBackground(services)
      await expect
        .poll(async () => (await statusNow(services)).specs[0], WAIT)
        .toMatchObject({ badge: 'indexed', embedding_count: 3 })
    })
  })

  test('a claimed job of a space that is active no more writes into its own space only', async () => {
    const first = servicesOn(db, new StubEmbedder())
    await upload(first, 'things', things(3))
    const job = await claimOne(first)
    await joinSpace(db, new StubEmbedder({ model: 'another' }).identity, { force: true })
    await work(first, job)
    const rows = await db.query(
      `select distinct e.space_id, s.is_active from api_catalog.embeddings e
       join api_catalog.embedding_spaces s on s.id = e.space_id`,
    )
    expect(rows).toEqual([{ space_id: job.spaceId, is_active: false }])
  })
})
