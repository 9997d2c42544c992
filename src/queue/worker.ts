import { setMaxListeners } from 'node:events'
import { messageOf } from '../errors.js'
import { complain } from '../log.js'
import { msUntilNextJob } from './claim.js'
import { Doorbell, sleep } from './doorbell.js'
import { JOBS_CHANNEL } from './jobs.js'
import { Places, type PlacesOptions, type PlacesSettings } from './places.js'
import { reapExpiredLeases } from './reap.js'

export interface WorkerOptions extends PlacesOptions {
  /** Where work can be done now. */
  spaces: (signal: AbortSignal) => Promise<OpenSpaces>
  /** Jobs are left to other workers until they have waited this long, in milliseconds. */
  patienceMs?: () => number
  /** Looks for work that nobody asked for, and cleans up after finished work. */
  reconcile: (spaceIds: readonly number[]) => Promise<void>
  settings: WorkerSettings
}

export interface WorkerSettings extends PlacesSettings {
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

/**
 * The background worker of a process. It has `workers` places, each for a job (places.ts), and
 *
 *     looking ──as many jobs as places are free──> looking again when one is
 *       │  ^
 *       │  └──rung for, due, polled──┐
 *       └──fewer than that───────> resting
 *
 * A notification rings, and so does the end of a job. Beside that, expired leases are reaped and
 * missing work is reconciled on timers and at the start.
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
  readonly #bell = new Doorbell()
  readonly #places: Places
  readonly #warned = new Set<string>()
  #running: Promise<unknown> = Promise.resolve()

  constructor(options: WorkerOptions) {
    this.#options = options
    const [close, stop] = [this.#close.signal, this.#stop.signal]
    this.#places = new Places(options, { bell: this.#bell, close, stop })
    // Each job may listen to them, and there may be 64.
    setMaxListeners(0, stop, close)
  }

  /** Starts looking for jobs; returns at once. */
  start(): this {
    const { reapMs, reconcileMs } = this.#options.settings
    this.#running = Promise.all([
      this.#repeat('worker', () => this.#look()).then(() => this.#places.empty()),
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
        complain(this.#options.log, name, error)
        await sleep(Math.min(30_000, 250 * 2 ** failures), this.#close.signal)
      }
    }
  }

  async #look(): Promise<void> {
    const { spaces } = this.#options
    const since = this.#bell.rings
    const patienceMs = this.#options.patienceMs?.() ?? 0
    const { spaceIds, waitMs } = await spaces(this.#close.signal)
    const mayMoreWait = await this.#places.take({ spaceIds, patienceMs, waitMs })
    if (mayMoreWait) return this.#bell.sleep(Infinity, since, this.#close.signal)
    const restMs = spaceIds.length === 0 ? waitMs : await this.#untilDue(spaceIds, patienceMs)
    await this.#bell.sleep(Math.min(restMs, waitMs), since, this.#close.signal)
  }

  async #untilDue(spaceIds: readonly number[], patienceMs: number): Promise<number> {
    const { db, settings } = this.#options
    const due = (await msUntilNextJob(db, spaceIds)) ?? Infinity
    return Math.min(Math.max(due + patienceMs, 10), jittered(settings.pollMs))
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
