import type { Queryable } from '../db/database.js'
import { JOBS_CHANNEL, type JobKind, type JobStatus } from './jobs.js'
import { nextTurn } from './turns.js'

export interface EnqueuedJob {
  id: number
  status: JobStatus
}

/**
 * Asks for a spec to be settled in the active space (or, where none is active yet, in the first one
 * to be). Belongs into the transaction that makes the work: workers are told at its commit. Where a
 * job is open already, that one is given: a waiting one runs now, a running one runs once more.
 */
export async function enqueue(
  tx: Queryable,
  specId: number,
  kind: JobKind,
  traceparent: string | null = null,
): Promise<EnqueuedJob> {
  const [job] = await tx.query<EnqueuedJob>(
    `insert into api_catalog.embedding_jobs as job (spec_id, space_id, kind, traceparent, turn_at)
     values ($1, (select id from api_catalog.embedding_spaces where is_active), $2, $3,
       ${nextTurn('$1')})
     on conflict (spec_id, coalesce(space_id, 0)) where status in ('pending', 'running')
     do update set
       rerun = job.status = 'running',
       kind = case when job.status = 'pending' then excluded.kind else job.kind end,
       attempts = case when job.status = 'pending' then 0 else job.attempts end,
       next_run_at = case when job.status = 'pending' then now() else job.next_run_at end,
       turn_at = case when job.status = 'pending' then least(job.turn_at, excluded.turn_at)
         else job.turn_at end,
       yielded = false, left_out = case when job.status = 'pending' then '{}' else job.left_out end,
       updated_at = now()
     returning id, status`,
    [specId, kind, traceparent],
  )
  await tx.query(`select pg_notify($1, '')`, [JOBS_CHANNEL])
  return job as EnqueuedJob
}
