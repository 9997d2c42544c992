import type { Queryable } from '../db/database.js'
import { WHOLE_SHARE } from '../embedding/clauses.js'
import type { QueryTerm } from './query-terms.js'
import { narrowsOperations, scopeCondition, scopeParams, type Scope } from './scope.js'

export interface WordHit {
  op: number
  /** BM25F. */
  score: number
  /** Share of the weight of the question's words that the operation has, or of its best clause, 0–1. */
  matched: number
}

/**
 * Candidates are the operations that have one of the rarest words, as many words as keep the rows
 * to read under this number; they are then scored with all words. Measured on 81,089 operations:
 * p95 6–28 ms where reading every row took 69–443.
 */
const MAX_CANDIDATE_ROWS = 20_000
/** Fewer than a few pages: then what has only common words is wanted too. */
const ENOUGH_HITS = 50
/** So many candidates with the best partial score are scored in full. */
const MIN_RESCORED = 1_000

/** The operations in scope that fit the words best. Any word counts; none is required. */
export async function searchByWords(
  db: Queryable,
  terms: readonly QueryTerm[],
  scope: Scope,
  limit: number,
): Promise<WordHit[]> {
  const known = terms.filter(({ df }) => df > 0)
  if (known.length === 0) return []
  const parts = partsOf(terms)
  // Within specs there are few rows to read, and a word that is rare elsewhere may be none of theirs.
  const chosen = scope.specIds === null ? rarest(known) : known
  const hits = await scoreCandidates(db, chosen, parts, scope, limit)
  const isEnough = hits.length >= ENOUGH_HITS || chosen.length === known.length
  return isEnough ? hits : scoreCandidates(db, known, parts, scope, limit)
}

interface TermInPart {
  term: string
  idf: number
  /** 0: the whole question; else which clause. */
  part: number
  /** Of the part's weight, words included that occur nowhere. */
  share: number
}

/** The known words of the whole question, and once more of each clause. */
function partsOf(terms: readonly QueryTerm[]): TermInPart[] {
  const inParts = terms.flatMap(({ term, idf, df, clauses }) =>
    [0, ...clauses].map((part) => ({ term, idf, df, part })),
  )
  const weights = new Map<number, number>()
  for (const { part, idf } of inParts) weights.set(part, (weights.get(part) ?? 0) + idf)
  return inParts
    .filter(({ df }) => df > 0)
    .map(({ term, idf, part }) => ({ term, idf, part, share: idf / (weights.get(part) ?? idf) }))
}

/**
 * Scores the operations that have one of `rare` with all of `inParts`: the whole question, and where
 * it has clauses mostly the one that fits best, since a long question asks for several things.
 */
async function scoreCandidates(
  db: Queryable,
  rare: readonly QueryTerm[],
  inParts: readonly TermInPart[],
  scope: Scope,
  limit: number,
): Promise<WordHit[]> {
  return db.query<WordHit>(
    `with candidates as materialized (
       select t.op, sum(t.impact * q.idf) as score
       from unnest($1::text[], $2::real[]) as q (term, idf)
       join api_catalog.terms t on t.term = q.term and t.catalog_id = any($5::integer[])
         and ($6::integer[] is null or t.spec_id = any($6))
       group by t.op),
     promising as materialized (
       select c.op from candidates c ${filterJoin(scope)}
       order by c.score desc, c.op limit $11),
     parts as (
       select t.op, q.part, sum(t.impact * q.idf)::float8 as score, sum(q.share)::float8 as matched
       from promising c
       cross join unnest($3::text[], $4::real[], $13::integer[], $15::float8[])
         as q (term, idf, part, share)
       join api_catalog.terms t on t.op = c.op and t.term = q.term
       group by t.op, q.part)
     select op, max(matched) as matched,
       case when $14 then ${WHOLE_SHARE} * max(score) filter (where part = 0)
           + ${1 - WHOLE_SHARE} * coalesce(max(score) filter (where part > 0), 0)
         else max(score) end as score
     from parts group by op
     order by score desc, op limit $12`,
    [
      rare.map(({ term }) => term),
      rare.map(({ idf }) => idf),
      inParts.map(({ term }) => term),
      inParts.map(({ idf }) => idf),
      ...scopeParams(scope),
      Math.max(MIN_RESCORED, limit),
      limit,
      inParts.map(({ part }) => part),
      inParts.some(({ part }) => part > 0),
      inParts.map(({ share }) => share),
    ],
  )
}

/** The rarest words, at least one, whose rows together stay under the limit. */
function rarest(terms: readonly QueryTerm[]): QueryTerm[] {
  const byRarity = terms.toSorted((a, b) => a.df - b.df)
  let rows = 0
  const chosen = byRarity.filter(({ df }) => (rows += df) <= MAX_CANDIDATE_ROWS)
  return chosen.length > 0 ? chosen : byRarity.slice(0, 1)
}

/** Catalogs and specs are conditions on the words themselves; the rest needs the operation. */
function filterJoin(scope: Scope): string {
  if (narrowsOperations(scope)) {
    return `join api_catalog.operations o on o.id = c.op
       join api_catalog.specs s on s.id = o.spec_id and (${scopeCondition(5)})`
  }
  const unused = [7, 8, 9, 10].map((n) => `$${n}::text is null`)
  return `where ${unused.join(' and ')}`
}
