import type { Queryable } from '../db/database.js'

/** Gives the space the jobs that were made while none was active. */
export async function adoptJobs(db: Queryable, spaceId: number): Promise<void> {
  await db.query(
    `update api_catalog.embedding_jobs job
     set space_id = $1, last_error = null, next_run_at = now(), updated_at = now()
     where space_id is null and status = 'pending'
       and not exists (
         select from api_catalog.embedding_jobs other
         where other.spec_id = job.spec_id and other.space_id = $1
           and other.status in ('pending', 'running'))`,
    [spaceId],
  )
  await db.query(
    `delete from api_catalog.embedding_jobs where space_id is null and status = 'pending'`,
  )
}

/** Drops waiting jobs of spaces that are neither active nor next: nobody does them any more. */
export async function dropJobsOfOthers(db: Queryable): Promise<void> {
  await db.query(
    `delete from api_catalog.embedding_jobs job
     using api_catalog.embedding_spaces space
     where space.id = job.space_id and not space.is_active and not space.is_next
       and job.status = 'pending'`,
  )
}

/** Has the space work that waits? */
export async function hasWaitingJobs(db: Queryable, spaceId: number): Promise<boolean> {
  const rows = await db.query(
    `select from api_catalog.embedding_jobs where space_id = $1 and status = 'pending' limit 1`,
    [spaceId],
  )
  return rows.length > 0
}

/** Says in jobs that wait for a space's provider what they wait for; failures keep their error. */
export async function explainWaitingJobs(
  db: Queryable,
  spaceId: number | null,
  reason: string,
): Promise<void> {
  await db.query(
    `update api_catalog.embedding_jobs set last_error = $2, updated_at = now()
     where (space_id is null or space_id = $1) and status = 'pending' and attempts = 0
       and last_error is distinct from $2`,
    [spaceId, reason],
  )
}
