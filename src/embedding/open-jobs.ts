import type { Principal } from '../catalog/principal.js'
import type { Queryable } from '../db/database.js'

/** The queue of a tenant, as it is now. */
export interface OpenJobs {
  pending: number
  running: number
  /** Since the oldest pending job was asked for; null where none is. */
  oldest_waiting_seconds: number | null
}

/** How many jobs of the tenant's specs wait and run, and since when the oldest waits. */
export async function openJobs(db: Queryable, principal: Principal): Promise<OpenJobs> {
  const [row] = await db.query<OpenJobs>(
    `select count(*) filter (where j.status = 'pending') as pending,
       count(*) filter (where j.status = 'running') as running,
       extract(epoch from now() - min(j.created_at)
         filter (where j.status = 'pending' and not j.yielded))::float8 as oldest_waiting_seconds
     from api_catalog.embedding_jobs j
     join api_catalog.specs s on s.id = j.spec_id
     join api_catalog.catalogs c on c.id = s.catalog_id
     where c.tenant = $1 and j.status in ('pending', 'running')`,
    [principal.tenant],
  )
  return row as OpenJobs
}
