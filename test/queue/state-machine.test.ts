import * as fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { reconcile } from '../../src/embedding/reconcile.js'
import { claimJobs, succeedAndClaim } from '../../src/queue/claim.js'
import { enqueue } from '../../src/queue/enqueue.js'
import {
  failJob,
  giveBackJob,
  snoozeJob,
  succeedJob,
  succeedJobs,
  yieldJob,
} from '../../src/queue/finish.js'
import { LeaseLost, type ClaimedJob } from '../../src/queue/jobs.js'
import { addProgress, renewLease } from '../../src/queue/lease.js'
import { reapExpiredLeases } from '../../src/queue/reap.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import { emptyDatabase, expireLeases, ownSpace, servicesOn, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

/** What docs/queue.md says of a job, as data. Specs are 1, 2, 3; nothing is ever embedded. */
interface ModelJob {
  spec: number
  status: 'pending' | 'running' | 'succeeded' | 'failed'
  isDue: boolean
  attempts: number
  claims: number
  rerun: boolean
  yielded: boolean
  failuresInRow: number
  lease: string | null
}

class Model {
  readonly jobs: ModelJob[] = []
  /** Every claim there was, the lost ones too. */
  readonly claims: ClaimedJob[] = []

  open(spec: number): ModelJob | undefined {
    return this.jobs.find((job) => job.spec === spec && /pending|running/.test(job.status))
  }
  holder({ leaseToken }: ClaimedJob): ModelJob | undefined {
    return this.jobs.find(({ lease }) => lease === leaseToken)
  }
  add(spec: number, failuresInRow: number): void {
    const counts = { attempts: 0, claims: 0, failuresInRow }
    const flags = { isDue: true, rerun: false, yielded: false, lease: null }
    this.jobs.push({ spec, status: 'pending', ...counts, ...flags })
  }
}

interface Real {
  db: Database
  spaceId: number
  specIds: number[]
}

type Command = fc.AsyncCommand<Model, Real>

abstract class Step implements Command {
  check = (): boolean => true
  abstract toString(): string
  abstract act(model: Model, real: Real): Promise<void>

  async run(model: Model, real: Real): Promise<void> {
    await this.act(model, real)
    const rows = await real.db.query<Record<string, unknown>>(
      `select spec_id, status, next_run_at <= now() as is_due, attempts, claims, rerun, yielded,
         failures_in_row, lease_token
       from api_catalog.embedding_jobs order by id`,
    )
    expect(rows.map(asModel(real))).toEqual(
      model.jobs.map((job) => ({ ...job, isDue: job.status !== 'pending' || job.isDue })),
    )
    const open = rows.filter(({ status }) => status === 'pending' || status === 'running')
    expect(new Set(open.map((row) => row['spec_id'])).size).toBe(open.length)
  }
}

const asModel =
  ({ specIds }: Real) =>
  (row: Record<string, unknown>): object => ({
    spec: specIds.indexOf(row['spec_id'] as number),
    status: row['status'],
    isDue: row['status'] !== 'pending' || row['is_due'],
    attempts: row['attempts'],
    claims: row['claims'],
    rerun: row['rerun'],
    yielded: row['yielded'],
    failuresInRow: row['failures_in_row'],
    lease: row['lease_token'],
  })

class Ask extends Step {
  readonly spec: number
  constructor(spec: number) {
    super()
    this.spec = spec
  }
  toString = () => `ask(${this.spec})`
  async act(model: Model, { db, specIds }: Real): Promise<void> {
    await enqueue(db, specIds[this.spec]!, 'spec_write')
    const open = model.open(this.spec)
    if (!open) model.add(this.spec, 0)
    else if (open.status === 'running') open.rerun = true
    else Object.assign(open, { isDue: true, attempts: 0, yielded: false })
  }
}

class Claim extends Step {
  readonly limit: number
  constructor(limit: number) {
    super()
    this.limit = limit
  }
  toString = () => `claim(${this.limit})`
  async act(model: Model, { db, spaceId, specIds }: Real): Promise<void> {
    const request = { spaceId, workerId: 'w', leaseMs: 60_000, limit: this.limit }
    const claims = await claimJobs(db, request)
    noteClaims(model, claims, { limit: this.limit, specIds })
  }
}

/** What was claimed must have been due, and as much of it as was asked for. */
function noteClaims(
  model: Model,
  claims: readonly ClaimedJob[],
  { limit, specIds }: { limit: number; specIds: readonly number[] },
): void {
  const due = model.jobs.filter(({ status, isDue }) => status === 'pending' && isDue)
  expect(claims).toHaveLength(Math.min(limit, due.length))
  for (const claimed of claims) {
    const job = due.find(({ spec }) => specIds[spec] === claimed.specId)!
    expect(job).toBeDefined()
    expect(claimed.isResumed).toBe(job.yielded)
    expect(model.claims.map(({ leaseToken }) => leaseToken)).not.toContain(claimed.leaseToken)
    Object.assign(job, { status: 'running', claims: job.claims + 1, lease: claimed.leaseToken })
    model.claims.push(claimed)
  }
}

/** How a held job changes, by what its worker says. */
const ENDS: Record<
  string,
  { write: (db: Database, job: ClaimedJob) => Promise<void>; change: (job: ModelJob) => object }
> = {
  succeed: {
    write: succeedJob,
    change: ({ rerun }) => ({
      ...RELEASED,
      status: rerun ? 'pending' : 'succeeded',
      attempts: 0,
      failuresInRow: 0,
    }),
  },
  fail: {
    write: (db, job) => failJob(db, job, 'no luck', 3_600_000),
    change: ({ rerun, attempts }) => ({
      ...RELEASED,
      isDue: rerun,
      attempts: rerun ? 0 : attempts + 1,
    }),
  },
  failForGood: {
    write: (db, job) => failJob(db, job, 'no luck', null),
    change: ({ rerun, attempts, failuresInRow }) =>
      rerun
        ? { ...RELEASED, attempts: 0 }
        : {
            ...RELEASED,
            status: 'failed',
            isDue: false,
            attempts: attempts + 1,
            failuresInRow: failuresInRow + 1,
          },
  },
  snooze: {
    write: (db, job) => snoozeJob(db, job, 'no provider', 3_600_000),
    change: () => ({ ...RELEASED, isDue: false }),
  },
  giveBack: { write: giveBackJob, change: () => RELEASED },
  yield: {
    write: (db, job) => yieldJob(db, job, [], null),
    change: ({ rerun, attempts }) => ({
      ...RELEASED,
      yielded: true,
      attempts: rerun ? 0 : attempts,
    }),
  },
  progress: { write: (db, job) => addProgress(db, job, 1), change: () => ({ claims: 1 }) },
  renew: { write: (db, job) => renewLease(db, job, 60_000), change: () => ({}) },
}
const RELEASED = {
  status: 'pending',
  isDue: true,
  claims: 0,
  rerun: false,
  yielded: false,
  lease: null,
}

class Say extends Step {
  readonly what: string
  readonly which: number
  constructor(what: string, which: number) {
    super()
    this.what = what
    this.which = which
  }
  toString = () => `${this.what}(${this.which})`
  async act(model: Model, { db }: Real): Promise<void> {
    const claimed = model.claims.at(-1 - (this.which % Math.max(1, model.claims.length)))
    if (!claimed) return
    const { write, change } = ENDS[this.what]!
    const held = model.holder(claimed)
    if (held) {
      await write(db, claimed)
      Object.assign(held, change(held))
    } else await expect(write(db, claimed)).rejects.toThrow(LeaseLost)
  }
}

/** The newest claims, lost ones too, in one statement. */
class SucceedTogether extends Step {
  toString = () => 'succeed together'
  async act(model: Model, { db }: Real): Promise<void> {
    const claims = model.claims.slice(-4)
    const held = claims.map((claimed) => model.holder(claimed))
    const done = held.map((job) => job !== undefined && !job.rerun)
    expect(await succeedJobs(db, claims)).toEqual(done)
    const change = { ...RELEASED, status: 'succeeded', attempts: 0, failuresInRow: 0 }
    for (const [n, job] of held.entries()) if (done[n]) Object.assign(job!, change)
  }
}

/** One of the newest claims, lost ones too, and what is due instead. */
class TurnOver extends Step {
  readonly which: number
  constructor(which: number) {
    super()
    this.which = which
  }
  toString = () => `turn over(${this.which})`
  async act(model: Model, { db, spaceId, specIds }: Real): Promise<void> {
    const claimed = model.claims.at(-1 - (this.which % Math.max(1, model.claims.length)))
    if (!claimed) return
    const request = { spaceId, workerId: 'w', leaseMs: 60_000, limit: 1 }
    const { isDone, claimed: next } = await succeedAndClaim(db, claimed, request)
    noteClaims(model, next, { limit: 1, specIds })
    const held = model.holder(claimed)
    expect(isDone).toBe(held !== undefined && !held.rerun)
    const change = { ...RELEASED, status: 'succeeded', attempts: 0, failuresInRow: 0 }
    if (held && isDone) Object.assign(held, change)
  }
}

class Die extends Step {
  toString = () => 'die'
  async act(model: Model, { db }: Real): Promise<void> {
    await expireLeases(db)
    const running = model.jobs.filter(({ status }) => status === 'running')
    const reaped = await Promise.all([reapExpiredLeases(db), reapExpiredLeases(db)])
    expect(reaped[0] + reaped[1]).toBe(running.length)
    for (const job of running) {
      const { claims, rerun, failuresInRow } = job
      const isDeadly = claims >= 5 && !rerun
      const failed = { status: 'failed', isDue: false, failuresInRow: failuresInRow + 1 }
      Object.assign(job, RELEASED, { claims: rerun ? 0 : claims }, isDeadly ? failed : {})
    }
  }
}

/** Waits and rests end. */
class TimePasses extends Step {
  toString = () => 'time passes'
  async act(model: Model, { db }: Real): Promise<void> {
    await db.query(`update api_catalog.embedding_jobs set next_run_at = now()
                    where status in ('pending', 'failed')`)
    for (const job of model.jobs) job.isDue = true
  }
}

class Reconcile extends Step {
  toString = () => 'reconcile'
  async act(model: Model, { db, spaceId, specIds }: Real): Promise<void> {
    const asked = await Promise.all([reconcile(db, spaceId), reconcile(db, spaceId)])
    let expected = 0
    for (const spec of specIds.keys()) {
      const last = model.jobs.findLast((job) => job.spec === spec)
      if (model.open(spec) || (last?.status === 'failed' && !last.isDue)) continue
      model.add(spec, last?.failuresInRow ?? 0)
      expected++
    }
    expect(asked[0] + asked[1]).toBe(expected)
  }
}

/** What is said by whoever has the newest lease, and now and then by one who lost theirs. */
const say = fc
  .tuple(
    fc.constantFrom(...Object.keys(ENDS)),
    fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(6) }),
  )
  .map(([what, which]) => new Say(what, which))
const ask = fc.nat(2).map((spec) => new Ask(spec))
const claim = fc.integer({ min: 1, max: 3 }).map((limit) => new Claim(limit))
const turnOver = fc.nat(3).map((which) => new TurnOver(which))
const [die, timePasses] = [new Die(), new TimePasses()].map(fc.constant)
const steps = [claim, claim, claim, say, say, say, say, ask, ask, timePasses!, timePasses!, die!]
const rare = [new SucceedTogether(), new Reconcile()].map(fc.constant)

const commands = fc.commands([...steps, turnOver, ...rare], {
  maxCommands: 60,
  size: 'max',
})

describe.each(storageKinds)('jobs on %s', (kind) => {
  let real: Real

  beforeAll(async () => {
    const db = await openTestDatabase(kind)
    await emptyDatabase(db)
    const services = servicesOn(db, new StubEmbedder())
    const spaceId = await ownSpace(services)
    for (const name of ['a', 'b', 'c']) {
      await upload(
        services,
        name,
        things(1, () => name),
      )
    }
    const specs = await db.query<{ id: number }>(`select id from api_catalog.specs order by id`)
    real = { db, spaceId, specIds: specs.map(({ id }) => id) }
  })

  test('go the ways of the diagram in docs/queue.md, and no others', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (steps) => {
        await real.db.query(`delete from api_catalog.embedding_jobs`)
        await fc.asyncModelRun(() => ({ model: new Model(), real }), steps)
      }),
      { numRuns: 40, endOnFailure: true },
    )
  }, 120_000)
})
