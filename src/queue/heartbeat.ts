import type { Database } from '../db/database.js'
import { messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import { LeaseLost, type ClaimedJob } from './jobs.js'
import { renewLease } from './lease.js'

/**
 * Renews a job's lease every third of it, from a timer of its own, until disposed. `signal` aborts
 * when the work is to end: with a LeaseLost when another worker has the job, and with `stop`. A
 * renewal that is slow does not hold up the next: on a connection that is half open it would be
 * heard of minutes later.
 */
export class Heartbeat implements Disposable {
  readonly #end = new AbortController()
  readonly #stop: AbortSignal
  readonly #timer: NodeJS.Timeout

  constructor(
    { db, log }: { db: Database; log: Logger },
    { job, leaseMs, stop }: { job: ClaimedJob; leaseMs: number; stop: AbortSignal },
  ) {
    this.#stop = stop
    if (stop.aborted) this.#onStop()
    stop.addEventListener('abort', this.#onStop)
    this.#timer = setInterval(() => {
      renewLease(db, job, leaseMs).catch((error: unknown) => {
        if (error instanceof LeaseLost) this.#end.abort(error)
        else log.warn({ job: job.id, err: error }, `heartbeat: ${messageOf(error)}`)
      })
    }, leaseMs / 3)
  }

  get signal(): AbortSignal {
    return this.#end.signal
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#stop.removeEventListener('abort', this.#onStop)
  }

  readonly #onStop = (): void => this.#end.abort(this.#stop.reason)
}
