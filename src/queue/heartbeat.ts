import type { Database } from '../db/database.js'
import { messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import { LeaseLost, type ClaimedJob } from './jobs.js'
import { renewLease } from './lease.js'

/**
 * Renews a job's lease every third of it, from a timer of its own, until disposed. `lost` aborts,
 * with a LeaseLost, when another worker has the job. A renewal that is slow does not hold up the
 * next: on a connection that is half open it would be heard of minutes later.
 */
export class Heartbeat implements Disposable {
  readonly #lost = new AbortController()
  readonly #timer: NodeJS.Timeout

  constructor(
    { db, log }: { db: Database; log: Logger },
    { job, leaseMs }: { job: ClaimedJob; leaseMs: number },
  ) {
    this.#timer = setInterval(() => {
      renewLease(db, job, leaseMs).catch((error: unknown) => {
        if (error instanceof LeaseLost) this.#lost.abort(error)
        else log.warn({ job: job.id, err: error }, `heartbeat: ${messageOf(error)}`)
      })
    }, leaseMs / 3)
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }
}
