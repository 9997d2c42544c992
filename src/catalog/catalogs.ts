import type { Queryable } from '../db/database.js'
import { checkedName } from './names.js'
import type { Principal } from './principal.js'

/**
 * The id of a catalog, made on first use and locked until the transaction ends: writes to one
 * catalog take turns, which keeps names and word counts right without further locks.
 */
export async function lockCatalog(
  tx: Queryable,
  principal: Principal,
  name: string,
): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `insert into api_catalog.catalogs (tenant, name) values ($1, $2)
     on conflict (tenant, name) do update set name = excluded.name
     returning id`,
    [principal.tenant, checkedName('catalog', name)],
  )
  return (row as { id: number }).id
}
