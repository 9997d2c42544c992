import type { Queryable } from '../db/database.js'
import { JOBS_CHANNEL, type JobKind, type JobStatus } from './jobs.js'
import { nextTurn } from './turns.js'

export interface EnqueuedJob {
  id: number
  status: JobStatus
}

/**
 * Asks for a spec to be settled in the active space (or, where none is active yet, in the first one
 * to be), and in the next one, if it is to be changed over. Gives the active space's job. Belongs
 * into the transaction that makes the work: workers are told at its commit. Where a job is open
 * already, that one is given: a waiting one runs now, a running one runs once more.
 */
export async function enqueue(
  tx: Queryable,
  specId: number,
  kind: JobKind,
  traceparent: string | null = null,
): Promise<EnqueuedJob> {
  const [job] = await tx.query<EnqueuedJob>(
    `with asked as (
     insert into api_catalog.embedding_jobs as job (spec_id, space_id, kind, traceparent, turn_at)
     select $1, space.id, $2, $3, ${nextTurn({ spec: '$1', space: 'space.id' })}
     from (select null) nobody
     left join api_catalog.embedding_spaces space on space.is_active or space.is_next
     on conflict (spec_id, coalesce(space_id, 0)) where status in ('pending', 'running')
     do update set
       rerun = job.status = 'running',
       kind = case when job.status = 'pending' then excluded.kind else job.kind end,
       attempts = case when job.status = 'pending' then 0 else job.attempts end,
       next_run_at = case when job.status = 'pending' then now() else job.next_run_at end,
       turn_at = case when job.status = 'pending' then least(job.turn_at, excluded.turn_at)
         else job.turn_at end,
       yielded = job.yielded and job.status = 'running',
       left_out = case when job.status = 'pending' then '{}' else job.left_out end,
       updated_at = now()
     returning id, status, space_id)
     select asked.id, status from asked
     left join api_catalog.embedding_spaces space on space.id = asked.space_id
     order by space.is_next nulls first
     limit 1`,
    [specId, kind, traceparent],
  )
  await tx.query(`select pg_notify($1, '')`, [JOBS_CHANNEL])
  return job as EnqueuedJob
}
