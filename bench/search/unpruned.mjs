import { WHOLE_SHARE } from '../../dist/embedding/clauses.js'

/** Places that figures look at, and more. */
const DEPTH = 100

/**
 * The ranking by words of every operation that has any word of the question, in memory: what the
 * search's own, which scores some candidates in full, is compared with.
 */
export async function unprunedRanking(db, terms, { catalogIds }) {
  const known = terms.filter(({ df }) => df > 0)
  const rows = await db.query(
    `select q.n, array_agg(t.op) as ops, array_agg(t.impact) as impacts
     from unnest($1::text[]) with ordinality as q (term, n)
     join api_catalog.terms t on t.term = q.term and t.catalog_id = any($2::integer[])
     group by q.n`,
    [known.map(({ term }) => term), catalogIds],
  )
  const clauseCount = Math.max(0, ...known.flatMap(({ clauses }) => clauses))
  const wholes = new Map()
  const clauses = Array.from({ length: clauseCount }, () => new Map())
  for (const { n, ops, impacts } of rows) {
    const term = known[n - 1]
    const sums = [wholes, ...term.clauses.map((clause) => clauses[clause - 1])]
    for (const [at, op] of ops.entries()) {
      for (const sum of sums) sum.set(op, (sum.get(op) ?? 0) + impacts[at] * term.idf)
    }
  }
  const scoreOf = ([op, whole]) => {
    if (clauseCount === 0) return { op, score: whole }
    const best = Math.max(...clauses.map((clause) => clause.get(op) ?? 0))
    return { op, score: WHOLE_SHARE * whole + (1 - WHOLE_SHARE) * best }
  }
  return [...wholes]
    .map(scoreOf)
    .toSorted((a, b) => b.score - a.score || a.op - b.op)
    .slice(0, DEPTH)
}
