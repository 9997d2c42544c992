import type { Queryable } from '../db/database.js'
import { jsonArrays, type PreparedComponent } from './prepared-spec.js'

/**
 * Makes the stored components of a spec these: writes only what differs. Gives the pointers that
 * name something else than before, or named or name nothing. Part of the transaction that holds the
 * catalog's lock.
 */
export async function storeComponents(
  tx: Queryable,
  specId: number,
  components: readonly PreparedComponent[],
): Promise<string[]> {
  const stored = await storedHashes(tx, specId)
  const fresh = components.filter(
    ({ pointer, definitionHash }) => stored.get(pointer) !== definitionHash,
  )
  const kept = new Set(components.map(({ pointer }) => pointer))
  for (const { pointer } of fresh) kept.delete(pointer)
  const gone = [...stored.keys()].filter((pointer) => !kept.has(pointer))
  if (gone.length > 0) await removeComponents(tx, specId, gone)
  for (const rows of jsonArrays(fresh.map(({ row }) => row))) {
    await insertComponents(tx, specId, rows)
  }
  return [...new Set([...gone, ...fresh.map(({ pointer }) => pointer)])]
}

async function storedHashes(tx: Queryable, specId: number): Promise<Map<string, string>> {
  const rows = await tx.query<{ pointer: string; hash: string }>(
    `select pointer, encode(sha256(convert_to(definition, 'UTF8')), 'hex') as hash
     from api_catalog.components where spec_id = $1`,
    [specId],
  )
  return new Map(rows.map(({ pointer, hash }) => [pointer, hash]))
}

async function removeComponents(tx: Queryable, specId: number, pointers: string[]): Promise<void> {
  await tx.query(
    `delete from api_catalog.components
     where spec_id = $1 and md5(pointer) in (select md5(gone) from unnest($2::text[]) gone)
       and pointer = any($2)`,
    [specId, pointers],
  )
}

async function insertComponents(tx: Queryable, specId: number, rows: string): Promise<void> {
  await tx.query(
    `insert into api_catalog.components (spec_id, pointer, definition)
     select $1, pointer, definition
     from json_to_recordset($2::json) as component (pointer text, definition text)`,
    [specId, rows],
  )
}
