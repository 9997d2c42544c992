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
 * to read under this number; as many of them as are wanted, those of the best partial score, are
 * then scored with all words. What this loses, and what it saves: bench/README.md.
 */
const MAX_CANDIDATE_ROWS = 20_000
/** Fewer than a few pages: then what has only common words is wanted too. */
const ENOUGH_HITS = 50

/** The operations in scope that fit the words best. Any word counts; none is required. */
export async function searchByWords(
  db: Queryable,
  terms: readonly QueryTerm[],
  scope: Scope,
  limit: number,
  /** Words that say where to look and not what for: no part of `matched`. */
  naming: readonly string[] = [],
): Promise<WordHit[]> {
  const known = terms.filter(({ df }) => df > 0)
  if (known.length === 0) return []
  const told = terms.filter(({ word }) => !naming.includes(word))
  const words = { known, told: told.length > 0 ? told : terms }
  // Within specs there are few rows to read, and a word that is rare elsewhere may be none of theirs.
  const chosen = scope.specIds === null ? rarest(known) : known
  const hits = await scoreCandidates(db, { ...words, rare: chosen }, scope, limit)
  const isEnough = hits.length >= ENOUGH_HITS || chosen.length === known.length
  return isEnough ? hits : scoreCandidates(db, { ...words, rare: known }, scope, limit)
}

/** The weight of the whole question, then of each clause: of all words, those that nobody has too. */
function weightsOf(terms: readonly QueryTerm[]): number[] {
  const clauses = Math.max(0, ...terms.flatMap((term) => term.clauses))
  const weightOf = (some: readonly QueryTerm[]) => some.reduce((sum, { idf }) => sum + idf, 0)
  return [
    weightOf(terms),
    ...Array.from({ length: clauses }, (_, n) =>
      weightOf(terms.filter((term) => term.clauses.includes(n + 1))),
    ),
  ]
}

/**
 * Scores the operations that have one of `rare` with all `known` words: the whole question, and where
 * it has clauses mostly the one that fits best, since a long question asks for several things.
 *
 * The words of each promising operation are read as a whole (`offset 0` keeps the planner from
 * turning the join round): looking up each word of the question in each of them, or reading all
 * operations that have a common word, takes ten times as long.
 */
async function scoreCandidates(
  db: Queryable,
  { rare, known, told }: Record<'rare' | 'known' | 'told', readonly QueryTerm[]>,
  scope: Scope,
  limit: number,
): Promise<WordHit[]> {
  const weights = weightsOf(told)
  return db.query<WordHit>(
    `with candidates as (
       select t.op, sum(t.impact * q.idf) as score
       from unnest($1::text[], $2::real[]) as q (term, idf)
       ${rowsOfTerm(scope, { catalogs: '$6', specs: '$7' })}
       group by t.op),
     promising as materialized (
       select c.op from candidates c ${filterJoin(scope, 6)}
       order by c.score desc, c.op limit $12)
     select c.op, ${partsOf(weights.length - 1)}
     from promising c
     cross join lateral (
       select term, impact from api_catalog.terms where op = c.op offset 0) t
     join unnest($3::text[], $4::real[], $5::integer[], $14::real[])
         as q (term, idf, clauses, weight)
       on q.term = t.term
     group by c.op
     order by score desc, c.op`,
    [
      rare.map(({ term }) => term),
      rare.map(({ idf }) => idf),
      known.map(({ term }) => term),
      known.map(({ idf }) => idf),
      known.map(({ clauses }) => clauses.reduce((bits, clause) => bits | bitOf(clause), 0)),
      ...scopeParams(scope),
      limit,
      weights.map((weight) => weight || 1),
      known.map((term) => (told.includes(term) ? term.idf : 0)),
    ],
  )
}

/**
 * SQL for the rows that a term `q` has in the scope. Those of given specs are each looked up (`offset 0`
 * keeps the planner, which takes every term for equally frequent, from reading the term's rows in all
 * specs: 20 ms among 2,700 specs in place of 2).
 */
function rowsOfTerm(
  scope: Scope,
  { catalogs, specs }: { catalogs: string; specs: string },
): string {
  if (scope.specIds === null) {
    return `join api_catalog.terms t on t.term = q.term and t.catalog_id = any(${catalogs}::integer[])
         and ${specs}::integer[] is null`
  }
  return `cross join unnest(${catalogs}::integer[]) as of_catalog (id)
       cross join unnest(${specs}::integer[]) as of_spec (id)
       cross join lateral (
         select op, impact from api_catalog.terms
         where term = q.term and catalog_id = of_catalog.id and spec_id = of_spec.id offset 0) t`
}

/** SQL for an operation's score and for the share that it has of the question's weight. */
function partsOf(clauseCount: number): string {
  const score = (within = '') => `sum(t.impact * q.idf) ${within}`
  const share = (part: number, within = '') =>
    `sum(q.weight) ${within} / ($13::float8[])[${part + 1}]`
  if (clauseCount === 0) return `${score()}::float8 as score, ${share(0)} as matched`
  const clauses = Array.from({ length: clauseCount }, (_, n) => n + 1)
  const within = (clause: number) => `filter (where q.clauses & ${bitOf(clause)} <> 0)`
  const best = clauses.map((clause) => score(within(clause)))
  const shares = clauses.map((clause) => share(clause, within(clause)))
  return `(${WHOLE_SHARE} * ${score()}
       + ${1 - WHOLE_SHARE} * coalesce(greatest(${best.join(', ')}), 0))::float8 as score,
     greatest(${[share(0), ...shares].join(', ')}) as matched`
}

/** Clauses count from 1. */
function bitOf(clause: number): number {
  return 1 << (clause - 1)
}

/** The rarest words, at least one, whose rows together stay under the limit. */
function rarest(terms: readonly QueryTerm[]): QueryTerm[] {
  const byRarity = terms.toSorted((a, b) => a.df - b.df)
  let rows = 0
  const chosen = byRarity.filter(({ df }) => (rows += df) <= MAX_CANDIDATE_ROWS)
  return chosen.length > 0 ? chosen : byRarity.slice(0, 1)
}

/** Catalogs and specs are conditions on the words themselves; the rest needs the operation. */
function filterJoin(scope: Scope, first: number): string {
  if (narrowsOperations(scope)) {
    return `join api_catalog.operations o on o.id = c.op
       join api_catalog.specs s on s.id = o.spec_id and (${scopeCondition(first)})`
  }
  const unused = [2, 3, 4, 5].map((n) => `$${first + n}::text is null`)
  return `where ${unused.join(' and ')}`
}
