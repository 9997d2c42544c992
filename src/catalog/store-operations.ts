import type { Queryable } from '../db/database.js'
import { touchedComponents } from '../openapi/touched-components.js'
import { jsonArrays, type PreparedSpec } from './prepared-spec.js'
import { removeTerms } from './remove-terms.js'
import { storeComponents } from './store-components.js'

/**
 * How a revision's operations differ from the one before it, by key (`METHOD path`). One is changed
 * where it differs itself, or anything that it reaches by references.
 */
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
  const incoming = new Map(spec.operations.map((operation) => [operation.key, operation]))
  const gone = [...stored.values()].filter(
    ({ key, definition_hash }) => incoming.get(key)?.definitionHash !== definition_hash,
  )
  const fresh = [...incoming.values()].filter(
    ({ key, definitionHash }) => stored.get(key)?.definition_hash !== definitionHash,
  )
  await removeOperations(
    tx,
    place.catalogId,
    gone.map(({ id }) => id),
  )
  for (const rows of jsonArrays(fresh.map(({ row }) => row))) {
    await insertOperations(tx, place, rows)
  }
  const differing = await storeComponents(tx, place.specId, spec.components)
  const touched = touchedComponents(differing, spec.components)
  const rewritten = fresh.filter(({ key }) => stored.has(key)).length
  const kept = [...incoming.values()].filter(
    ({ key, definitionHash }) => stored.get(key)?.definition_hash === definitionHash,
  )
  const reaching = kept.filter(({ references }) =>
    references.some((one) => touched.has(one)),
  ).length
  return {
    added: fresh.length - rewritten,
    removed: gone.length - rewritten,
    changed: rewritten + reaching,
    unchanged: kept.length - reaching,
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
  await removeTerms(tx, catalogId, ids)
  await tx.query(`delete from api_catalog.operations where id = any($1)`, [ids])
  await countOperations(tx, catalogId, -ids.length)
}

/** Operations and their words, in one statement; `rows` is a JSON array of what is prepared. */
async function insertOperations(
  tx: Queryable,
  { catalogId, specId }: SpecPlace,
  rows: string,
): Promise<void> {
  await tx.query(
    `with incoming as materialized (
       select method || ' ' || path as key, *
       from json_to_recordset($3::json) as operation (
         method text, path text, "pathShape" text, "operationId" text,
         summary text, description text, tags text[], parameters text[], "bodyProperties" text[],
         effect text, "isDeprecated" boolean, signature text, definition text,
         "definitionHash" text, "textHash" text, terms text[], impacts real[])),
     added as (
       insert into api_catalog.operations
         (spec_id, method, path, path_shape, operation_id, summary, description, tags,
          parameters, body_properties, effect, is_deprecated, signature, definition,
          definition_hash, text_hash)
       select $2, method, path, "pathShape", "operationId", summary, description, tags,
         parameters, "bodyProperties", effect, "isDeprecated", signature, definition,
         "definitionHash", "textHash"
       from incoming
       returning id, method || ' ' || path as key),
     counted as (
       update api_catalog.catalogs
       set operation_count = operation_count + (select count(*) from added)
       where id = $1),
     words as (
       insert into api_catalog.terms (term, catalog_id, spec_id, op, impact)
       select word.term, $1, $2, added.id, word.impact
       from added join incoming using (key)
         cross join lateral unnest(incoming.terms, incoming.impacts) as word (term, impact)
       returning term)
     insert into api_catalog.catalog_terms as total (catalog_id, term, df)
     select $1, term, count(*) from words group by term
     on conflict (catalog_id, term) do update set df = total.df + excluded.df`,
    [catalogId, specId, rows],
  )
}

async function countOperations(tx: Queryable, catalogId: number, difference: number) {
  await tx.query(
    `update api_catalog.catalogs set operation_count = operation_count + $2 where id = $1`,
    [catalogId, difference],
  )
}
