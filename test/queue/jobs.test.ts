import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Services } from '../../src/app/services.js'
import type { Database } from '../../src/db/database.js'
import { claimJobs, msUntilNextJob, succeedAndClaim } from '../../src/queue/claim.js'
import { enqueue } from '../../src/queue/enqueue.js'
import {
  failJob,
  giveBackJob,
  snoozeJob,
  succeedJob,
  succeedJobs,
  yieldJob,
} from '../../src/queue/finish.js'
import { LeaseLost } from '../../src/queue/jobs.js'
import { addProgress, holdLease, renewLease, startProgress } from '../../src/queue/lease.js'
import { pruneJobs } from '../../src/queue/prune.js'
import { reapExpiredLeases, takeAllLeases } from '../../src/queue/reap.js'
import {
  claim,
  claimOne,
  expireLeases,
  jobsNow,
  makeDue,
  ownSpace,
  startAfresh,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

describe.each(storageKinds)('jobs on %s', (kind) => {
  let db: Database
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(async () => {
    ;({ services } = await startAfresh(db))
  })

  /** Specs whose operations are nowhere: the queue knows ids only. */
  const makeSpecs = async (count: number): Promise<number[]> => {
    const rows = await db.query<{ id: number }>(
      `with c as (insert into api_catalog.catalogs (name) values ('default') returning id)
       insert into api_catalog.specs (catalog_id, name, revision, operation_count)
       select c.id, 'spec-' || n, 1, 100 from c, generate_series(1, $1::integer) n returning id`,
      [count],
    )
    return rows.map(({ id }) => id)
  }
  const makeJobs = async (count: number): Promise<number[]> => {
    const specs = await makeSpecs(count)
    for (const spec of specs) await enqueue(db, spec, 'spec_write')
    return specs
  }
  const onlyJob = async () => {
    const jobs = await jobsNow(db)
    expect(jobs).toHaveLength(1)
    return jobs[0]!
  }

  describe('claiming', () => {
    test('takes the job whose turn it is', async () => {
      const specs = await makeJobs(3)
      await db.query(
        `update api_catalog.embedding_jobs set turn_at = now() - interval '1 hour'
         where spec_id = $1`,
        [specs[1]],
      )
      const order = [await claim(services), await claim(services), await claim(services)]
      expect(order.map((job) => job?.specId)).toEqual([specs[1], specs[0], specs[2]])
      expect(await claim(services)).toBeUndefined()
    })

    test('by many at once gives each job to one of them, and none is left', async () => {
      const specs = await makeJobs(40)
      const spaceId = await ownSpace(services)
      const takeAll = async (workerId: string): Promise<number[]> => {
        const taken: number[] = []
        for (;;) {
          const jobs = await claimJobs(db, { spaceId, workerId, leaseMs: 60_000, limit: 3 })
          if (jobs.length === 0) return taken
          taken.push(...jobs.map(({ specId }) => specId))
        }
      }
      const taken = await Promise.all(Array.from({ length: 8 }, (_, n) => takeAll(`worker ${n}`)))
      expect(taken.flat().toSorted((a, b) => a - b)).toEqual(specs)
    })

    test('of several takes those whose turn it is, each with a token of its own', async () => {
      const specs = await makeJobs(5)
      await db.query(
        `update api_catalog.embedding_jobs set turn_at = turn_at - interval '1 hour'
         where spec_id = any($1::integer[])`,
        [specs.slice(3)],
      )
      const spaceId = await ownSpace(services)
      const jobs = await claimJobs(db, { spaceId, workerId: 'w', leaseMs: 60_000, limit: 3 })
      expect(jobs.map(({ specId }) => specId).toSorted((a, b) => a - b)).toEqual([
        specs[0],
        specs[3],
        specs[4],
      ])
      expect(new Set(jobs.map(({ leaseToken }) => leaseToken)).size).toBe(3)
    })

    test('takes jobs of no space after those of its own', async () => {
      const specs = await makeJobs(3)
      await db.query(`update api_catalog.embedding_jobs set space_id = null where spec_id <> $1`, [
        specs[2],
      ])
      const spaceId = await ownSpace(services)
      const request = { spaceId, workerId: 'w', leaseMs: 60_000, limit: 2 }
      const jobs = await claimJobs(db, request)
      expect(jobs.map(({ specId }) => specId)).toEqual([specs[2], specs[0]])
      expect(jobs.map((job) => job.spaceId)).toEqual([spaceId, spaceId])
    })

    test.runIf(kind === 'postgres')('passes over a job that somebody else holds', async () => {
      const specs = await makeJobs(2)
      await db.transaction(async (tx) => {
        await tx.query(`select id from api_catalog.embedding_jobs where spec_id = $1 for update`, [
          specs[0],
        ])
        expect((await claim(services))?.specId).toBe(specs[1])
      })
    })

    test('leaves jobs of another space, and jobs that are not due, alone', async () => {
      await makeJobs(1)
      const elsewhere = { spaceId: 4711, workerId: 'w', leaseMs: 1_000, limit: 10 }
      expect(await claimJobs(db, elsewhere)).toEqual([])
      await db.query(
        `update api_catalog.embedding_jobs set next_run_at = now() + interval '1 minute'`,
      )
      expect(await claim(services)).toBeUndefined()
      const wait = await msUntilNextJob(db, [await ownSpace(services)])
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(60_000)
    })

    test('starts a lease with a token of its own each time', async () => {
      await makeJobs(1)
      const first = await claimOne(services)
      await giveBackJob(db, first)
      const second = await claimOne(services)
      expect(second.id).toBe(first.id)
      expect(second.leaseToken).not.toBe(first.leaseToken)
    })

    test('has nothing to wait for when no job waits', async () => {
      expect(await msUntilNextJob(db, [await ownSpace(services)])).toBeNull()
    })
  })

  describe('a lease', () => {
    test('that was lost to another worker refuses every write of the first', async () => {
      await makeJobs(1)
      const stale = await claimOne(services, { workerId: 'frozen' })
      await expireLeases(db)
      expect(await reapExpiredLeases(db)).toBe(1)
      const fresh = await claimOne(services, { workerId: 'next' })
      const before = await onlyJob()
      const writes = [
        () => renewLease(db, stale, 60_000),
        () => db.transaction((tx) => holdLease(tx, stale)),
        () => startProgress(db, stale, 3),
        () => addProgress(db, stale, 3),
        () => succeedJob(db, stale),
        () => failJob(db, stale, 'late', 5),
        () => snoozeJob(db, stale, 'late', 5),
        () => yieldJob(db, stale, [], null),
        () => giveBackJob(db, stale),
      ]
      for (const write of writes) await expect(write()).rejects.toThrow(LeaseLost)
      expect({ ...(await onlyJob()), wait_ms: 0 }).toEqual({ ...before, wait_ms: 0 })
      await succeedJob(db, fresh)
      expect((await onlyJob()).status).toBe('succeeded')
    })

    test.skipIf(kind === 'embedded')(
      'whose holder is frozen in the midst of a write keeps no other from being given back',
      async () => {
        await makeJobs(3)
        const frozen = await claimOne(services)
        await claimOne(services)
        await claimOne(services)
        await expireLeases(db)
        await db.transaction(async (tx) => {
          await holdLease(tx, frozen)
          expect(await reapExpiredLeases(db)).toBe(2)
        })
        expect(await reapExpiredLeases(db)).toBe(1)
      },
    )

    test('whose job was deleted with its spec refuses every write', async () => {
      await makeJobs(1)
      const job = await claimOne(services)
      await db.query(`delete from api_catalog.specs`)
      await expect(renewLease(db, job, 1_000)).rejects.toThrow(LeaseLost)
      await expect(succeedJob(db, job)).rejects.toThrow(LeaseLost)
    })

    test('that is renewed is not reaped', async () => {
      await makeJobs(1)
      const job = await claimOne(services, { leaseMs: 1_000 })
      await expireLeases(db)
      await renewLease(db, job, 60_000)
      expect(await reapExpiredLeases(db)).toBe(0)
      expect((await onlyJob()).status).toBe('running')
    })

    test('that ran out is given back, and costs no attempt', async () => {
      await makeJobs(1)
      const dead = await claimOne(services)
      expect(await reapExpiredLeases(db)).toBe(0)
      await expireLeases(db)
      expect(await reapExpiredLeases(db)).toBe(1)
      expect(await onlyJob()).toMatchObject({ status: 'pending', attempts: 0, lease_token: null })
      const next = await claimOne(services)
      expect(next.id).toBe(dead.id)
      expect(next.attempts).toBe(0)
    })

    test('is taken once by two reapers at once', async () => {
      await makeJobs(10)
      for (let n = 0; n < 10; n++) await claimOne(services)
      await expireLeases(db)
      const taken = await Promise.all([reapExpiredLeases(db), reapExpiredLeases(db)])
      expect(taken[0] + taken[1]).toBe(10)
    })

    test('of a dead owner is given back before it runs out', async () => {
      await makeJobs(2)
      await claimOne(services)
      expect(await takeAllLeases(db)).toBe(1)
      expect((await jobsNow(db)).map(({ status }) => status)).toEqual(['pending', 'pending'])
    })
  })

  describe('a job whose worker keeps dying', () => {
    const dieOnce = async (): Promise<void> => {
      await claimOne(services)
      await expireLeases(db)
      await reapExpiredLeases(db)
    }

    test('fails after the fifth time, saying so', async () => {
      await makeJobs(1)
      for (let n = 0; n < 4; n++) await dieOnce()
      expect((await onlyJob()).status).toBe('pending')
      await dieOnce()
      const job = await onlyJob()
      expect(job).toMatchObject({ status: 'failed', attempts: 0 })
      expect(job.last_error).toMatch(/worker died 5 times/)
    })

    test('goes on when each life wrote something', async () => {
      await makeJobs(1)
      for (let n = 0; n < 10; n++) {
        await addProgress(db, await claimOne(services), 1)
        await expireLeases(db)
        await reapExpiredLeases(db)
      }
      expect(await onlyJob()).toMatchObject({ status: 'pending', embedded_so_far: 10 })
    })

    test('is tried with the edit that came while it ran', async () => {
      const [spec] = await makeJobs(1)
      for (let n = 0; n < 4; n++) await dieOnce()
      await claimOne(services)
      await enqueue(db, spec!, 'spec_write')
      await expireLeases(db)
      await reapExpiredLeases(db)
      expect(await claim(services)).toBeDefined()
    })
  })

  describe('a running job', () => {
    test('that fails costs an attempt and waits', async () => {
      await makeJobs(1)
      await failJob(db, await claimOne(services), 'no luck', 5_000)
      const job = await onlyJob()
      expect(job).toMatchObject({
        status: 'pending',
        attempts: 1,
        claims: 0,
        last_error: 'no luck',
      })
      expect(job.wait_ms).toBeGreaterThan(4_000)
      expect(job.wait_ms).toBeLessThanOrEqual(5_000)
      expect(await claim(services)).toBeUndefined()
      await makeDue(db)
      expect((await claim(services))?.attempts).toBe(1)
    })

    test('that fails with no retry left is failed, and stays so', async () => {
      await makeJobs(1)
      await failJob(db, await claimOne(services), 'x'.repeat(5_000), null)
      const job = await onlyJob()
      expect(job).toMatchObject({ status: 'failed', attempts: 1, lease_token: null })
      expect(job.last_error).toHaveLength(2_000)
      await makeDue(db)
      expect(await claim(services)).toBeUndefined()
    })

    test('that waits for the provider costs nothing, and says what it waits for', async () => {
      await makeJobs(1)
      await snoozeJob(db, await claimOne(services), 'no Ollama', 15_000)
      const job = await onlyJob()
      expect(job).toMatchObject({ status: 'pending', attempts: 0, claims: 0 })
      expect(job.last_error).toBe('no Ollama')
      expect(job.wait_ms).toBeGreaterThan(10_000)
    })

    test('that is given back can be claimed at once, for nothing', async () => {
      await makeJobs(1)
      await giveBackJob(db, await claimOne(services))
      expect(await onlyJob()).toMatchObject({ status: 'pending', attempts: 0, claims: 0 })
      expect(await claim(services)).toBeDefined()
    })

    test('that succeeds forgets its failures', async () => {
      await makeJobs(1)
      await failJob(db, await claimOne(services), 'once', 0)
      await succeedJob(db, await claimOne(services))
      expect(await onlyJob()).toMatchObject({ status: 'succeeded', attempts: 0, last_error: null })
    })

    test('together with others keeps none of them waiting', async () => {
      const specs = await makeJobs(3)
      const [done, asked, held] = [
        await claimOne(services),
        await claimOne(services),
        await claimOne(services),
      ]
      await enqueue(db, asked.specId, 'spec_write')
      const lost = { ...done, leaseToken: held.leaseToken }
      if (kind === 'embedded') {
        expect(await succeedJobs(db, [asked, lost, done])).toEqual([false, false, true])
      } else {
        await db.transaction(async (tx) => {
          await tx.query(`select from api_catalog.embedding_jobs where id = $1 for update`, [
            held.id,
          ])
          const together = [asked, held, lost, done]
          expect(await succeedJobs(db, together)).toEqual([false, false, false, true])
        })
      }
      for (const job of [asked, held]) await succeedJob(db, job)
      expect((await jobsNow(db)).map(({ status }) => status)).toEqual(
        specs.map((spec) => (spec === asked.specId ? 'pending' : 'succeeded')),
      )
    })

    test.runIf(kind === 'postgres')(
      'whose row is held does not keep the next waiting',
      async () => {
        const specs = await makeJobs(2)
        const held = await claimOne(services)
        const spaceId = await ownSpace(services)
        const request = { spaceId, workerId: 'w', leaseMs: 60_000, limit: 1 }
        await db.transaction(async (tx) => {
          await tx.query(`select from api_catalog.embedding_jobs where id = $1 for update`, [
            held.id,
          ])
          const { isDone, claimed } = await succeedAndClaim(db, held, request)
          expect(isDone).toBe(false)
          expect(claimed.map(({ specId }) => specId)).toEqual([specs[1]])
        })
        await succeedJob(db, held)
        expect((await jobsNow(db)).map(({ status }) => status)).toEqual(['succeeded', 'running'])
      },
    )

    test.each([
      ['succeeded', succeedJob],
      ['failed for good', (tx, job) => failJob(tx, job, 'no', null)],
      ['failed', (tx, job) => failJob(tx, job, 'no', 3_600_000)],
      ['given back', giveBackJob],
      ['yielded', (tx, job) => yieldJob(tx, job, [], null)],
    ] satisfies [string, typeof succeedJob][])(
      'of which more was asked runs again once it has %s',
      async (_, finish) => {
        const [spec] = await makeJobs(1)
        const running = await claimOne(services)
        const asked = await enqueue(db, spec!, 'manual_retry')
        expect(asked).toEqual({ id: running.id, status: 'running' })
        expect(await onlyJob()).toMatchObject({ status: 'running', rerun: true })
        await finish(db, running)
        expect(await onlyJob()).toMatchObject({ status: 'pending', rerun: false, attempts: 0 })
        await succeedJob(db, await claimOne(services))
        expect(await onlyJob()).toMatchObject({ status: 'succeeded' })
      },
    )
  })

  describe('asking for a spec', () => {
    test('by many at once makes one job', async () => {
      const [spec] = await makeSpecs(1)
      const asked = await Promise.all(
        Array.from({ length: 10 }, () => enqueue(db, spec!, 'spec_write')),
      )
      expect(new Set(asked.map(({ id }) => id)).size).toBe(1)
      expect((await onlyJob()).status).toBe('pending')
    })

    test('whose job waits for a retry runs it now, with all its tries', async () => {
      const [spec] = await makeJobs(1)
      await failJob(db, await claimOne(services), 'no luck', 3_600_000)
      await enqueue(db, spec!, 'manual_retry')
      expect(await claim(services)).toMatchObject({ attempts: 0, kind: 'manual_retry' })
    })

    test('whose job failed for good makes another', async () => {
      const [spec] = await makeJobs(1)
      await failJob(db, await claimOne(services), 'no', null)
      await enqueue(db, spec!, 'spec_write')
      expect((await jobsNow(db)).map(({ status }) => status)).toEqual(['failed', 'pending'])
    })

    test('in a transaction that is rolled back asks for nothing', async () => {
      const [spec] = await makeSpecs(1)
      const failing = db.transaction(async (tx) => {
        await enqueue(tx, spec!, 'spec_write')
        throw new Error('changed my mind')
      })
      await expect(failing).rejects.toThrow('changed my mind')
      expect(await jobsNow(db)).toEqual([])
    })
  })

  describe('pruning', () => {
    const age = async (days: number): Promise<void> => {
      await db.query(
        `update api_catalog.embedding_jobs set completed_at = completed_at - $1 * interval '1 day'`,
        [days],
      )
    }

    test('removes what finished long ago, but the last job of a spec stays', async () => {
      const [spec] = await makeJobs(1)
      await succeedJob(db, await claimOne(services))
      await enqueue(db, spec!, 'spec_write')
      await failJob(db, await claimOne(services), 'no', null)
      await enqueue(db, spec!, 'spec_write')
      await succeedJob(db, await claimOne(services))
      expect(await pruneJobs(db, 14)).toBe(0)
      await age(15)
      expect(await pruneJobs(db, 14)).toBe(2)
      expect((await jobsNow(db)).map(({ id }) => id)).toEqual([3])
    })

    test('leaves open jobs, however old', async () => {
      const [spec] = await makeJobs(1)
      await succeedJob(db, await claimOne(services))
      await enqueue(db, spec!, 'spec_write')
      await db.query(
        `update api_catalog.embedding_jobs set created_at = now() - interval '1 year'
         where status = 'pending'`,
      )
      await age(15)
      expect(await pruneJobs(db, 14)).toBe(1)
      expect((await onlyJob()).status).toBe('pending')
    })
  })
})
