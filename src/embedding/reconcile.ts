import type { Queryable } from '../db/database.js'
import { JOBS_CHANNEL } from '../queue/jobs.js'
import { turnOf } from '../queue/turns.js'
import { IS_MISSING, WITH_EMBEDDINGS } from './missing.js'
import { adoptJobs, dropJobsOfOthers } from './space-jobs.js'

/**
 * Asks for every spec that misses something in the space, has no open job, and does not rest from a
 * failure (`next_run_at` of its failed job says until when). By content, so it ends with nothing
 * asked when nothing is missing. Gives how many.
 */
export async function reconcile(db: Queryable, spaceId: number): Promise<number> {
  await adoptJobs(db, spaceId)
  // Of uploads that were under way at a switch.
  await dropJobsOfOthers(db)
  const rows = await db.query(
    `insert into api_catalog.embedding_jobs (spec_id, space_id, kind, failures_in_row, turn_at)
     select lacking.spec_id, $1, 'reconciler', coalesce(last.failures_in_row, 0),
       ${turnOf('row_number() over (partition by lacking.catalog_id order by lacking.spec_id)', '$1')}
     from (
       select distinct o.spec_id, s.catalog_id from ${WITH_EMBEDDINGS} where ${IS_MISSING}) lacking
     left join lateral (
       select status, next_run_at, failures_in_row from api_catalog.embedding_jobs job
       where job.spec_id = lacking.spec_id and job.space_id = $1 order by id desc limit 1) last
       on true
     where not exists (
       select from api_catalog.embedding_jobs job
       where job.spec_id = lacking.spec_id and job.space_id = $1
         and job.status in ('pending', 'running'))
       and (last.status is distinct from 'failed' or last.next_run_at <= now())
     order by lacking.spec_id
     on conflict do nothing
     returning id, pg_notify($2, '')`,
    [spaceId, JOBS_CHANNEL],
  )
  return rows.length
}
