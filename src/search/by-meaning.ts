import type { Queryable } from '../db/database.js'
import { WHOLE_SHARE } from '../embedding/clauses.js'
import { vectorToSql } from '../embedding/vector-to-sql.js'
import { scopeCondition, scopeParams, type Scope } from './scope.js'

/**
 * The operations in scope that are nearest to the question, and those of `also` wherever they
 * stand, with their similarity (cosine, −1 to 1). `parts` are vectors of the space: the whole
 * question first, then its clauses, if any. Exact: every vector in scope is compared.
 */
export async function searchByMeaning(
  db: Queryable,
  spaceId: number,
  parts: readonly Float32Array[],
  scope: Scope,
  limit: number,
  also: readonly number[],
): Promise<Map<number, number>> {
  const rows = await db.query<{ op: number; similarity: number }>(
    `with scored as materialized (
       select o.id as op, ${similarity(parts.length, 8)} as similarity
       from api_catalog.operations o
       join api_catalog.specs s on s.id = o.spec_id
       join api_catalog.embeddings e
         on e.space_id = $1 and e.text_hash = o.text_hash and e.state = 'embedded'
       where ${scopeCondition(2)})
     (select op, similarity from scored order by similarity desc, op limit $6)
     union
     select op, similarity from scored where op = any($7::integer[])`,
    [spaceId, ...scopeParams(scope), limit, also, ...parts.map(vectorToSql)],
  )
  return new Map(
    rows.toSorted((a, b) => b.similarity - a.similarity).map((row) => [row.op, row.similarity]),
  )
}

/** SQL for the similarity of `e.vector` to `count` parts, the values numbered from `first` on. */
function similarity(count: number, first: number): string {
  const [whole, ...clauses] = Array.from(
    { length: count },
    (_, n) => `(1 - (e.vector <=> $${first + n}::vector))`,
  )
  if (clauses.length === 0) return `${whole}`
  return `${WHOLE_SHARE} * ${whole} + ${1 - WHOLE_SHARE} * greatest(${clauses.join(', ')})`
}
