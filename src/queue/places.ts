import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Database } from '../db/database.js'
import { UnavailableError } from '../errors.js'
import { complain, type Logger } from '../log.js'
import type { Metrics } from '../metrics/create-metrics.js'
import { claimJobs, succeedAndClaim, type ClaimRequest } from './claim.js'
import { sleep, type Doorbell } from './doorbell.js'
import { succeedJobs } from './finish.js'
import { Heartbeat } from './heartbeat.js'
import { LeaseLost, type ClaimedJob } from './jobs.js'
import { outcomeOf, settle, type Outcome } from './outcome.js'
import { Together } from './together.js'

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

/** So long jobs are claimed without another look at the spaces: one of them may be closed now. */
const SPACES_FRESH_MS = 1_000

export interface PlacesOptions {
  db: Database
  log: Logger
  metrics: Metrics
  /** Does a job's work. What it throws decides what becomes of the job: see outcomeOf. */
  work: (job: ClaimedJob, signal: AbortSignal) => Promise<void>
  settings: PlacesSettings
}

export interface PlacesSettings {
  workers: number
  leaseMs: number
  maxRetries: number
  retryBaseMs: number
}

/** What became of a job by the statement that was to end it as done. */
type Written = 'turned over' | 'ended' | 'not ended'

/** What the places of a worker share with its look-out. */
interface Surroundings {
  /** Rung when it may be time to look for jobs. */
  bell: Doorbell
  /** Aborts when nothing more is to be claimed. */
  close: AbortSignal
  /** Aborts when work is to end. */
  stop: AbortSignal
}

/** Where jobs are claimed, as the look-out found it. */
interface Claimable {
  /** Jobs of the first space before the others'. */
  spaceIds: readonly number[]
  /** Jobs are left to other workers until they have waited this long. */
  patienceMs: number
  /** There may be others after this long. */
  waitMs: number
}

/**
 * The places of a worker, each with a job:
 *
 *     free ──claimed──> working ──done──> ending ──written──> (gone)
 *      ^                            │
 *      └────────────────────────────┘  the place is free as soon as the work is done
 *
 * One statement claims for all places that are free, another says of all jobs that end together that
 * they are done. A job that ends alone, where more may wait, claims the next by that statement. While
 * a job runs its lease is renewed (heartbeat.ts); losing the lease aborts the work.
 */
export class Places {
  readonly #options: PlacesOptions
  readonly #around: Surroundings
  readonly #workerId = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
  readonly #jobs = new Set<Promise<void>>()
  /** Of these, those whose work goes on; the end of the others is being written. */
  #working = 0
  /** Places for which a statement is claiming just now. */
  #claiming = 0
  /** The last claim filled all free places. */
  #mayMoreWait = false
  /** What is claimed first, and until when that is so. */
  #first: (Omit<ClaimRequest, 'limit'> & { until: number }) | undefined
  readonly #successes: Together<ClaimedJob, Written>

  constructor(options: PlacesOptions, around: Surroundings) {
    this.#options = options
    this.#around = around
    this.#successes = new Together((jobs) => this.#succeed(jobs))
  }

  /** Claims for the free places; whether that filled them, so that more may wait. */
  async take({ spaceIds, patienceMs, waitMs }: Claimable): Promise<boolean> {
    const { leaseMs } = this.#options.settings
    const requests = spaceIds.map((spaceId) => {
      return { spaceId, patienceMs, leaseMs, workerId: this.#workerId }
    })
    const until = performance.now() + Math.min(waitMs, SPACES_FRESH_MS)
    this.#first = requests[0] && { ...requests[0], until }
    // What ends alone claims in its own place, by one statement less.
    const ownPlace = this.#successes.waiting === 1 && this.#heirs() ? 1 : 0
    await this.#take(Math.max(this.#free() - ownPlace, 0), (limit) => this.#claim(requests, limit))
    return this.#mayMoreWait
  }

  /** Resolves when every job has ended. */
  async empty(): Promise<void> {
    while (this.#jobs.size > 0) await Promise.all(this.#jobs)
  }

  /** Starts what `claim` finds for so many of the free places. */
  async #take(limit: number, claim: (limit: number) => Promise<ClaimedJob[]>): Promise<void> {
    this.#claiming += limit
    try {
      const jobs = await claim(limit)
      for (const job of jobs) this.#start(job)
      this.#mayMoreWait = jobs.length === limit
    } finally {
      this.#claiming -= limit
    }
  }

  /** A place has room for a job that is worked on, and for one whose end is being written. */
  #free(): number {
    const { workers } = this.#options.settings
    return Math.min(this.#idle(), 2 * workers - this.#jobs.size - this.#claiming)
  }

  /** Places without work. */
  #idle(): number {
    return this.#options.settings.workers - this.#working - this.#claiming
  }

  /**
   * Ends jobs as done. One that ends alone, where more may wait, claims the next in its place by the
   * same statement; of many, that is faster beside it.
   */
  async #succeed(jobs: readonly ClaimedJob[]): Promise<Written[]> {
    const { db } = this.#options
    const [job] = jobs
    const heirs = this.#heirs()
    if (!job || jobs.length > 1 || !heirs || this.#idle() === 0) {
      const areDone = await succeedJobs(db, jobs)
      return areDone.map((isDone) => (isDone ? 'ended' : 'not ended'))
    }
    let written: Written = 'not ended'
    await this.#take(1, async (limit) => {
      const { isDone, claimed } = await succeedAndClaim(db, job, { ...heirs, limit })
      if (isDone) written = claimed.length === limit ? 'turned over' : 'ended'
      return claimed
    })
    return [written]
  }

  /** Whose jobs take the places of those that end, without another look at the spaces. */
  #heirs(): Omit<ClaimRequest, 'limit'> | undefined {
    if (!this.#mayMoreWait || this.#around.close.aborted || !this.#first) return undefined
    return performance.now() < this.#first.until ? this.#first : undefined
  }

  async #claim(
    requests: readonly Omit<ClaimRequest, 'limit'>[],
    limit: number,
  ): Promise<ClaimedJob[]> {
    const jobs: ClaimedJob[] = []
    for (const request of requests) {
      if (jobs.length === limit) break
      const claimed = await claimJobs(this.#options.db, { ...request, limit: limit - jobs.length })
      jobs.push(...claimed)
    }
    return jobs
  }

  /** Looked for more when it has ended: there may be, and it may be pending again. */
  #start(job: ClaimedJob): void {
    const ended = this.#run(job)
      .catch((error: unknown) => {
        if (this.#around.close.aborted) return
        complain(this.#options.log, `job ${job.id}`, error)
        return sleep(FAILED_END_MS, this.#around.close)
      })
      .then((written) => {
        this.#jobs.delete(ended)
        if (written !== 'turned over') this.#around.bell.ring()
      })
    this.#jobs.add(ended)
  }

  async #run(job: ClaimedJob): Promise<Written> {
    const { metrics, settings } = this.#options
    metrics.jobWaitSeconds.observe(job.waitedSeconds)
    const { stop } = this.#around
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
    // The next is claimed by the statement that ends this one, or else while its end is written.
    const isAlone = outcome.kind === 'succeeded' && this.#successes.waiting === 0
    if (this.#mayMoreWait && !(isAlone && this.#heirs())) this.#around.bell.ring()
    return this.#end(job, outcome, reason)
  }

  /** The one place where a job ends: what became of it is logged and written. */
  async #end(job: ClaimedJob, outcome: Outcome, error: unknown): Promise<Written> {
    const { db, log, settings } = this.#options
    const event = { job: job.id, spec: job.specId, outcome: outcome.kind, err: error }
    log[LEVELS[outcome.kind]](event, `job ${outcome.kind.replace('_', ' ')}`)
    // Past the lease, whatever could not be said, its end says.
    const until = performance.now() + settings.leaseMs
    for (;;) {
      try {
        const isDone = outcome.kind === 'succeeded'
        const written = isDone ? await this.#successes.add(job) : 'not ended'
        if (written === 'not ended') await settle(db, job, outcome)
        this.#count(outcome.kind)
        return written
      } catch (failure) {
        if (failure instanceof LeaseLost) {
          this.#count('lease_lost')
          return 'not ended'
        }
        const isAway = failure instanceof UnavailableError && performance.now() < until
        if (!isAway || this.#around.stop.aborted) throw failure
        await sleep(SETTLE_RETRY_MS, this.#around.stop)
      }
    }
  }

  #count(outcome: Outcome['kind']): void {
    const { jobRuns, jobAttempts, leasesLost } = this.#options.metrics
    jobRuns.inc({ outcome })
    if (outcome === 'retrying' || outcome === 'failed') jobAttempts.inc()
    if (outcome === 'lease_lost') leasesLost.inc()
  }
}
