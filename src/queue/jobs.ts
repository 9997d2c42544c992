/**
 * The states of an embedding job ("this spec's operations are settled in this space"):
 *
 *     enqueue ──> pending ──claim──> running ──succeed──> succeeded
 *                    ^                  │  └──fail for good──> failed
 *                    └── yield, retry, snooze, give back, lease expired, rerun
 *
 * - yield: its turn is over and others wait; costs nothing, and what it has done is kept
 * - retry: the work itself failed; costs an attempt, waits 5, 10, 20, 40, 80 s
 * - snooze: the provider cannot answer now; costs nothing, `last_error` says what it waits for
 * - give back: the worker stops; costs nothing
 * - rerun: something was enqueued while it ran, so on success it is pending again
 *
 * A spec has at most one open (pending or running) job per space. Every write of a running job
 * carries the lease token of its claim; all times are the database's. docs/queue.md has the whole.
 */
export type JobKind = 'spec_write' | 'reconciler' | 'manual_retry'
export type JobStatus = 'pending' | 'running' | 'succeeded' | 'failed'

/** A claimed job, as its worker sees it. */
export interface ClaimedJob {
  id: number
  specId: number
  spaceId: number
  kind: JobKind
  attempts: number
  claims: number
  /** From when it was due until it was claimed. */
  waitedSeconds: number
  leaseToken: string
  traceparent: string | null
  /** It goes on after it yielded its turn. */
  isResumed: boolean
  /** Texts that failed in its turns before, by hash, and the error of the last one. */
  leftOut: string[]
  lastError: string | null
}

/** What a write of a running job needs to know of it. */
export type HeldJob = Pick<ClaimedJob, 'id' | 'leaseToken'>

/** NOTIFY channel: a job may be claimable. */
export const JOBS_CHANNEL = 'api_catalog_jobs'

/** The lease was given to another worker, or the job is gone: write nothing more for it. */
export class LeaseLost extends Error {
  override name = 'LeaseLost'
  constructor() {
    super('the lease of this job is lost')
  }
}

/** Thrown by a job's work: others wait, its turn is over. `reason` is why texts were left out. */
export class YieldJob extends Error {
  override name = 'YieldJob'
  readonly leftOut: readonly string[]
  readonly reason: string | null
  constructor(leftOut: readonly string[], reason: string | null) {
    super('others wait')
    this.leftOut = leftOut
    this.reason = reason
  }
}

/** Thrown by a job's work: wait, nobody's fault, no attempt is spent. */
export class SnoozeJob extends Error {
  override name = 'SnoozeJob'
  readonly delayMs: number
  constructor(message: string, delayMs: number, options?: ErrorOptions) {
    super(message, options)
    this.delayMs = delayMs
  }
}

/** Thrown by a job's work: it can never succeed; failed at once. */
export class DiscardJob extends Error {
  override name = 'DiscardJob'
}
