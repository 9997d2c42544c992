import type { Queryable } from '../db/database.js'
import { REST } from './finish.js'
import { JOBS_CHANNEL } from './jobs.js'
import { TURN_AFTER_ITS_OWN } from './turns.js'

/** A job claimed so often without writing anything kills whoever works on it. */
const MAX_CLAIMS = 5
/** What was asked for while it ran may well be what mends it. */
const IS_DEADLY = `claims >= ${MAX_CLAIMS} and not rerun`

/**
 * Gives expired leases back, and fails jobs that were claimed too often without ever reporting.
 * Safe to run anywhere at any time. Gives the number of leases taken.
 */
export async function reapExpiredLeases(db: Queryable): Promise<number> {
  return takeLeases(db, 'lease_expires_at < now()')
}

/** Gives all leases back: for the new owner of a data directory, whose predecessor is dead. */
export async function takeAllLeases(db: Queryable): Promise<number> {
  return takeLeases(db, 'true')
}

/** A row that is locked is left for the next time: its process may be frozen in a transaction. */
async function takeLeases(db: Queryable, which: string): Promise<number> {
  const rows = await db.query(
    `with free as materialized (
       select id from api_catalog.embedding_jobs
       where status = 'running' and ${which}
       for update skip locked),
     taken as (
       update api_catalog.embedding_jobs job set
         status = case when ${IS_DEADLY} then 'failed' else 'pending' end,
         last_error = case when ${IS_DEADLY}
           then 'its worker died ' || claims || ' times without writing anything; ' ||
             'reembed_spec tries again'
           else last_error end,
         completed_at = case when ${IS_DEADLY} then now() end,
         failures_in_row = failures_in_row + case when ${IS_DEADLY} then 1 else 0 end,
         next_run_at = now() + case when ${IS_DEADLY} then ${REST} else interval '0' end,
         claims = case when rerun then 0 else claims end, rerun = false,
         -- Behind the others: it may take the next worker with it too.
         turn_at = ${TURN_AFTER_ITS_OWN}, yielded = false, left_out = '{}', lease_token = null, lease_expires_at = null, worker_id = null,
         updated_at = now()
       from free where job.id = free.id
       returning job.id)
     select id, pg_notify($1, '') from taken`,
    [JOBS_CHANNEL],
  )
  return rows.length
}
