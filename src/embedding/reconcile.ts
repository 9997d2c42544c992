import type { Queryable } from '../db/database.js'
import { JOBS_CHANNEL } from '../queue/jobs.js'
import { IS_MISSING, WITH_EMBEDDINGS } from './missing.js'
import { adoptJobs } from './spaces.js'

/** A spec whose job has failed for good is tried again after this long. */
const PARKED = `interval '30 minutes'`

/**
 * Asks for every spec that misses something in the space and has no job that is open or has just
 * failed. By content, so it ends with nothing asked when nothing is missing. Gives how many.
 */
export async function reconcile(db: Queryable, spaceId: number): Promise<number> {
  await adoptJobs(db, spaceId)
  const rows = await db.query(
    `insert into api_catalog.embedding_jobs (spec_id, space_id, kind)
     select lacking.spec_id, $1, 'reconciler'
     from (select distinct o.spec_id from ${WITH_EMBEDDINGS} where ${IS_MISSING}) lacking
     where not exists (
       select from api_catalog.embedding_jobs job
       where job.spec_id = lacking.spec_id and job.space_id = $1
         and job.status in ('pending', 'running'))
       and not exists (
         select from (
           select status, completed_at from api_catalog.embedding_jobs job
           where job.spec_id = lacking.spec_id and job.space_id = $1 order by id desc limit 1) last
         where last.status = 'failed' and last.completed_at > now() - ${PARKED})
     order by lacking.spec_id
     on conflict do nothing
     returning id, pg_notify($2, '')`,
    [spaceId, JOBS_CHANNEL],
  )
  return rows.length
}
