import type { Database } from '../db/database.js'
import { InputError, messageOf, UnavailableError } from '../errors.js'
import { failJob, giveBackJob, snoozeJob, succeedJob, yieldJob } from './finish.js'
import { DiscardJob, LeaseLost, SnoozeJob, YieldJob, type ClaimedJob } from './jobs.js'
import { retryDelayMs } from './retry-delay.js'

/** How a claimed job ended, and what becomes of it. */
export type Outcome =
  | { kind: 'succeeded' }
  | { kind: 'yielded'; leftOut: readonly string[]; reason: string | null }
  | { kind: 'snoozed'; reason: string; delayMs: number }
  | { kind: 'given_back'; reason: string }
  | { kind: 'lease_lost' }
  | { kind: 'retrying'; error: string; delayMs: number }
  | { kind: 'failed'; error: string }

/**
 * What the error means with which a job's work ended:
 *
 * | error | outcome | attempt |
 * |---|---|---|
 * | LeaseLost: another worker has it, or its spec was deleted | lease_lost: nothing is written | – |
 * | YieldJob: its turn is over | yielded | – |
 * | anything else while the worker stops | given_back | – |
 * | SnoozeJob: the provider is down, busy, loading, without the model, or has another one | snoozed | – |
 * | UnavailableError: the database is away | given_back | – |
 * | DiscardJob, InputError: can never succeed | failed | 1 |
 * | anything else | retrying, failed where no retry is left | 1 |
 */
export function outcomeOf(
  error: unknown,
  { attempts }: Pick<ClaimedJob, 'attempts'>,
  { isStopping, ...retries }: { isStopping: boolean; maxRetries: number; retryBaseMs: number },
): Outcome {
  const text = messageOf(error)
  if (error instanceof LeaseLost) return { kind: 'lease_lost' }
  if (error instanceof YieldJob) {
    return { kind: 'yielded', leftOut: error.leftOut, reason: error.reason }
  }
  if (isStopping) return { kind: 'given_back', reason: 'the worker stops' }
  if (error instanceof SnoozeJob) return { kind: 'snoozed', reason: text, delayMs: error.delayMs }
  if (error instanceof UnavailableError) return { kind: 'given_back', reason: text }
  const isHopeless = error instanceof DiscardJob || error instanceof InputError
  const delayMs = isHopeless ? null : retryDelayMs(attempts + 1, retries)
  return delayMs === null
    ? { kind: 'failed', error: text }
    : { kind: 'retrying', error: text, delayMs }
}

/** Writes an outcome into the job. Throws LeaseLost when the job is no longer ours. */
export async function settle(db: Database, job: ClaimedJob, outcome: Outcome): Promise<void> {
  switch (outcome.kind) {
    case 'succeeded':
      return succeedJob(db, job)
    case 'yielded':
      return yieldJob(db, job, outcome.leftOut, outcome.reason)
    case 'snoozed':
      return snoozeJob(db, job, outcome.reason, outcome.delayMs)
    case 'given_back':
      return giveBackJob(db, job)
    case 'retrying':
      return failJob(db, job, outcome.error, outcome.delayMs)
    case 'failed':
      return failJob(db, job, outcome.error, null)
    case 'lease_lost':
      throw new LeaseLost()
  }
}
