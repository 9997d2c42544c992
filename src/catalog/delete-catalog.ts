import type { Database } from '../db/database.js'
import { InputError } from '../errors.js'
import { lockCatalog } from './catalogs.js'
import type { Principal } from './principal.js'
import { checkCatalog, listSpecs } from './specs.js'

/**
 * Removes a catalog, with its specs where `force` says so, and gives how many specs it had. Throws
 * InputError for a catalog that is not there, or has specs and no `force`.
 */
export async function deleteCatalog(
  db: Database,
  principal: Principal,
  name: string,
  { force }: { force: boolean },
): Promise<number> {
  await checkCatalog(db, principal, name)
  return db.transaction(async (tx) => {
    const catalogId = await lockCatalog(tx, principal, name)
    const specs = await listSpecs(tx, principal, name)
    if (specs.length > 0 && !force) {
      throw new InputError(
        `The catalog "${name}" has specs (${specs.length}). Delete them first, or all of it with ` +
          '`--force`.',
      )
    }
    await tx.query(
      `delete from api_catalog.terms where op in (
         select o.id from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id
         where s.catalog_id = $1)`,
      [catalogId],
    )
    await tx.query(`delete from api_catalog.catalogs where id = $1`, [catalogId])
    return specs.length
  })
}
