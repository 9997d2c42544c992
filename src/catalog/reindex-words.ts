import type { Database, Queryable } from '../db/database.js'
import { removeTerms } from './remove-terms.js'
import { impactsOf, WORDS_VERSION, type IndexedFields } from './words/impacts.js'

interface OutdatedSpec {
  id: number
  catalog_id: number
}

/** So many operations at a time: some 30 ms without a turn of the event loop. */
const SLICE = 200

/**
 * Makes the words of every spec that was indexed by older rules anew, one spec and one transaction
 * at a time. Until its turn a spec is found by the words it has. Gives how many specs.
 */
export async function reindexWords(db: Database, signal: AbortSignal): Promise<number> {
  for (let done = 0; ; done++) {
    signal.throwIfAborted()
    const [spec] = await db.query<OutdatedSpec>(
      `select id, catalog_id from api_catalog.specs where words_version < $1 order by id limit 1`,
      [WORDS_VERSION],
    )
    if (!spec) return done
    await db.transaction((tx) => reindexSpec(tx, spec))
  }
}

async function reindexSpec(
  tx: Queryable,
  { id, catalog_id: catalogId }: OutdatedSpec,
): Promise<void> {
  // The lock that uploads take, so that the counts of words stay right.
  await tx.query(`select 1 from api_catalog.catalogs where id = $1 for update`, [catalogId])
  const claimed = await tx.query(
    `update api_catalog.specs set words_version = $2 where id = $1 and words_version < $2
     returning id`,
    [id, WORDS_VERSION],
  )
  if (claimed.length === 0) return // another process was faster, or it is deleted
  for (let last = 0; ;) {
    const operations = await nextOperations(tx, id, last)
    if (operations.length === 0) return
    last = operations.at(-1)?.op ?? last
    await removeTerms(
      tx,
      catalogId,
      operations.map(({ op }) => op),
    )
    await insertTerms(tx, { catalogId, specId: id }, operations)
  }
}

interface StoredFields extends IndexedFields {
  op: number
}

async function nextOperations(tx: Queryable, specId: number, after: number) {
  return tx.query<StoredFields>(
    `select id as op, method, path, operation_id as "operationId", summary, description, tags,
       parameters, body_properties as "bodyProperties"
     from api_catalog.operations where spec_id = $1 and id > $2 order by id limit $3`,
    [specId, after, SLICE],
  )
}

async function insertTerms(
  tx: Queryable,
  { catalogId, specId }: { catalogId: number; specId: number },
  operations: readonly StoredFields[],
): Promise<void> {
  const terms = operations.flatMap((operation) =>
    [...impactsOf(operation)].map(([term, impact]) => ({ term, op: operation.op, impact })),
  )
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
