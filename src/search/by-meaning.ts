import type { Database, Queryable } from '../db/database.js'
import { WHOLE_SHARE } from '../embedding/clauses.js'
import { isEmbeddedIn, isIndexed, ofLength } from '../embedding/space-index.js'
import { unitVector, vectorToSql } from '../embedding/vector-to-sql.js'
import { scopeCondition, scopeParams, type Scope } from './scope.js'

/** A question in a space: the vector of the whole first, then those of its clauses, if any. */
export interface Meaning {
  spaceId: number
  parts: readonly Float32Array[]
}

/**
 * How the nearest operations are found:
 * - `scope`: every operation in scope is compared; cheapest for a small scope.
 * - `space`: every vector of the space is compared, and the nearest ones are looked up.
 * - `index`: vectors come from the space's index, nearest first, until enough of them are in scope;
 *   these are compared exactly.
 * The last two look at `texts` vectors, the index at so many at most. A filter may leave too few of
 * them, since what is near to a question is much alike; then the scope is compared.
 */
export type Way = { by: 'scope' } | { by: 'space' | 'index'; texts: number }

/**
 * Vectors looked at per operation wanted, where all of them are in scope. Of a question with
 * clauses more, since what is near to one of them need not be near to all of it.
 */
const SPARE = { whole: 1.3, clauses: 2 }
/** Of `GET` among operations that create something, one in nine is near; in the space, two in five. */
const PATIENCE = 4
/** What pgvector takes from an index in one scan, unless told otherwise. */
const MOST_SCANNED = 20_000
/**
 * The share of what is wanted that has to be found. Parts of a question overlap, and comparing the
 * space shows the nearest of all surely, so there a shorter list will do.
 */
const ENOUGH = { byIndex: 0.95, otherwise: 0.5 }
/**
 * Costs in microseconds: of an operation in scope that is compared, of a vector of the space, of a
 * text that is looked up, and of one that comes from the index and is looked up. Measured:
 * bench/README.md, "Search by meaning". Only their ratios matter.
 */
const COSTS = {
  postgres: { scoped: 6, compared: 2.4, lookedUp: 8, indexed: 53 },
  embedded: { scoped: 20, compared: 1.5, lookedUp: 8, indexed: Infinity },
}

/**
 * The operations in scope that are nearest to the question, nearest first, and those of `also`
 * wherever they stand, with their similarity (cosine, −1 to 1). `also` may still be under way: the
 * nearest are looked for meanwhile. `embedded` is how many operations in scope have a vector. Similarities are exact; with an index on many vectors, one of a hundred
 * operations that belong to the nearest may be missing (bench/README.md).
 */
export async function searchByMeaning(
  db: Database,
  meaning: Meaning,
  scope: Scope,
  { limit, also, embedded }: { limit: number; also: Promise<readonly number[]>; embedded: number },
): Promise<Map<number, number>> {
  const [near, named] = await Promise.all([
    allNearest(db, meaning, scope, { limit, embedded }),
    also.then((ops) => similaritiesOf(db, meaning, ops)),
  ])
  return new Map(
    [...near, ...named]
      .toSorted((a, b) => b.similarity - a.similarity || a.op - b.op)
      .map(({ op, similarity }) => [op, similarity]),
  )
}

/** The nearest, found in the cheapest way, and by comparing the scope where that found too few. */
async function allNearest(
  db: Database,
  meaning: Meaning,
  scope: Scope,
  { limit, embedded }: { limit: number; embedded: number },
): Promise<Near[]> {
  const way = await cheapestWay(db, meaning, { limit, embedded })
  const near = await nearest(db, meaning, scope, limit, way)
  const enough =
    way.by === 'index' && meaning.parts.length === 1 ? ENOUGH.byIndex : ENOUGH.otherwise
  const isShort = way.by !== 'scope' && near.length < Math.floor(enough * Math.min(limit, embedded))
  return isShort ? nearest(db, meaning, scope, limit, { by: 'scope' }) : near
}

interface Near {
  op: number
  similarity: number
}

async function cheapestWay(
  db: Database,
  { spaceId, parts }: Meaning,
  { limit, embedded }: { limit: number; embedded: number },
): Promise<Way> {
  const [row] = await db.query<{ total: number }>(
    `select coalesce(sum(operation_count), 0) as total from api_catalog.catalogs`,
  )
  const total = Math.max(row?.total ?? 0, embedded)
  const texts = Math.ceil((spare(parts) * limit * total) / Math.max(embedded, 1))
  const cost = COSTS[db.kind]
  const byScope = cost.scoped * embedded
  const ways: [number, Way][] = [
    [byScope, { by: 'scope' }],
    [cost.compared * total + cost.lookedUp * texts, { by: 'space', texts }],
  ]
  const byIndex = cost.indexed * parts.length * textsOfPart(texts, parts.length)
  if (ways.every(([other]) => other > byIndex) && (await isIndexed(db, spaceId))) {
    // In vain at most as long as the scope takes.
    const most = Math.min(PATIENCE * texts, Math.ceil(byScope / cost.indexed))
    ways.push([byIndex, { by: 'index', texts: most }])
  }
  return ways.reduce((best, one) => (one[0] < best[0] ? one : best))[1]
}

/** The `limit` operations in scope that are nearest, found in one of the ways. */
export async function nearest(
  db: Database,
  { spaceId, parts }: Meaning,
  scope: Scope,
  limit: number,
  way: Way,
): Promise<Near[]> {
  const params = [...scopeParams(scope), limit, ...parts.map(vectorToSql)]
  const vectors = numbered(parts, 8)
  if (way.by !== 'index') return db.query<Near>(comparing(way, spaceId, vectors), params)
  const each = textsOfPart(spare(parts) * limit, parts.length)
  const dimensions = parts[0]?.length ?? 0
  const sql = fromIndex(way, { spaceId, vectors, dimensions, each })
  return db.transaction(async (tx) => {
    await searchFarEnough(tx, each)
    return tx.query<Near>(sql, params)
  })
}

/** SQL that compares all operations in scope, or those of the space's nearest texts. */
function comparing(
  way: Exclude<Way, { by: 'index' }>,
  spaceId: number,
  vectors: readonly string[],
): string {
  const all = `select text_hash, vector from api_catalog.embeddings where ${isEmbeddedIn(spaceId)}`
  const e =
    way.by === 'scope'
      ? `not materialized (${all})`
      : `materialized (${all} order by ${similarity('vector', vectors)} desc limit ${way.texts})`
  return `
    with e as ${e}
    select o.id as op, ${similarity('e.vector', vectors)} as similarity
    from api_catalog.operations o
    join api_catalog.specs s on s.id = o.spec_id
    join e on e.text_hash = o.text_hash
    where ${scopeCondition(1)}
    order by similarity desc, op limit $7`
}

/**
 * SQL that takes texts from the index, nearest first to each part of the question, until `each`
 * operations of them are in scope. The lateral join and its `offset 0` keep the planner, which
 * knows neither the filter nor how tables have grown, from reading all first and sorting it.
 */
function fromIndex(
  { texts }: { texts: number },
  {
    spaceId,
    vectors,
    dimensions,
    each,
  }: { spaceId: number; vectors: readonly string[]; dimensions: number; each: number },
): string {
  const most = Math.min(Math.max(texts, each), MOST_SCANNED)
  const nearParts = vectors.map(
    (vector) => `(
      select o.op, e.vector from (
        select text_hash, vector from api_catalog.embeddings where ${isEmbeddedIn(spaceId)}
        order by ${ofLength('vector', dimensions)} <#> ${ofLength(vector, dimensions)}
        limit ${most}) e
      cross join lateral (
        select o.id as op from api_catalog.operations o
        join api_catalog.specs s on s.id = o.spec_id
        where o.text_hash = e.text_hash and ${scopeCondition(1)} offset 0) o
      limit ${each})`,
  )
  return `
    with near as materialized (
      select distinct on (op) op, vector from (${nearParts.join(' union all ')}) found order by op)
    select op, ${similarity('vector', vectors)} as similarity
    from near order by similarity desc, op limit $7`
}

function spare(parts: readonly unknown[]): number {
  return parts.length === 1 ? SPARE.whole : SPARE.clauses
}

/** Of a question with clauses fewer are near to each: the nearest are near to the best of them. */
function textsOfPart(texts: number, parts: number): number {
  return Math.ceil((2 * texts) / (parts + 1))
}

/** How far the index looks at first, for this transaction. It goes on where needed. */
async function searchFarEnough(tx: Queryable, operations: number): Promise<void> {
  await tx.query(
    `select set_config('hnsw.ef_search', $1, true),
       set_config('hnsw.iterative_scan', 'relaxed_order', true)`,
    [String(Math.min(operations, 1_000))],
  )
}

/**
 * The similarity of operations that are known already; those without a vector are left out. Each is
 * looked up (`offset 0`): while a first catalog is being embedded the planner takes its vectors for
 * few, and would go through all of them, which took 8 s among 17,000.
 */
async function similaritiesOf(
  db: Queryable,
  { spaceId, parts }: Meaning,
  ops: readonly number[],
): Promise<Near[]> {
  if (ops.length === 0) return []
  return db.query<Near>(
    `with wanted as materialized (
       select id as op, text_hash from api_catalog.operations where id = any($2::integer[]))
     select wanted.op, ${similarity('e.vector', numbered(parts, 3))} as similarity
     from wanted
     cross join lateral (
       select vector from api_catalog.embeddings
       where space_id = $1 and text_hash = wanted.text_hash and state = 'embedded' offset 0) e`,
    [spaceId, ops, ...parts.map(vectorToSql)],
  )
}

function numbered(parts: readonly Float32Array[], first: number): string[] {
  return parts.map((_, n) => unitVector(`$${first + n}`))
}

/** SQL for the similarity of a unit vector to the parts of a question. */
function similarity(column: string, vectors: readonly string[]): string {
  const [whole, ...clauses] = vectors.map((vector) => `-(${column} <#> ${vector})`)
  if (clauses.length === 0) return `${whole}`
  return `${WHOLE_SHARE} * ${whole} + ${1 - WHOLE_SHARE} * greatest(${clauses.join(', ')})`
}
