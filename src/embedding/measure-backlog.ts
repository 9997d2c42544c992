import type { Queryable } from '../db/database.js'
import { IS_MISSING } from './missing.js'

/** Counts over the whole database, of all tenants. */
export interface Backlog {
  pending: number
  running: number
  /** Since the oldest pending job was asked for, those aside that make way for it. */
  oldestWaitingSeconds: number
  embedded: number
  withoutVector: number
  missing: number
  /** Texts that the embedder refused. */
  setAside: number
  /** Specs that miss something and whose last job has failed for good. */
  parked: number
}

/** What is embedded in the active space, and what waits for it, in one statement. */
export async function measureBacklog(db: Queryable): Promise<Backlog> {
  const [row] = await db.query<Backlog>(
    `with per_spec as (
       select s.id as spec_id, active.id as space_id,
         count(*) filter (where ${IS_MISSING}) as missing,
         count(*) filter (where ${IS_MISSING} is not true and e.state = 'embedded') as embedded,
         count(*) filter (where ${IS_MISSING} is not true and e.state <> 'embedded') as without_vector
       from api_catalog.operations o
       join api_catalog.specs s on s.id = o.spec_id
       left join api_catalog.embedding_spaces active on active.is_active
       left join api_catalog.embeddings e on e.space_id = active.id and e.text_hash = o.text_hash
       group by s.id, active.id),
     open_jobs as (
       select count(*) filter (where status = 'pending') as pending,
         count(*) filter (where status = 'running') as running,
         extract(epoch from now() - min(created_at)
           filter (where status = 'pending' and not yielded)) as oldest
       from api_catalog.embedding_jobs where status in ('pending', 'running'))
     select pending, running, coalesce(oldest, 0)::float8 as "oldestWaitingSeconds",
       (select coalesce(sum(embedded), 0) from per_spec) as embedded,
       (select coalesce(sum(without_vector), 0) from per_spec) as "withoutVector",
       (select coalesce(sum(missing), 0) from per_spec) as missing,
       (select count(*) from api_catalog.embeddings e
        join api_catalog.embedding_spaces active on active.id = e.space_id and active.is_active
        where e.state = 'refused') as "setAside",
       (select count(*) from per_spec where missing > 0 and 'failed' = (
          select job.status from api_catalog.embedding_jobs job
          where job.spec_id = per_spec.spec_id and job.space_id = per_spec.space_id
          order by job.id desc limit 1)) as parked
     from open_jobs`,
  )
  return row as Backlog
}
