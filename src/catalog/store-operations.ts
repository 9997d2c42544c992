import type { Queryable } from '../db/database.js'
import type { PreparedOperation, PreparedSpec } from './prepared-spec.js'

/** How a revision's operations differ from the one before it, by key (`METHOD path`). */
export interface Changes {
  added: number
  removed: number
  changed: number
  unchanged: number
}

interface StoredOperation {
  id: number
  key: string
  definition_hash: string
}

export interface SpecPlace {
  catalogId: number
  specId: number
}

/** So many operations are sent to the database in one statement. */
const SLICE = 500

/**
 * Makes the stored operations of a spec those of `spec`: writes only what differs, so unchanged
 * operations keep their rows and words. Part of the transaction that holds the catalog's lock.
 */
export async function storeOperations(
  tx: Queryable,
  place: SpecPlace,
  spec: PreparedSpec,
): Promise<Changes> {
  const stored = await storedOperations(tx, place.specId)
  const incoming = new Map(spec.operations.map((operation) => [keyOf(operation), operation]))
  const gone = [...stored.values()].filter(
    ({ key, definition_hash }) => incoming.get(key)?.definitionHash !== definition_hash,
  )
  const fresh = [...incoming].filter(
    ([key, operation]) => stored.get(key)?.definition_hash !== operation.definitionHash,
  )
  await removeOperations(
    tx,
    place.catalogId,
    gone.map(({ id }) => id),
  )
  for (let at = 0; at < fresh.length; at += SLICE) {
    await insertOperations(tx, place, fresh.slice(at, at + SLICE))
  }
  await replaceComponents(tx, place.specId, spec)
  const changed = fresh.filter(([key]) => stored.has(key)).length
  return {
    added: fresh.length - changed,
    removed: gone.length - changed,
    changed,
    unchanged: incoming.size - fresh.length,
  }
}

/** Removes all operations of a spec with their words; part of deleting it. */
export async function removeAllOperations(tx: Queryable, place: SpecPlace): Promise<void> {
  const stored = await storedOperations(tx, place.specId)
  await removeOperations(
    tx,
    place.catalogId,
    [...stored.values()].map(({ id }) => id),
  )
}

async function storedOperations(
  tx: Queryable,
  specId: number,
): Promise<Map<string, StoredOperation>> {
  const rows = await tx.query<StoredOperation>(
    `select id, method || ' ' || path as key, definition_hash
     from api_catalog.operations where spec_id = $1`,
    [specId],
  )
  return new Map(rows.map((row) => [row.key, row]))
}

async function removeOperations(tx: Queryable, catalogId: number, ids: number[]): Promise<void> {
  if (ids.length === 0) return
  await tx.query(
    `with removed as (delete from api_catalog.terms where op = any($1) returning term),
     counts as (select term, count(*)::integer as df from removed group by term)
     update api_catalog.catalog_terms as total set df = total.df - counts.df
     from counts where total.catalog_id = $2 and total.term = counts.term`,
    [ids, catalogId],
  )
  await tx.query(`delete from api_catalog.catalog_terms where catalog_id = $1 and df <= 0`, [
    catalogId,
  ])
  await tx.query(`delete from api_catalog.operations where id = any($1)`, [ids])
  await countOperations(tx, catalogId, -ids.length)
}

async function insertOperations(
  tx: Queryable,
  place: SpecPlace,
  operations: [string, PreparedOperation][],
): Promise<void> {
  const rows = await tx.query<{ id: number; key: string }>(
    `insert into api_catalog.operations
       (spec_id, method, path, path_shape, operation_id, summary, description, tags,
        parameters, body_properties, effect, is_deprecated, signature, definition,
        definition_hash, text_hash)
     select $1, method, path, "pathShape", "operationId", summary, description, tags,
       parameters, "bodyProperties", effect, "isDeprecated", signature, definition,
       "definitionHash", "textHash"
     from json_to_recordset($2::json) as operation (
       method text, path text, "pathShape" text, "operationId" text,
       summary text, description text, tags text[], parameters text[], "bodyProperties" text[],
       effect text, "isDeprecated" boolean, signature text, definition text,
       "definitionHash" text, "textHash" text)
     returning id, method || ' ' || path as key`,
    [place.specId, JSON.stringify(operations.map(([, { terms: _, ...row }]) => row))],
  )
  const byKey = new Map(operations)
  await insertTerms(
    tx,
    place,
    rows.flatMap(({ id, key }) =>
      (byKey.get(key)?.terms ?? []).map(([term, impact]) => ({ term, op: id, impact })),
    ),
  )
  await countOperations(tx, place.catalogId, rows.length)
}

async function insertTerms(
  tx: Queryable,
  { catalogId, specId }: SpecPlace,
  terms: { term: string; op: number; impact: number }[],
): Promise<void> {
  await tx.query(
    `with added as (
       insert into api_catalog.terms (term, catalog_id, spec_id, op, impact)
       select term, $1, $2, op, impact
       from unnest($3::text[], $4::integer[], $5::real[]) as row (term, op, impact)
       returning term)
     insert into api_catalog.catalog_terms as total (catalog_id, term, df)
     select $1, term, count(*) from added group by term
     on conflict (catalog_id, term) do update set df = total.df + excluded.df`,
    [
      catalogId,
      specId,
      terms.map(({ term }) => term),
      terms.map(({ op }) => op),
      terms.map(({ impact }) => impact),
    ],
  )
}

async function countOperations(tx: Queryable, catalogId: number, difference: number) {
  await tx.query(
    `update api_catalog.catalogs set operation_count = operation_count + $2 where id = $1`,
    [catalogId, difference],
  )
}

async function replaceComponents(tx: Queryable, specId: number, spec: PreparedSpec): Promise<void> {
  await tx.query(`delete from api_catalog.components where spec_id = $1`, [specId])
  for (let at = 0; at < spec.components.length; at += SLICE) {
    const slice = spec.components.slice(at, at + SLICE)
    await tx.query(
      `insert into api_catalog.components (spec_id, pointer, definition)
       select $1, pointer, definition
       from unnest($2::text[], $3::text[]) as row (pointer, definition)`,
      [specId, slice.map(({ pointer }) => pointer), slice.map(({ definition }) => definition)],
    )
  }
}

function keyOf(operation: { method: string; path: string }): string {
  return `${operation.method} ${operation.path}`
}
