import type { Queryable } from '../db/database.js'
import type { Principal } from './principal.js'

/** A catalog, or a spec in one, as a list of everything has it. */
export interface Entry {
  catalog: string
  /** Empty: the catalog itself, which comes before its specs. */
  spec: string
  title: string | null
}

/** Before the first of all entries. */
export const START: Pick<Entry, 'catalog' | 'spec'> = { catalog: '', spec: '' }

/**
 * The tenant's catalogs that have specs, each followed by its specs: at most `limit` of those that
 * come after `after`, which need not be there any more.
 */
export async function listEntries(
  db: Queryable,
  principal: Principal,
  { after, limit }: { after: Pick<Entry, 'catalog' | 'spec'>; limit: number },
): Promise<Entry[]> {
  return db.query<Entry>(
    `select catalog, spec, title
     from (
       select c.name as catalog, '' as spec, null as title
       from api_catalog.catalogs c
       where c.tenant = $1 and exists (select from api_catalog.specs s where s.catalog_id = c.id)
       union all
       select c.name, s.name, s.title
       from api_catalog.specs s join api_catalog.catalogs c on c.id = s.catalog_id
       where c.tenant = $1) entry
     where $2 = '' or (catalog <> 'default', catalog, spec) > ($2 <> 'default', $2, $3)
     order by catalog <> 'default', catalog, spec
     limit $4`,
    [principal.tenant, after.catalog, after.spec, limit],
  )
}

/** Names of the tenant's catalogs that begin so. */
export async function catalogNames(
  db: Queryable,
  principal: Principal,
  beginning: string,
): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select c.name from api_catalog.catalogs c
     where c.tenant = $1 and starts_with(c.name, $2)
       and exists (select from api_catalog.specs s where s.catalog_id = c.id)
     order by c.name <> 'default', c.name`,
    [principal.tenant, beginning],
  )
  return rows.map(({ name }) => name)
}

/** Names of the tenant's specs that begin so, in one catalog or in any. */
export async function specNames(
  db: Queryable,
  principal: Principal,
  { beginning, catalog }: { beginning: string; catalog: string | undefined },
): Promise<string[]> {
  const rows = await db.query<{ name: string }>(
    `select distinct s.name
     from api_catalog.specs s join api_catalog.catalogs c on c.id = s.catalog_id
     where c.tenant = $1 and starts_with(s.name, $2) and ($3::text is null or c.name = $3)
     order by s.name`,
    [principal.tenant, beginning, catalog ?? null],
  )
  return rows.map(({ name }) => name)
}
