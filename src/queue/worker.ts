import { randomUUID } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { hostname } from 'node:os'
import type { Database } from '../db/database.js'
import { messageOf, UnavailableError } from '../errors.js'
import type { Logger } from '../log.js'
import type { Metrics } from '../metrics/create-metrics.js'
import { claimJobs, msUntilNextJob } from './claim.js'
import { Doorbell, sleep } from './doorbell.js'
import { succeedJobs } from './finish.js'
import { Heartbeat } from './heartbeat.js'
import { JOBS_CHANNEL, LeaseLost, type ClaimedJob } from './jobs.js'
import { outcomeOf, settle, type Outcome } from './outcome.js'
import { reapExpiredLeases } from './reap.js'
import { Together } from './together.js'

export interface WorkerOptions {
  db: Database
  log: Logger
  metrics: Metrics
  /** Where work can be done now; asked before each claim. */
  spaces: (signal: AbortSignal) => Promise<OpenSpaces>
  /** Does a job's work. What it throws decides what becomes of the job: see outcomeOf. */
  work: (job: ClaimedJob, signal: AbortSignal) => Promise<void>
  /** Jobs are left to other workers until they have waited this long, in milliseconds. */
  patienceMs?: () => number
  /** Looks for work that nobody asked for, and cleans up after finished work. */
  reconcile: (spaceIds: readonly number[]) => Promise<void>
  settings: WorkerSettings
}

export interface WorkerSettings {
  workers: number
  leaseMs: number
  maxRetries: number
  retryBaseMs: number
  pollMs: number
  reapMs: number
  reconcileMs: number
}

export interface OpenSpaces {
  /** Spaces whose jobs can be done here: those of the first one before the others'. */
  spaceIds: readonly number[]
  /** Ask again after this long: it may be more spaces then. */
  waitMs: number
}

/** A database that refused LISTEN may allow it after a restart. */
const LISTEN_RETRY_MS = 300_000

/** How loud the log is about the end of a job. */
const LEVELS = {
  succeeded: 'debug',
  yielded: 'debug',
  given_back: 'debug',
  snoozed: 'info',
  lease_lost: 'warn',
  retrying: 'warn',
  failed: 'warn',
} as const satisfies Record<Outcome['kind'], string>

/** While the database is away, an outcome is tried to be written this often. */
const SETTLE_RETRY_MS = 500

/** How long a job still counts whose end could not be written within its lease. */
const FAILED_END_MS = 5_000

/**
 * The background worker of a process. It has `workers` places, each for a job, and
 *
 *     looking ──as many jobs as places are free──> looking again when one is
 *       │  ^
 *       │  └──rung for, due, polled──┐
 *       └──fewer than that───────> resting
 *
 * One statement claims for all free places, and another says of all jobs that end together that they
 * are done. A place is free as soon as the work of its job is done: the next is claimed while the
 * end of this one is written. A notification rings, and so does the end of a job. While a job runs
 * its lease is renewed (heartbeat.ts); losing the lease aborts the work. Beside that, expired leases
 * are reaped and missing work is reconciled on timers and at the start.
 *
 *     running ──drain──> draining: nothing more is claimed, what runs may end
 *        └──────┴──dispose──> stopped: work is aborted, leases are given back
 */
export class QueueWorker implements AsyncDisposable {
  readonly #options: WorkerOptions
  /** Ends the looking and resting. */
  readonly #close = new AbortController()
  /** Ends the work too. */
  readonly #stop = new AbortController()
  readonly #workerId = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
  readonly #bell = new Doorbell()
  readonly #jobs = new Set<Promise<void>>()
  /** Of these, those whose work goes on; the end of the others is being written. */
  #working = 0
  /** The last look filled all places. */
  #mayMoreWait = false
  readonly #successes: Together<ClaimedJob, boolean>
  readonly #warned = new Set<string>()
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#successes = new Together((jobs) => succeedJobs(options.db, jobs))
    // Each job may listen to them, and there may be 64.
    setMaxListeners(0, this.#stop.signal, this.#close.signal)
  }

  /** Starts looking for jobs; returns at once. */
  start(): this {
    const { reapMs, reconcileMs } = this.#options.settings
    this.#running = Promise.all([
      this.#repeat('worker', () => this.#look()).then(() => Promise.all(this.#jobs)),
      this.#repeat('reaper', () => this.#reap(reapMs)),
      this.#repeat('reconciler', () => this.#reconcile(reconcileMs)),
      this.#repeat('listener', () => this.#listen()),
    ])
    return this
  }

  /** Claims nothing more, and waits until what runs has ended, at most until `signal` aborts. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#close.abort()
    const ended = new AbortController()
    const over = AbortSignal.any([signal, this.#stop.signal, ended.signal])
    await Promise.race([this.#running, sleep(Infinity, over)])
    ended.abort()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close.abort()
    this.#stop.abort(new Error('the worker stops'))
    await this.#running
  }

  /** Runs `turn` until the end; a database that is away only costs time. */
  async #repeat(name: string, turn: () => Promise<void>): Promise<void> {
    for (let failures = 0; !this.#close.signal.aborted;) {
      try {
        await turn()
        failures = 0
      } catch (error) {
        if (this.#close.signal.aborted) return
        failures++
        this.#complain(name, error)
        await sleep(Math.min(30_000, 250 * 2 ** failures), this.#close.signal)
      }
    }
  }

  #complain(who: string, error: unknown): void {
    const level = error instanceof UnavailableError ? 'warn' : 'error'
    this.#options.log[level]({ err: error }, `${who}: ${messageOf(error)}`)
  }

  async #look(): Promise<void> {
    const { spaces } = this.#options
    const since = this.#bell.rings
    const patienceMs = this.#options.patienceMs?.() ?? 0
    const { spaceIds, waitMs } = await spaces(this.#close.signal)
    const free = this.#free()
    const jobs = await this.#claim(spaceIds, { limit: free, patienceMs })
    for (const job of jobs) this.#start(job)
    this.#mayMoreWait = jobs.length === free
    if (this.#mayMoreWait) return this.#bell.sleep(Infinity, since, this.#close.signal)
    const restMs = spaceIds.length === 0 ? waitMs : await this.#untilDue(spaceIds, patienceMs)
    await this.#bell.sleep(Math.min(restMs, waitMs), since, this.#close.signal)
  }

  /** A place has room for a job that is worked on, and for one whose end is being written. */
  #free(): number {
    const { workers } = this.#options.settings
    return Math.min(workers - this.#working, 2 * workers - this.#jobs.size)
  }

  /** Of the first space before the others'. */
  async #claim(
    spaceIds: readonly number[],
    { limit, patienceMs }: { limit: number; patienceMs: number },
  ): Promise<ClaimedJob[]> {
    const { db, settings } = this.#options
    const lease = { workerId: this.#workerId, leaseMs: settings.leaseMs, patienceMs }
    const jobs: ClaimedJob[] = []
    for (const spaceId of spaceIds) {
      if (jobs.length === limit) break
      jobs.push(...(await claimJobs(db, { ...lease, spaceId, limit: limit - jobs.length })))
    }
    return jobs
  }

  async #untilDue(spaceIds: readonly number[], patienceMs: number): Promise<number> {
    const { db, settings } = this.#options
    const due = (await msUntilNextJob(db, spaceIds)) ?? Infinity
    return Math.min(Math.max(due + patienceMs, 10), jittered(settings.pollMs))
  }

  /** Rung for when it has ended: it may be pending again. */
  #start(job: ClaimedJob): void {
    const ended = this.#run(job)
      .catch((error: unknown) => {
        if (this.#close.signal.aborted) return
        this.#complain(`job ${job.id}`, error)
        return sleep(FAILED_END_MS, this.#close.signal)
      })
      .finally(() => {
        this.#jobs.delete(ended)
        this.#bell.ring()
      })
    this.#jobs.add(ended)
  }

  async #run(job: ClaimedJob): Promise<void> {
    const { metrics, settings } = this.#options
    metrics.jobWaitSeconds.observe(job.waitedSeconds)
    const { signal: stop } = this.#stop
    using heartbeat = new Heartbeat(this.#options, { job, leaseMs: settings.leaseMs, stop })
    let outcome: Outcome = { kind: 'succeeded' }
    let reason: unknown
    this.#working++
    try {
      await this.#options.work(job, heartbeat.signal)
    } catch (error) {
      const { signal } = heartbeat
      reason = signal.reason instanceof LeaseLost ? signal.reason : error
      const isStopping = stop.aborted
      outcome = outcomeOf(reason, job, { ...settings, isStopping })
    }
    this.#working--
    // The next is claimed while the end of this one is written.
    if (this.#mayMoreWait) this.#bell.ring()
    await this.#end(job, outcome, reason)
  }

  /** The one place where a job ends: what became of it is logged and written. */
  async #end(job: ClaimedJob, outcome: Outcome, error: unknown): Promise<void> {
    const { db, log, settings } = this.#options
    const event = { job: job.id, spec: job.specId, outcome: outcome.kind, err: error }
    log[LEVELS[outcome.kind]](event, `job ${outcome.kind.replace('_', ' ')}`)
    // Past the lease, whatever could not be said, its end says.
    const until = performance.now() + settings.leaseMs
    for (;;) {
      try {
        const isDone = outcome.kind === 'succeeded' && (await this.#successes.add(job))
        if (!isDone) await settle(db, job, outcome)
        return this.#count(outcome.kind)
      } catch (failure) {
        if (failure instanceof LeaseLost) return this.#count('lease_lost')
        const isAway = failure instanceof UnavailableError && performance.now() < until
        if (!isAway || this.#stop.signal.aborted) throw failure
        await sleep(SETTLE_RETRY_MS, this.#stop.signal)
      }
    }
  }

  #count(outcome: Outcome['kind']): void {
    const { jobRuns, jobAttempts, leasesLost } = this.#options.metrics
    jobRuns.inc({ outcome })
    if (outcome === 'retrying' || outcome === 'failed') jobAttempts.inc()
    if (outcome === 'lease_lost') leasesLost.inc()
  }

  async #reap(everyMs: number): Promise<void> {
    const taken = await reapExpiredLeases(this.#options.db)
    this.#options.metrics.leasesExpired.inc(taken)
    if (taken > 0) this.#options.log.warn({ taken }, 'expired leases were given back')
    await sleep(jittered(everyMs), this.#close.signal)
  }

  async #reconcile(everyMs: number): Promise<void> {
    const { spaceIds, waitMs } = await this.#options.spaces(this.#close.signal)
    if (spaceIds.length === 0) return sleep(waitMs, this.#close.signal)
    await this.#options.reconcile(spaceIds)
    await sleep(jittered(everyMs), this.#close.signal)
  }

  /** Turns notifications into rings; without LISTEN there is the poll. */
  async #listen(): Promise<void> {
    const signal = this.#close.signal
    try {
      await using _subscription = await this.#options.db.listen(JOBS_CHANNEL, () =>
        this.#bell.ring(),
      )
      // For what was notified before anybody listened.
      this.#bell.ring()
      await sleep(Infinity, signal)
    } catch (error) {
      if (signal.aborted) return
      this.#warnOnce(
        `no LISTEN on this database (${messageOf(error)}): new work is found by polling`,
      )
      await sleep(jittered(LISTEN_RETRY_MS), signal)
    }
  }

  #warnOnce(text: string): void {
    if (this.#warned.has(text)) return
    this.#warned.add(text)
    this.#options.log.warn(text)
  }
}

/** ± 10 %, so that many processes do not ask in step. */
function jittered(ms: number): number {
  return ms * (0.9 + 0.2 * Math.random())
}
