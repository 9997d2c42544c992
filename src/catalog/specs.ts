import type { Database, Queryable } from '../db/database.js'
import { NotFoundError } from '../errors.js'
import { lockCatalog } from './catalogs.js'
import { likelySpecs } from './likely-specs.js'
import { DEFAULT_CATALOG, qualifiedSpec, quoted } from './names.js'
import type { Principal } from './principal.js'
import { removeAllOperations } from './store-operations.js'

export interface SpecRow {
  id: number
  catalog: string
  name: string
  title: string | null
  version: string | null
  revision: number
  operation_count: number
  source: string | null
  /** Why the last refresh from its URL failed; null when it did not. */
  refresh_error: string | null
}

/** All specs of the tenant, or of one of its catalogs, by catalog and name. */
export async function listSpecs(
  db: Queryable,
  principal: Principal,
  catalog?: string,
): Promise<SpecRow[]> {
  return db.query<SpecRow>(
    `select s.id, c.name as catalog, s.name, s.title, s.version, s.revision, s.operation_count,
       s.source, s.refresh_error
     from api_catalog.specs s join api_catalog.catalogs c on c.id = s.catalog_id
     where c.tenant = $1 and ($2::text is null or c.name = $2)
     order by c.name = 'default' desc, c.name, s.name`,
    [principal.tenant, catalog ?? null],
  )
}

/** Throws InputError naming what there is when the tenant has no such spec. */
export async function findSpec(
  db: Queryable,
  principal: Principal,
  name: string,
  catalog = DEFAULT_CATALOG,
): Promise<SpecRow & { catalog_id: number }> {
  const [spec] = await db.query<SpecRow & { catalog_id: number }>(
    `select s.id, c.id as catalog_id, c.name as catalog, s.name, s.title, s.version, s.revision,
       s.operation_count, s.source, s.refresh_error
     from api_catalog.specs s join api_catalog.catalogs c on c.id = s.catalog_id
     where c.tenant = $1 and c.name = $2 and s.name = $3`,
    [principal.tenant, catalog, name],
  )
  if (spec) return spec
  throw new NotFoundError(await noSuchSpec(db, principal, name, catalog))
}

/** Throws NotFoundError when the tenant has no such catalog; nothing to do for none said. */
export async function checkCatalog(
  db: Queryable,
  principal: Principal,
  name: string | undefined,
): Promise<void> {
  if (name === undefined || name === DEFAULT_CATALOG) return
  const rows = await db.query<{ name: string }>(
    `select name from api_catalog.catalogs where tenant = $1 order by name`,
    [principal.tenant],
  )
  if (rows.some((row) => row.name === name)) return
  const known = rows.map((row) => row.name).join(', ')
  throw new NotFoundError(
    `No catalog named "${quoted(name)}". ${known ? `There are: ${known}.` : 'There are none yet: upload_spec makes one.'}`,
  )
}

/** Removes a spec with its revisions, operations, words and jobs. Shared vectors stay a while. */
export async function deleteSpec(
  db: Database,
  principal: Principal,
  name: string,
  catalog = DEFAULT_CATALOG,
): Promise<SpecRow> {
  return db.transaction(async (tx) => {
    const { id: specId, catalog_id: catalogId } = await findSpec(tx, principal, name, catalog)
    await lockCatalog(tx, principal, catalog)
    const spec = await findSpec(tx, principal, name, catalog)
    await removeAllOperations(tx, { catalogId, specId })
    await tx.query(`delete from api_catalog.specs where id = $1`, [specId])
    return spec
  })
}

async function noSuchSpec(
  db: Queryable,
  principal: Principal,
  name: string,
  catalog: string,
): Promise<string> {
  const specs = await listSpecs(db, principal)
  const said = `No spec named "${quoted(name)}" in the catalog "${quoted(catalog)}".`
  if (specs.length === 0) return `${said} There are no specs yet: upload_spec adds one.`
  const elsewhere = specs.filter((spec) => spec.name === name)
  if (elsewhere.length > 0) {
    const catalogs = elsewhere.slice(0, 10).map((spec) => `"${spec.catalog}"`)
    return `${said} There is one in ${catalogs.join(', ')}${elsewhere.length > 10 ? ', …' : ''}.`
  }
  const qualified = (spec: SpecRow) => qualifiedSpec(spec.catalog, spec.name)
  const likely = likelySpecs(name, specs).map((spec) => `"${qualified(spec)}"`)
  const meant = likely.length === 0 ? '' : ` Did you mean ${likely.join(' or ')}?`
  const names = specs.slice(0, 10).map((spec) => qualified(spec))
  const more = specs.length > names.length ? `, … (list_specs shows all ${specs.length})` : ''
  return `${said}${meant} There are: ${names.join(', ')}${more}.`
}
