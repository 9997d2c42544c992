import { pino } from 'pino'
import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { withResolvers } from '../../src/db/with-resolvers.js'
import { UnavailableError } from '../../src/errors.js'
import { createMetrics } from '../../src/metrics/create-metrics.js'
import { enqueue } from '../../src/queue/enqueue.js'
import { DiscardJob, SnoozeJob, type ClaimedJob } from '../../src/queue/jobs.js'
import { QueueWorker, type WorkerOptions, type WorkerSettings } from '../../src/queue/worker.js'
import { expireLeases, jobsNow, makeDue, startAfresh } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

const HOUR_MS = 3_600_000
const WAIT = { timeout: 15_000, interval: 20 }

/** Nothing happens by a timer, unless a test says so. */
const STILL: WorkerSettings = {
  workers: 1,
  leaseMs: 60_000,
  maxRetries: 5,
  retryBaseMs: HOUR_MS,
  pollMs: HOUR_MS,
  reapMs: HOUR_MS,
  reconcileMs: HOUR_MS,
}

describe.each(storageKinds)('a worker on %s', (kind) => {
  let db: Database
  let spaceId: number

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(async () => {
    ;({ spaceId } = await startAfresh(db))
  })

  /** The database, but for what a test changes in it. */
  const databaseWith = (changes: Partial<Database>): Database => ({
    kind: db.kind,
    hasVectors: db.hasVectors,
    query: (...asked) => db.query(...asked),
    transaction: (work) => db.transaction(work),
    listen: (...heard) => db.listen(...heard),
    [Symbol.asyncDispose]: async () => {},
    ...changes,
  })

  const ask = async (name = 'spec'): Promise<number> => {
    const [row] = await db.query<{ id: number }>(
      `with c as (
         insert into api_catalog.catalogs (name) values ('default')
         on conflict (tenant, name) do update set name = excluded.name returning id)
       insert into api_catalog.specs (catalog_id, name, revision, operation_count)
       select id, $1, 1, 0 from c returning id`,
      [name],
    )
    await enqueue(db, row!.id, 'spec_write')
    return row!.id
  }

  const startWorker = (
    work: WorkerOptions['work'],
    {
      settings = {},
      ...more
    }: Partial<Omit<WorkerOptions, 'settings'>> & {
      settings?: Partial<WorkerSettings>
    } = {},
  ): QueueWorker =>
    new QueueWorker({
      db,
      log: pino({ level: 'silent' }),
      metrics: createMetrics(),
      spaces: async () => ({ spaceIds: [spaceId], waitMs: Infinity }),
      reconcile: async () => {},
      work,
      settings: { ...STILL, ...settings },
      ...more,
    }).start()

  /** An idle worker: it has looked for jobs, found none, and sleeps. */
  const startIdle = async (...options: Parameters<typeof startWorker>): Promise<QueueWorker> => {
    const [work, { settings = {}, ...more } = {}] = options
    const done = vi.fn<(job: ClaimedJob) => void>()
    const probe = await ask(`probe ${Math.random()}`)
    const worker = startWorker(
      async (job, signal) => (job.specId === probe ? done(job) : work(job, signal)),
      { settings, ...more },
    )
    await vi.waitFor(() => expect(done).toHaveBeenCalled(), WAIT)
    await expect.poll(async () => (await jobOf(probe))?.status, WAIT).toBe('succeeded')
    return worker
  }

  const jobOf = async (specId: number) => {
    const jobs = await db.query<{ id: number }>(
      `select id from api_catalog.embedding_jobs where spec_id = $1 order by id desc limit 1`,
      [specId],
    )
    return (await jobsNow(db)).find(({ id }) => id === jobs[0]?.id)
  }
  const expectJob = (specId: number) => expect.poll(() => jobOf(specId), WAIT)

  /** Work that lasts until it is aborted or released. */
  const longWork = () => {
    const calls: { job: ClaimedJob; signal: AbortSignal; release: () => void }[] = []
    const work: WorkerOptions['work'] = (job, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error))
        calls.push({ job, signal, release: resolve })
      })
    return {
      calls,
      work,
      started: (n = 1) => vi.waitFor(() => expect(calls).toHaveLength(n), WAIT),
    }
  }

  test('does what is asked, one job after the other', async () => {
    const specs = [await ask('a'), await ask('b'), await ask('c')]
    const seen: number[] = []
    await using _worker = startWorker(async (job) => void seen.push(job.specId))
    for (const spec of specs) await expectJob(spec).toMatchObject({ status: 'succeeded' })
    expect(seen).toEqual(specs)
  })

  test('that sleeps is woken by new work', async () => {
    await using _worker = await startIdle(async () => {})
    await expectJob(await ask()).toMatchObject({ status: 'succeeded' })
  })

  test('finds work by its poll when no notification comes', async () => {
    const deaf = databaseWith({
      listen: async () => ({ [Symbol.asyncDispose]: async () => {} }),
    })
    await using _worker = await startIdle(async () => {}, { db: deaf, settings: { pollMs: 100 } })
    await expectJob(await ask()).toMatchObject({ status: 'succeeded' })
  })

  test('works where the database cannot LISTEN, and says so in one line', async () => {
    const lines: string[] = []
    const log = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })
    const deaf = databaseWith({
      listen: async () => Promise.reject(new Error('no LISTEN here')),
    })
    await using _worker = await startIdle(async () => {}, {
      db: deaf,
      log,
      settings: { pollMs: 100 },
    })
    await expectJob(await ask()).toMatchObject({ status: 'succeeded' })
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain('new work is found by polling')
  })

  test('comes back to a job when its retry is due', async () => {
    let failures = 0
    await using _worker = startWorker(
      async () => {
        if (failures++ < 2) throw new Error('no luck')
      },
      { settings: { retryBaseMs: 20 } },
    )
    await expectJob(await ask()).toMatchObject({ status: 'succeeded', attempts: 0 })
    expect(failures).toBe(3)
  })

  test('fails a job for good after its retries, with the last error', async () => {
    let calls = 0
    await using _worker = startWorker(
      async () => {
        throw new Error(`no luck ${++calls}`)
      },
      { settings: { retryBaseMs: 1, maxRetries: 2 } },
    )
    await expectJob(await ask()).toMatchObject({
      status: 'failed',
      attempts: 3,
      last_error: 'no luck 3',
    })
    expect(calls).toBe(3)
  })

  test('spends no attempt on a job that waits for the provider', async () => {
    await using _worker = startWorker(async () => {
      throw new SnoozeJob('no provider', 30_000)
    })
    const spec = await ask()
    await expectJob(spec).toMatchObject({ status: 'pending', last_error: 'no provider' })
    expect(await jobOf(spec)).toMatchObject({ attempts: 0, claims: 0 })
  })

  test('never tries again what can never succeed', async () => {
    await using _worker = startWorker(async () => {
      throw new DiscardJob('the spec is gone')
    })
    await expectJob(await ask()).toMatchObject({ status: 'failed', last_error: 'the spec is gone' })
  })

  test('gives a job back when the database was away, at no cost', async () => {
    let calls = 0
    await using _worker = startWorker(async () => {
      if (calls++ === 0) throw new UnavailableError('the database is restarting')
    })
    await expectJob(await ask()).toMatchObject({ status: 'succeeded', attempts: 0 })
    expect(calls).toBe(2)
  })

  test('keeps a job for as long as its work lasts, in one attempt', async () => {
    const long = longWork()
    await using _worker = startWorker(long.work, { settings: { leaseMs: 600, reapMs: 50 } })
    const spec = await ask()
    await long.started()
    const [lease] = await db.query<{ ends: Date }>(
      `select lease_expires_at as ends from api_catalog.embedding_jobs`,
    )
    // Three leases later it would have been reaped three times.
    await vi.waitFor(async () => {
      const [now] = await db.query<{ late: boolean }>(
        `select now() > $1::timestamptz + interval '1200 ms' as late`,
        [lease!.ends],
      )
      expect(now!.late).toBe(true)
    }, WAIT)
    expect(await jobOf(spec)).toMatchObject({ status: 'running', claims: 1 })
    long.calls[0]!.release()
    await expectJob(spec).toMatchObject({ status: 'succeeded' })
    expect(long.calls).toHaveLength(1)
  })

  test('aborts the work of a job whose lease it lost, and does not touch the job', async () => {
    const long = longWork()
    await using _worker = startWorker(long.work, { settings: { leaseMs: 300 } })
    const spec = await ask()
    await long.started()
    await db.query(
      `update api_catalog.embedding_jobs set lease_token = gen_random_uuid(), worker_id = 'thief',
         lease_expires_at = now() + interval '1 hour'`,
    )
    await vi.waitFor(() => expect(long.calls[0]!.signal.aborted).toBe(true), WAIT)
    // It goes on with other work.
    const other = await ask('other')
    await long.started(2)
    long.calls[1]!.release()
    await expectJob(other).toMatchObject({ status: 'succeeded' })
    expect(await jobOf(spec)).toMatchObject({ status: 'running', worker_id: 'thief', attempts: 0 })
  })

  test('takes over the job of a dead one when its lease has run out', async () => {
    const spec = await ask()
    const { leaseToken } = await deadClaim()
    await using _worker = startWorker(async () => {}, { settings: { reapMs: 100 } })
    expect(await jobOf(spec)).toMatchObject({ status: 'running', lease_token: leaseToken })
    await expireLeases(db)
    await expectJob(spec).toMatchObject({ status: 'succeeded' })
  })

  const deadClaim = async (): Promise<{ leaseToken: string }> => {
    const [row] = await db.query<{ leaseToken: string }>(
      `update api_catalog.embedding_jobs set status = 'running', claims = 1, worker_id = 'dead',
         lease_token = gen_random_uuid(), lease_expires_at = now() + interval '1 hour'
       returning lease_token as "leaseToken"`,
    )
    return row!
  }

  test('that stops aborts its work and gives the job back', async () => {
    const long = longWork()
    const worker = startWorker(long.work)
    const spec = await ask()
    await long.started()
    await worker[Symbol.asyncDispose]()
    expect(long.calls[0]!.signal.aborted).toBe(true)
    expect(await jobOf(spec)).toMatchObject({ status: 'pending', attempts: 0, lease_token: null })
    await worker[Symbol.asyncDispose]()
  })

  test('that stops hands its job to a sleeping one at once', async () => {
    const first = longWork()
    const second = longWork()
    await using stopping = startWorker(first.work)
    const spec = await ask()
    await first.started()
    await using _sleeping = await startIdle(second.work)
    await stopping[Symbol.asyncDispose]()
    await second.started()
    second.calls[0]!.release()
    await expectJob(spec).toMatchObject({ status: 'succeeded' })
  })

  test('runs as many jobs at once as it has places', async () => {
    const long = longWork()
    await using _worker = startWorker(long.work, { settings: { workers: 3 } })
    for (const name of ['a', 'b', 'c', 'd']) await ask(name)
    await long.started(3)
    long.calls[0]!.release()
    await long.started(4)
    for (const { release } of long.calls) release()
    await expect
      .poll(async () => (await jobsNow(db)).map(({ status }) => status), WAIT)
      .toEqual(['succeeded', 'succeeded', 'succeeded', 'succeeded'])
    expect(new Set(long.calls.map(({ job }) => job.id)).size).toBe(4)
  })

  test('ends a job and claims the next by one statement', async () => {
    const ends: string[] = []
    const watched = databaseWith({
      query: async (sql, ...more) => {
        if (sql.includes(`status = 'succeeded'`)) ends.push(sql)
        return db.query(sql, ...more)
      },
    })
    for (const name of ['a', 'b', 'c', 'd', 'e']) await ask(name)
    await using _worker = startWorker(async () => {}, { db: watched })
    await expect
      .poll(async () => (await jobsNow(db)).map(({ status }) => status), WAIT)
      .toEqual(Array(5).fill('succeeded'))
    expect(ends).toHaveLength(5)
    expect(ends.filter((sql) => sql.includes(`status = 'running'`))).not.toEqual([])
  })

  test('claims while the end of others is being written, but not ever more', async () => {
    const { promise: held, resolve: release } = withResolvers<void>()
    const slow = databaseWith({
      query: async (sql, ...more) => {
        if (sql.includes(`status = 'succeeded'`)) await held
        return db.query(sql, ...more)
      },
    })
    let looks = 0
    const spaces = async () => {
      looks++
      return { spaceIds: [spaceId], waitMs: Infinity }
    }
    for (const name of ['a', 'b', 'c', 'd', 'e']) await ask(name)
    const settings = { workers: 2 }
    await using _worker = startWorker(async () => {}, { db: slow, spaces, settings })
    const statuses = async () => (await jobsNow(db)).map(({ status }) => status)
    const four = Array(4).fill('running')
    await expect.poll(statuses, WAIT).toEqual([...four, 'pending'])
    // Told of more, it looks whether it has a place; the second look shows how the first ended.
    for (const name of ['f', 'g']) {
      const before = looks
      await ask(name)
      await expect.poll(() => looks, WAIT).toBeGreaterThan(before)
    }
    expect(await statuses()).toEqual([...four, 'pending', 'pending', 'pending'])
    release()
    await expect.poll(statuses, WAIT).toEqual(Array(7).fill('succeeded'))
  })

  test('does again what was asked for while it ran', async () => {
    const long = longWork()
    await using _worker = startWorker(long.work)
    const spec = await ask()
    await long.started()
    await enqueue(db, spec, 'spec_write')
    long.calls[0]!.release()
    await long.started(2)
    long.calls[1]!.release()
    await expectJob(spec).toMatchObject({ status: 'succeeded' })
    expect(await jobsNow(db)).toHaveLength(1)
  })

  test('claims nothing while it cannot embed, and starts when it can', async () => {
    let canEmbed = false
    const asked = vi.fn<() => void>()
    await using _worker = startWorker(async () => {}, {
      spaces: async () => {
        asked()
        return { spaceIds: canEmbed ? [spaceId] : [], waitMs: 50 }
      },
    })
    const spec = await ask()
    await vi.waitFor(() => expect(asked.mock.calls.length).toBeGreaterThan(3), WAIT)
    expect(await jobOf(spec)).toMatchObject({ status: 'pending', claims: 0 })
    canEmbed = true
    await expectJob(spec).toMatchObject({ status: 'succeeded' })
  })

  test('lives through a database that is away for a while', async () => {
    let isAway = true
    const failing = databaseWith({
      query: (sql, ...more) =>
        isAway ? Promise.reject(new UnavailableError('away')) : db.query(sql, ...more),
    })
    const spec = await ask()
    await using _worker = startWorker(async () => {}, { db: failing })
    isAway = false
    await expectJob(spec).toMatchObject({ status: 'succeeded' })
  })

  test('looks for missing work at its start and again and again', async () => {
    const reconcile = vi.fn<WorkerOptions['reconcile']>(async () => {})
    await using _worker = startWorker(async () => {}, { reconcile, settings: { reconcileMs: 50 } })
    await vi.waitFor(() => expect(reconcile.mock.calls.length).toBeGreaterThan(2), WAIT)
    expect(reconcile).toHaveBeenCalledWith([spaceId])
  })

  test('wakes for a job that another put off', async () => {
    let calls = 0
    await using _worker = await startIdle(async () => {
      if (calls++ === 0) throw new SnoozeJob('not yet', HOUR_MS)
    })
    const spec = await ask()
    await expectJob(spec).toMatchObject({ last_error: 'not yet' })
    await makeDue(db)
    await expectJob(spec).toMatchObject({ status: 'succeeded' })
  })

  describe('with eight places', () => {
    /** Lets every look for jobs be counted, by its first statement, and every one that ends some. */
    const counting = () => {
      const looks = { count: 0 }
      const ends = { count: 0 }
      const counted = databaseWith({
        query: (sql, ...more) => {
          if (sql.includes('skip locked') && sql.includes('coalesce(space_id, 0) = $1'))
            looks.count++
          if (sql.includes(`status = 'succeeded'`)) ends.count++
          return db.query(sql, ...more)
        },
      })
      return { looks, ends, counted }
    }
    const stillness = async (looks: { count: number }): Promise<void> => {
      let before = -1
      const isStill = () => {
        const same = before === looks.count
        before = looks.count
        return same
      }
      await expect.poll(isStill, { timeout: 15_000, interval: 300 }).toBe(true)
    }

    test('looks for a job once when it is told of one, and once when it is done', async () => {
      const { looks, counted } = counting()
      await using _worker = await startIdle(async () => {}, {
        db: counted,
        settings: { workers: 8 },
      })
      await stillness(looks)
      const before = looks.count
      await expectJob(await ask()).toMatchObject({ status: 'succeeded' })
      await stillness(looks)
      expect(looks.count - before).toBeLessThanOrEqual(2)
    })

    test('looks once when it is told of nothing', async () => {
      const { looks, counted } = counting()
      await using _worker = await startIdle(async () => {}, {
        db: counted,
        settings: { workers: 8 },
      })
      await stillness(looks)
      const before = looks.count
      await db.query(`select pg_notify('api_catalog_jobs', '')`)
      await expect.poll(() => looks.count, WAIT).toBeGreaterThan(before)
      await stillness(looks)
      expect(looks.count - before).toBe(1)
    })

    test('claims jobs that come together in one statement, and ends them in another', async () => {
      const { looks, ends, counted } = counting()
      const long = longWork()
      const settings = { workers: 8 }
      await using _worker = await startIdle(long.work, { db: counted, settings })
      await stillness(looks)
      const before = { looks: looks.count, ends: ends.count }
      await db.transaction(async (tx) => {
        const rows = await tx.query<{ id: number }>(
          `insert into api_catalog.specs (catalog_id, name, revision, operation_count)
           select id, 'together-' || n, 1, 0
           from api_catalog.catalogs, generate_series(1, 8) n returning id`,
        )
        for (const { id } of rows) await enqueue(tx, id, 'spec_write')
      })
      await long.started(8)
      // One statement took the eight, and as all places are taken none looks for more.
      expect(looks.count - before.looks).toBe(1)
      for (const { release } of long.calls) release()
      await expect
        .poll(async () => (await jobsNow(db)).filter(({ status }) => status !== 'succeeded'), WAIT)
        .toEqual([])
      expect(ends.count - before.ends).toBe(1)
    })
  })

  describe('that drains', () => {
    test('lets its job end and takes no other', async () => {
      const long = longWork()
      await using worker = startWorker(long.work)
      const spec = await ask('running')
      await long.started()
      const drained = worker.drain(new AbortController().signal)
      const other = await ask('other')
      long.calls[0]!.release()
      await drained
      expect(await jobOf(spec)).toMatchObject({ status: 'succeeded' })
      expect(await jobOf(other)).toMatchObject({ status: 'pending', claims: 0 })
    })

    test('waits no longer than it is told, and gives the job back when it stops', async () => {
      const long = longWork()
      await using worker = startWorker(long.work)
      const spec = await ask()
      await long.started()
      await worker.drain(AbortSignal.timeout(50))
      expect(await jobOf(spec)).toMatchObject({ status: 'running' })
      await worker[Symbol.asyncDispose]()
      expect(await jobOf(spec)).toMatchObject({ status: 'pending', attempts: 0 })
    })
  })

  test('says how a job ended when the database is back', async () => {
    let isAway = false
    let triedInVain = 0
    const failing = databaseWith({
      query: async (sql, ...more) => {
        if (!isAway) return db.query(sql, ...more)
        if (sql.includes('succeeded')) triedInVain++
        throw new UnavailableError('away')
      },
    })
    await using _worker = startWorker(async () => void (isAway = true), { db: failing })
    const spec = await ask()
    await vi.waitFor(() => expect(triedInVain).toBeGreaterThan(1), WAIT)
    isAway = false
    await expectJob(spec).toMatchObject({ status: 'succeeded', attempts: 0 })
  })

  test('may be stopped before it was started', async () => {
    const worker = new QueueWorker({
      db,
      log: pino({ level: 'silent' }),
      metrics: createMetrics(),
      spaces: async () => ({ spaceIds: [spaceId], waitMs: Infinity }),
      reconcile: async () => {},
      work: async () => {},
      settings: STILL,
    })
    await worker[Symbol.asyncDispose]()
  })
})
