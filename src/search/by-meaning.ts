import type { Database, Queryable } from '../db/database.js'
import { WHOLE_SHARE } from '../embedding/clauses.js'
import { isEmbeddedIn, isIndexed, ofLength } from '../embedding/space-index.js'
import { vectorToSql } from '../embedding/vector-to-sql.js'
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
 * - `index`: the nearest vectors come from the space's index, and are compared exactly.
 * The last two look at more vectors than are wanted, as many more as the scope is narrower than the
 * space. A filter may leave fewer of them, since what is near to a question is much alike; where it
 * leaves less than half of what is wanted, the scope is compared.
 */
export type Way = { by: 'scope' } | { by: 'space' | 'index'; texts: number }

/** Vectors looked at per operation wanted, where all of them are in scope. */
const SPARE = 1.3
/** Costs in microseconds, measured: bench/README.md, "Search by meaning". Only their ratios matter. */
const COST = { scoped: 20, compared: 1.5, lookedUp: 8, indexed: 45 }

/**
 * The operations in scope that are nearest to the question, nearest first, and those of `also`
 * wherever they stand, with their similarity (cosine, −1 to 1). `embedded` is how many operations
 * in scope have a vector. Similarities are exact; with an index on many vectors, one of a hundred
 * operations that belong to the nearest may be missing (bench/README.md).
 */
export async function searchByMeaning(
  db: Database,
  meaning: Meaning,
  scope: Scope,
  { limit, also, embedded }: { limit: number; also: readonly number[]; embedded: number },
): Promise<Map<number, number>> {
  const way = await cheapestWay(db, meaning, { limit, embedded })
  const [near, named] = await Promise.all([
    nearest(db, meaning, scope, limit, way),
    similaritiesOf(db, meaning, also),
  ])
  const isShort = way.by !== 'scope' && near.length < Math.min(limit / 2, embedded)
  const all = isShort ? await nearest(db, meaning, scope, limit, { by: 'scope' }) : near
  return new Map(
    [...all, ...named]
      .toSorted((a, b) => b.similarity - a.similarity || a.op - b.op)
      .map(({ op, similarity }) => [op, similarity]),
  )
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
  const texts = Math.ceil((SPARE * limit * total) / Math.max(embedded, 1))
  const ways: [number, Way][] = [
    [COST.scoped * embedded, { by: 'scope' }],
    [COST.compared * total + COST.lookedUp * texts, { by: 'space', texts }],
  ]
  const indexed = parts.length * textsOfPart(texts, parts.length)
  const byIndex = (COST.indexed + COST.lookedUp) * indexed
  if (ways.every(([cost]) => cost > byIndex) && (await isIndexed(db, spaceId))) {
    ways.push([byIndex, { by: 'index', texts }])
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
  const candidates = candidatesOf(way, isEmbeddedIn(spaceId), vectors, parts[0]?.length ?? 0)
  const sql = `
    with e as ${way.by === 'scope' ? 'not materialized' : 'materialized'} (${candidates})
    select o.id as op, ${similarity('e.vector', vectors)} as similarity
    from api_catalog.operations o
    join api_catalog.specs s on s.id = o.spec_id
    join e on e.text_hash = o.text_hash
    where ${scopeCondition(1)}
    order by similarity desc, op limit $7`
  if (way.by !== 'index') return db.query<Near>(sql, params)
  return db.transaction(async (tx) => {
    await searchFarEnough(tx, way.texts)
    return tx.query<Near>(sql, params)
  })
}

/** SQL for the texts, with their vectors, that are to be compared. */
function candidatesOf(
  way: Way,
  isEmbedded: string,
  vectors: readonly string[],
  dimensions: number,
): string {
  const all = `select text_hash, vector from api_catalog.embeddings where ${isEmbedded}`
  if (way.by === 'scope') return all
  if (way.by === 'space') {
    return `${all} order by ${similarity('vector', vectors)} desc limit ${way.texts}`
  }
  // The nearest to each part: what is near to the whole question, or to one of its clauses.
  const column = ofLength('vector', dimensions)
  const limit = textsOfPart(way.texts, vectors.length)
  const nearParts = vectors.map(
    (vector) => `(${all} order by ${column} <#> ${ofLength(vector, dimensions)} limit ${limit})`,
  )
  return `select distinct on (text_hash) text_hash, vector
    from (${nearParts.join(' union all ')}) near order by text_hash`
}

/** Of a question with clauses fewer are near to each: the nearest are near to the best of them. */
function textsOfPart(texts: number, parts: number): number {
  return Math.ceil((2 * texts) / (parts + 1))
}

/** How far the index looks, for this transaction. It goes on (up to 20,000 vectors) where needed. */
async function searchFarEnough(tx: Queryable, texts: number): Promise<void> {
  await tx.query(
    `select set_config('hnsw.ef_search', $1, true),
       set_config('hnsw.iterative_scan', 'relaxed_order', true)`,
    [String(Math.min(texts, 1_000))],
  )
}

/** The similarity of operations that are known already; those without a vector are left out. */
async function similaritiesOf(
  db: Queryable,
  { spaceId, parts }: Meaning,
  ops: readonly number[],
): Promise<Near[]> {
  if (ops.length === 0) return []
  return db.query<Near>(
    `select o.id as op, ${similarity('e.vector', numbered(parts, 3))} as similarity
     from api_catalog.operations o
     join api_catalog.embeddings e
       on e.space_id = $1 and e.text_hash = o.text_hash and e.state = 'embedded'
     where o.id = any($2::integer[])`,
    [spaceId, ops, ...parts.map(vectorToSql)],
  )
}

function numbered(parts: readonly Float32Array[], first: number): string[] {
  return parts.map((_, n) => `$${first + n}::vector`)
}

/** SQL for the similarity of a unit vector to the parts of a question. */
function similarity(column: string, vectors: readonly string[]): string {
  const [whole, ...clauses] = vectors.map((vector) => `-(${column} <#> ${vector})`)
  if (clauses.length === 0) return `${whole}`
  return `${WHOLE_SHARE} * ${whole} + ${1 - WHOLE_SHARE} * greatest(${clauses.join(', ')})`
}
