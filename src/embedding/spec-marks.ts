import type { Queryable } from '../db/database.js'

/** A spec, and a text that is another whenever something that is shown of the spec is another. */
export interface SpecMark {
  tenant: string
  catalog: string
  spec: string
  mark: string
}

/**
 * The marks of all specs of all tenants: what revision they have and how far their newest job is.
 * It reads no operations, so it may be asked every second (2,600 specs: see bench/README.md).
 */
export async function specMarks(db: Queryable): Promise<SpecMark[]> {
  return db.query<SpecMark>(
    `select c.tenant, c.name as catalog, s.name as spec,
       concat_ws(' ', s.id, s.revision, s.reembed_requested_at, job.id, job.status, job.attempts,
         job.embedded_so_far, job.yielded, job.last_error) as mark
     from api_catalog.specs s
     join api_catalog.catalogs c on c.id = s.catalog_id
     left join lateral (
       select id, status, attempts, embedded_so_far, yielded, last_error
       from api_catalog.embedding_jobs j
       where j.spec_id = s.id
       order by j.status in ('pending', 'running') desc, j.id desc limit 1) job on true`,
  )
}
