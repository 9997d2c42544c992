import { wordsOf } from '../catalog/words/words.js'
import type { Queryable } from '../db/database.js'
import { clausesOf, WHOLE_SHARE } from '../embedding/clauses.js'
import { narrowsOperations, scopeCondition, scopeParams, type Scope } from './scope.js'

/** A word of the question with its weight: how rare it is in the catalogs asked. */
export interface QueryTerm {
  term: string
  idf: number
  /** Which clauses of the question have it, from 1; empty where the question has no clauses. */
  clauses: number[]
  /** Operations that have it; 0 for a word that occurs nowhere. */
  df: number
}

export interface WordHit {
  op: number
  /** BM25F. */
  score: number
  /** Share of the question's weight in words that the operation has, 0–1. */
  matched: number
}

/** A question of more words than this is answered by its rarest ones. */
const MAX_TERMS = 64

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

/** The known and unknown words of a question with their inverse document frequencies. */
export async function queryTerms(
  db: Queryable,
  query: string,
  { catalogIds, operationCount }: Scope,
): Promise<QueryTerm[]> {
  const words = [...new Set(wordsOf(query))]
  const clauses = clausesOf(query).map((clause) => new Set(wordsOf(clause)))
  const rows = await db.query<{ term: string; df: number }>(
    `select term, sum(df)::integer as df from api_catalog.catalog_terms
     where catalog_id = any($1) and term = any($2) group by term`,
    [catalogIds, words],
  )
  const known = new Map(rows.map(({ term, df }) => [term, df]))
  return words
    .map((term) => {
      const df = known.get(term) ?? 0
      const idf = Math.log(1 + (operationCount - df + 0.5) / (df + 0.5))
      return {
        term,
        df,
        idf,
        clauses: clauses.flatMap((some, n) => (some.has(term) ? [n + 1] : [])),
      }
    })
    .toSorted((a, b) => b.idf - a.idf)
    .slice(0, MAX_TERMS)
}

/** The operations in scope that fit the words best. Any word counts; none is required. */
export async function searchByWords(
  db: Queryable,
  terms: readonly QueryTerm[],
  scope: Scope,
  limit: number,
): Promise<WordHit[]> {
  const known = terms.filter(({ df }) => df > 0)
  if (known.length === 0) return []
  const weight = terms.reduce((sum, { idf }) => sum + idf, 0)
  const share = (hits: WordHit[]) => hits.map((hit) => ({ ...hit, matched: hit.matched / weight }))
  // Within specs there are few rows to read, and a word that is rare elsewhere may be none of theirs.
  const chosen = scope.specIds === null ? rarest(known) : known
  const hits = await scoreCandidates(db, chosen, known, scope, limit)
  const isEnough = hits.length >= ENOUGH_HITS || chosen.length === known.length
  return share(isEnough ? hits : await scoreCandidates(db, known, known, scope, limit))
}

/**
 * Scores the operations that have one of `rare` with all of `known`: the whole question, and where
 * it has clauses mostly the one that fits best, since a long question asks for several things.
 */
async function scoreCandidates(
  db: Queryable,
  rare: readonly QueryTerm[],
  known: readonly QueryTerm[],
  scope: Scope,
  limit: number,
): Promise<WordHit[]> {
  const inParts = known.flatMap(({ term, idf, clauses }) =>
    [0, ...clauses].map((part) => ({ term, idf, part })),
  )
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
       select t.op, q.part, sum(t.impact * q.idf)::float8 as score, sum(q.idf)::float8 as matched
       from promising c
       cross join unnest($3::text[], $4::real[], $13::integer[]) as q (term, idf, part)
       join api_catalog.terms t on t.op = c.op and t.term = q.term
       group by t.op, q.part)
     select op, max(matched) filter (where part = 0) as matched,
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
