import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Database } from '../db/database.js'
import { messageOf, UnavailableError } from '../errors.js'
import type { Logger } from '../log.js'
import { claimJob, msUntilNextJob } from './claim.js'
import { failJob, giveBackJob, retryDelayMs, snoozeJob, succeedJob } from './finish.js'
import { DiscardJob, JOBS_CHANNEL, LeaseLost, SnoozeJob, type ClaimedJob } from './jobs.js'
import { renewLease } from './lease.js'
import { reapExpiredLeases } from './reap.js'

export interface WorkerOptions {
  db: Database
  log: Logger
  /** Space whose jobs can be done here, or how long to wait before asking again. */
  space: (signal: AbortSignal) => Promise<{ spaceId: number } | { waitMs: number }>
  /** Does a job's work. Throws LeaseLost, SnoozeJob or DiscardJob; anything else is a failure. */
  work: (job: ClaimedJob, signal: AbortSignal) => Promise<void>
  /** Jobs are left to other workers until they have waited this long, in milliseconds. */
  patienceMs?: () => number
  /** Looks for work that nobody asked for, and cleans up after finished work. */
  reconcile: (spaceId: number) => Promise<void>
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

/** A database that refused LISTEN may allow it after a restart. */
const LISTEN_RETRY_MS = 300_000

/**
 * The background worker of a process. `workers` lanes run alike, each
 *
 *     idle ──job claimed──> working ──finished, any way──> idle
 *
 * An idle lane wakes by NOTIFY, when the next waiting job is due, or at the latest after a jittered
 * poll. While a job runs its lease is renewed every third of it; losing the lease aborts the work.
 * Beside the lanes, expired leases are reaped and missing work is reconciled on timers and at the
 * start. Stopping aborts everything and gives the leases back.
 */
export class QueueWorker implements AsyncDisposable {
  readonly #options: WorkerOptions
  readonly #stop = new AbortController()
  readonly #workerId = `${hostname()}:${process.pid}:${randomUUID().slice(0, 8)}`
  readonly #sleepers = new Set<() => void>()
  /** Counts notifications: one that comes between a look and the sleep after it is not missed. */
  #notified = 0
  readonly #warned = new Set<string>()
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  /** Starts the lanes; returns at once. */
  start(): this {
    const { workers, reapMs, reconcileMs } = this.#options.settings
    this.#running = Promise.all([
      ...Array.from({ length: workers }, () => this.#repeat('worker', () => this.#turn())),
      this.#repeat('reaper', () => this.#reap(reapMs)),
      this.#repeat('reconciler', () => this.#reconcile(reconcileMs)),
      this.#repeat('listener', () => this.#listen()),
    ])
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the worker stops'))
    this.#wake()
    await this.#running
  }

  /** Runs `turn` until the stop; a database that is away only costs time. */
  async #repeat(name: string, turn: () => Promise<void>): Promise<void> {
    const { log } = this.#options
    for (let failures = 0; !this.#stop.signal.aborted;) {
      try {
        await turn()
        failures = 0
      } catch (error) {
        if (this.#stop.signal.aborted) return
        failures++
        const level = error instanceof UnavailableError ? 'warn' : 'error'
        log[level]({ err: error, failures }, `${name}: ${messageOf(error)}`)
        await this.#sleep(Math.min(30_000, 250 * 2 ** failures))
      }
    }
  }

  async #turn(): Promise<void> {
    const { db, space, settings } = this.#options
    const since = this.#notified
    const patienceMs = this.#options.patienceMs?.() ?? 0
    const found = await space(this.#stop.signal)
    if ('waitMs' in found) return this.#sleep(found.waitMs, { since })
    const job = await claimJob(db, {
      spaceId: found.spaceId,
      workerId: this.#workerId,
      leaseMs: settings.leaseMs,
      patienceMs,
    })
    if (job) return this.#run(job)
    const due = (await msUntilNextJob(db, found.spaceId)) ?? Infinity
    return this.#sleep(Math.min(Math.max(due + patienceMs, 10), jittered(settings.pollMs)), {
      since,
    })
  }

  async #run(job: ClaimedJob): Promise<void> {
    const { db, log, settings } = this.#options
    const lost = new AbortController()
    const heartbeat = setInterval(() => {
      renewLease(db, job, settings.leaseMs).catch((error: unknown) => {
        if (error instanceof LeaseLost) lost.abort(error)
        else log.warn({ job: job.id, err: error }, `heartbeat: ${messageOf(error)}`)
      })
    }, settings.leaseMs / 3)
    try {
      await this.#options.work(job, AbortSignal.any([this.#stop.signal, lost.signal]))
      await succeedJob(db, job)
      log.debug({ job: job.id, spec: job.specId }, 'job succeeded')
    } catch (error) {
      await this.#settle(job, lost.signal.aborted ? lost.signal.reason : error)
    } finally {
      clearInterval(heartbeat)
    }
  }

  /** Says to the queue how a job ended that did not succeed. */
  async #settle(job: ClaimedJob, error: unknown): Promise<void> {
    const { db, log, settings } = this.#options
    const event = { job: job.id, spec: job.specId, err: error }
    try {
      if (this.#stop.signal.aborted) {
        await giveBackJob(db, job)
      } else if (error instanceof SnoozeJob) {
        log.info(event, `job waits: ${error.message}`)
        await snoozeJob(db, job, error.message, error.delayMs)
      } else if (error instanceof LeaseLost) {
        log.warn(event, error.message)
      } else if (error instanceof UnavailableError) {
        log.warn(event, `job interrupted: ${error.message}`)
        await giveBackJob(db, job)
      } else {
        const discard = error instanceof DiscardJob
        const delayMs = discard ? null : retryDelayMs(job.attempts + 1, settings)
        log.warn(event, `job failed${delayMs === null ? ' for good' : ''}: ${messageOf(error)}`)
        await failJob(db, job, messageOf(error), delayMs)
      }
    } catch (settling) {
      // Whatever could not be said now, the lease's end will say.
      if (!(settling instanceof LeaseLost)) throw settling
    }
  }

  async #reap(everyMs: number): Promise<void> {
    const taken = await reapExpiredLeases(this.#options.db)
    if (taken > 0) this.#options.log.warn({ taken }, 'expired leases were given back')
    await this.#sleep(jittered(everyMs))
  }

  async #reconcile(everyMs: number): Promise<void> {
    const found = await this.#options.space(this.#stop.signal)
    if ('waitMs' in found) return this.#sleep(found.waitMs)
    await this.#options.reconcile(found.spaceId)
    await this.#sleep(jittered(everyMs))
  }

  /** Turns notifications into wake-ups; without LISTEN there is the poll. */
  async #listen(): Promise<void> {
    try {
      await using _subscription = await this.#options.db.listen(JOBS_CHANNEL, () => this.#wake())
      // For what was notified before anybody listened.
      this.#wake()
      await this.#sleep(Infinity)
    } catch (error) {
      if (this.#stop.signal.aborted) return
      this.#warnOnce(
        `no LISTEN on this database (${messageOf(error)}): new work is found by polling`,
      )
      await this.#sleep(jittered(LISTEN_RETRY_MS))
    }
  }

  #warnOnce(text: string): void {
    if (this.#warned.has(text)) return
    this.#warned.add(text)
    this.#options.log.warn(text)
  }

  #wake(): void {
    this.#notified++
    for (const wake of this.#sleepers) wake()
  }

  /** Sleeps until the time is over, the stop, or (with `since`) any notification after that count. */
  async #sleep(ms: number, { since }: { since?: number } = {}): Promise<void> {
    const stop = this.#stop.signal
    if (stop.aborted || (since !== undefined && since !== this.#notified)) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#sleepers.delete(done)
        stop.removeEventListener('abort', done)
        resolve()
      }
      // An infinite sleep ends by the stop: a timer takes at most 2^31 - 1 ms.
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1))
      stop.addEventListener('abort', done)
      if (since !== undefined) this.#sleepers.add(done)
    })
  }
}

/** ± 10 %, so that many processes do not ask in step. */
function jittered(ms: number): number {
  return ms * (0.9 + 0.2 * Math.random())
}
