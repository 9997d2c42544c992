import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Services } from '../../src/app/services.js'
import type { Database } from '../../src/db/database.js'
import { reconcile } from '../../src/embedding/reconcile.js'
import { giveBackJob, yieldJob } from '../../src/queue/finish.js'
import { YieldJob, type ClaimedJob } from '../../src/queue/jobs.js'
import { isSomeoneWaiting } from '../../src/queue/turns.js'
import { reapExpiredLeases } from '../../src/queue/reap.js'
import type { StubEmbedder } from '../fakes/stub-embedder.js'
import {
  claim,
  claimOne,
  expireLeases,
  jobsNow,
  ownSpace,
  startAfresh,
  statusNow,
  upload,
  work,
  workAll,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

describe.each(storageKinds)('turns on %s', (kind) => {
  let db: Database
  let stub: StubEmbedder
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(async () => {
    ;({ stub, services } = await startAfresh(db, { batchSize: 10 }))
  })

  /** Specs of one operation each, with a text of their own. */
  const uploadSpecs = async (names: string[], catalog: string): Promise<void> => {
    for (const name of names) {
      const operations = things(1, () => `${catalog} ${name}`)
      await upload(services, name, operations, { catalog })
    }
  }
  const nameOf = async ({ specId }: ClaimedJob): Promise<string> => {
    const [row] = await db.query<{ name: string }>(
      `select c.name || '/' || s.name as name from api_catalog.specs s
       join api_catalog.catalogs c on c.id = s.catalog_id where s.id = $1`,
      [specId],
    )
    return row!.name
  }
  /** Claims `count` jobs, one after the other, each of which `end`s before the next. */
  const serve = async (
    count: number,
    end: (job: ClaimedJob) => Promise<void>,
  ): Promise<string[]> => {
    const served: string[] = []
    for (let n = 0; n < count; n++) {
      const job = await claimOne(services)
      served.push(await nameOf(job))
      await end(job)
    }
    return served
  }
  const makeWay = (job: ClaimedJob) => yieldJob(db, job, [], null)

  test('of jobs that yield go round', async () => {
    await uploadSpecs(['a', 'b', 'c'], 'one')
    expect(await serve(6, makeWay)).toEqual(
      ['a', 'b', 'c', 'a', 'b', 'c'].map((name) => `one/${name}`),
    )
  })

  test('of a new spec come before those of all that have had one', async () => {
    await uploadSpecs(['a', 'b', 'c'], 'one')
    await serve(4, makeWay)
    await uploadSpecs(['new'], 'one')
    expect(await serve(2, makeWay)).toContain('one/new')
  })

  test('of one catalog with many specs do not keep another one waiting', async () => {
    const many = Array.from({ length: 60 }, (_, n) => `spec-${n}`)
    await uploadSpecs(many, 'many')
    await serve(3, makeWay)
    await uploadSpecs(['small'], 'few')
    expect(await serve(2, makeWay)).toContain('few/small')
    // From then on both catalogs have about every second turn.
    const next = await serve(20, makeWay)
    const ofFew = next.filter((name) => name === 'few/small').length
    expect(ofFew).toBeGreaterThanOrEqual(8)
    expect(ofFew).toBeLessThanOrEqual(12)
  })

  test('of a catalog that worked alone for long are not held against it', async () => {
    await uploadSpecs(['a', 'b'], 'old')
    await serve(50, makeWay)
    await uploadSpecs(['c', 'd'], 'new')
    const next = await serve(20, makeWay)
    const ofOld = next.filter((name) => name.startsWith('old/')).length
    expect(ofOld).toBeGreaterThanOrEqual(8)
    expect(ofOld).toBeLessThanOrEqual(12)
  })

  test('that the reconciler gives are fair between catalogs too', async () => {
    await uploadSpecs(['a', 'b', 'c'], 'one')
    await uploadSpecs(['a', 'b', 'c'], 'two')
    await db.query(`delete from api_catalog.embedding_jobs`)
    expect(await reconcile(db, await ownSpace(services))).toBe(6)
    const first = await serve(2, makeWay)
    expect(first.map((name) => name.slice(0, 3)).toSorted()).toEqual(['one', 'two'])
  })

  test('starve nobody, however many come later', async () => {
    await uploadSpecs(['a', 'b'], 'one')
    await serve(2, makeWay)
    const served: string[] = []
    for (let n = 0; n < 10; n++) {
      await uploadSpecs([`later-${n}`], 'one')
      served.push(...(await serve(2, makeWay)))
    }
    expect(served).toContain('one/a')
    expect(served).toContain('one/b')
  })

  test('of a job whose worker died come after those of the others', async () => {
    await uploadSpecs(['deadly', 'other'], 'one')
    await claimOne(services)
    await expireLeases(db)
    await reapExpiredLeases(db)
    expect(await serve(1, makeWay)).toEqual(['one/other'])
  })

  describe('a job that yields', () => {
    /** A spec of 40 operations, one batch of which is embedded, and another one that waits. */
    const yielding = async (): Promise<ClaimedJob> => {
      await upload(services, 'large', things(40))
      const job = await claimOne(services)
      const stop = new AbortController()
      stub.onBatch = async (batch) => {
        if (batch === 1) return
        stop.abort(new Error('enough'))
        throw stop.signal.reason
      }
      await expect(work(services, job, stop.signal)).rejects.toThrow('enough')
      stub.onBatch = null
      await upload(
        services,
        'small',
        things(5, (n) => `Small ${n}`),
      )
      await yieldJob(db, job, [], null)
      return job
    }
    const large = async () =>
      (await statusNow(services)).specs.find(({ spec_name }) => spec_name === 'large')!

    test('stays indexing, with its counts, its progress and the time that is left', async () => {
      await yielding()
      const { summary } = await statusNow(services)
      expect(summary).toMatchObject({ specs_running: 1, specs_pending: 1, embedding_count: 10 })
      expect(await large()).toMatchObject({
        badge: 'indexing',
        embedding_count: 10,
        embedded_so_far: 10,
        job_attempts: 0,
        job_last_error: null,
        eta_seconds: expect.any(Number),
      })
    })

    test('has spent neither an attempt nor a claim, and goes on where it was', async () => {
      const job = await yielding()
      const [waiting] = await jobsNow(db)
      expect(waiting).toMatchObject({ status: 'pending', attempts: 0, claims: 0, worker_id: null })
      expect(await workAll(services)).toBe(2)
      expect(stub.embedded).toHaveLength(45)
      expect((await jobsNow(db)).find(({ id }) => id === job.id)?.status).toBe('succeeded')
      expect(await large()).toMatchObject({ badge: 'indexed', embedded_so_far: 40 })
    })

    test('is queued like any other when it is given back later', async () => {
      await yielding()
      await workAll(services)
      await upload(
        services,
        'large',
        things(40, (n) => `Other ${n}`),
      )
      await giveBackJob(db, await claimOne(services))
      expect(await large()).toMatchObject({ badge: 'queued' })
    })

    test('may be claimed any number of times without being taken for deadly', async () => {
      await uploadSpecs(['a'], 'one')
      await serve(10, makeWay)
      await claimOne(services)
      await expireLeases(db)
      await reapExpiredLeases(db)
      expect((await jobsNow(db))[0]).toMatchObject({ status: 'pending', attempts: 0 })
    })
  })

  test('nobody waits for a job that is alone, or while no other is due', async () => {
    await uploadSpecs(['a', 'b'], 'one')
    const job = await claimOne(services)
    expect(await isSomeoneWaiting(db, job)).toBe(true)
    await db.query(
      `update api_catalog.embedding_jobs set next_run_at = now() + interval '1 minute'
       where status = 'pending'`,
    )
    expect(await isSomeoneWaiting(db, job)).toBe(false)
  })

  test('of another space than the active one are given up for its jobs, and not the other way', async () => {
    await uploadSpecs(['a', 'b'], 'one')
    const job = await claimOne(services)
    const [other] = await db.query<{ id: number }>(
      `insert into api_catalog.embedding_spaces (provider, model, dimensions, weights, recipe)
       values ('bundled', 'other', 64, 'other', 'other') returning id`,
    )
    expect(await isSomeoneWaiting(db, { ...job, spaceId: other!.id })).toBe(true)
    await db.query(`update api_catalog.embedding_jobs set space_id = $1 where status = 'pending'`, [
      other!.id,
    ])
    expect(await isSomeoneWaiting(db, job)).toBe(false)
  })

  describe('the work of a large spec', () => {
    /** Embeds until its turn is over: every batch takes a part of it. */
    const workUntilYield = async (job: ClaimedJob): Promise<YieldJob> => {
      const failure: unknown = await work(services, job).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(YieldJob)
      return failure as YieldJob
    }

    test('makes way after a second when another spec waits, and keeps what it has', async () => {
      stub.delayMs = 200
      await upload(services, 'large', things(300))
      const job = await claimOne(services)
      await upload(services, 'small', [{ path: '/small', summary: 'Small' }])
      await workUntilYield(job)
      const { specs } = await statusNow(services)
      const large = specs.find(({ spec_name }) => spec_name === 'large')!
      expect(large.embedding_count).toBe(stub.embedded.length)
      expect(large.embedding_count).toBeGreaterThan(0)
      expect(large.embedding_count).toBeLessThan(300)
    })

    test('goes on when nobody waits', async () => {
      stub.delayMs = 200
      await upload(services, 'large', things(80))
      await work(services, await claimOne(services))
      expect(stub.embedded).toHaveLength(80)
    })

    test('does not send a text again that failed in an earlier turn, and fails with it in the end', async () => {
      stub.delayMs = 200
      stub.broken = { texts: /thing 7\b/, fault: 'nan' }
      await upload(services, 'large', things(120))
      let job = await claimOne(services)
      await upload(services, 'small', [{ path: '/small', summary: 'Small' }])
      // Whichever batch it is in: until it has failed, and a turn is over.
      let yielded: YieldJob
      for (;;) {
        yielded = await workUntilYield(job)
        await yieldJob(db, job, yielded.leftOut, yielded.reason)
        if (yielded.leftOut.length > 0) break
        job = (await claimLarge())!
      }
      expect(yielded.reason).toContain('NaN')
      const before = stub.batches.length
      job = (await claimLarge())!
      await db.query(`delete from api_catalog.embedding_jobs where status = 'pending'`)
      await expect(work(services, job)).rejects.toThrow(/1 text could not be embedded: .*NaN/)
      expect(stub.batches.slice(before).flat()).not.toContain('GET /things/7')
      const { specs } = await statusNow(services)
      expect(specs.find(({ spec_name }) => spec_name === 'large')?.embedding_count).toBe(119)
    })

    const claimLarge = async (): Promise<ClaimedJob | undefined> => {
      for (;;) {
        const job = await claim(services)
        if (!job || (await nameOf(job)).endsWith('/large')) return job
        await yieldJob(db, job, [], null)
      }
    }
  })
})
