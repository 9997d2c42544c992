import type { Queryable } from '../db/database.js'

/** A small table is a fast queue: this many finished jobs are removed in one statement. */
const BATCH = 5_000

/** Removes jobs that finished more than `retentionDays` ago; a spec's last job stays. */
export async function pruneJobs(db: Queryable, retentionDays: number): Promise<number> {
  const rows = await db.query(
    `delete from api_catalog.embedding_jobs where id in (
       select id from api_catalog.embedding_jobs old
       where status in ('succeeded', 'failed')
         and completed_at < now() - $1::integer * interval '1 day'
         and exists (
           select from api_catalog.embedding_jobs newer
           where newer.spec_id = old.spec_id and newer.id > old.id)
       limit ${BATCH})
     returning id`,
    [retentionDays],
  )
  return rows.length
}
