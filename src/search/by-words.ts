import type { Queryable } from '../db/database.js'
import { WHOLE_SHARE } from '../embedding/clauses.js'
import type { QueryTerm } from './query-terms.js'
import { PARTICLES } from './intent.js'
import { narrowsOperations, scopeCondition, scopeParams, type Scope } from './scope.js'

export interface WordHit {
  op: number
  /** BM25F. */
  score: number
  /**
   * Share of the weight of the question's words that the operation has, or of its best clause, 0–1. A
   * particle ("is the api up") is no thing to be found.
   */
  matched: number
}

/**
 * Candidates are the operations that have one of the rarest words, as many words as keep the rows
 * to read under this number; as many of them as are wanted, those of the best partial score, are
 * then scored with all words. What this loses, and what it saves: bench/README.md.
 */
const MAX_CANDIDATE_ROWS = 20_000
/**
 * One common word alone ("create" of "create a signing key") tells nothing of which operations are
 * promising: then the two rarest are taken, up to so many rows.
 */
const FEW = 2
const MAX_ROWS_OF_FEW = 40_000
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
  const weightOf = (some: readonly QueryTerm[]) =>
    some.reduce((sum, { idf, joins }) => sum + (joins.length > 0 ? 0 : idf), 0)
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
  const joined = known.filter(({ joins }) => joins.length > 0)
  return db.query<WordHit>(
    `with candidates as (
       select t.op, sum(t.impact * q.idf) as score
       from unnest($1::text[], $2::real[]) as q (term, idf)
       ${rowsOfTerm(scope, { catalogs: '$6', specs: '$7' })}
       group by t.op),
     promising as materialized (
       select c.op from candidates c ${filterJoin(scope, 6)}
       order by c.score desc, c.op limit $12)
     select op, ${partsOf(weights.length - 1, joined)}
     from (
       select c.op, ${sumsOf(weights.length - 1, joined.length)}
       from promising c
       cross join lateral (
         select term, impact from api_catalog.terms where op = c.op offset 0) t
       join unnest($3::text[], $4::real[], $5::integer[], $14::real[], $15::integer[], $16::integer[])
           as q (term, idf, clauses, weight, joined, parts)
         on q.term = t.term
       group by c.op) sums
     order by score desc, op`,
    [
      rare.map(({ term }) => term),
      rare.map(({ idf }) => idf),
      known.map(({ term }) => term),
      known.map(({ idf }) => idf),
      known.map(({ clauses }) => clauses.reduce((bits, clause) => bits | bitOf(clause), 0)),
      ...scopeParams(scope),
      limit,
      weights.map((weight) => weight || 1),
      known.map((term) => (told.includes(term) && !PARTICLES.has(term.word) ? term.idf : 0)),
      known.map((term) => joined.indexOf(term) + 1),
      known.map(({ word }) =>
        joined.reduce((bits, { joins }, n) => bits | (joins.includes(word) ? bitOf(n + 1) : 0), 0),
      ),
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

/**
 * SQL for what an operation has of the question: of its score and of its weight the sum of the whole
 * and of each clause, and what each joined word gives beyond the two words that it is made of.
 */
function sumsOf(clauseCount: number, joinedCount: number): string {
  const sums = [
    { name: 'score', one: 't.impact * q.idf' },
    { name: 'weight', one: 'q.weight' },
  ].flatMap(({ name, one }) => {
    const sum = (where: string) => `coalesce(sum(${one}) filter (where ${where}), 0)`
    const within = (clause: number) => `q.joined = 0 and q.clauses & ${bitOf(clause)} <> 0`
    const beyond = (n: number) =>
      `greatest(0, ${sum(`q.joined = ${n}`)} - ${sum(`q.parts & ${bitOf(n)} <> 0`)})`
    return [
      `${sum('q.joined = 0')} as ${name}`,
      ...upTo(clauseCount).map((clause) => `${sum(within(clause))} as ${name}_${clause}`),
      ...upTo(joinedCount).map((n) => `${beyond(n)} as ${name}_joined_${n}`),
    ]
  })
  return sums.join(', ')
}

/** SQL for an operation's score and for the share that it has of the question's weight. */
function partsOf(clauseCount: number, joined: readonly QueryTerm[]): string {
  const whole = (name: string) =>
    [name, ...joined.map((_, n) => `${name}_joined_${n + 1}`)].join(' + ')
  const within = (name: string, clause: number) =>
    [
      `${name}_${clause}`,
      ...joined.flatMap(({ clauses }, n) =>
        clauses.includes(clause) ? [`${name}_joined_${n + 1}`] : [],
      ),
    ].join(' + ')
  const share = (sum: string, part: number) => `(${sum}) / ($13::float8[])[${part + 1}]`
  const clauses = upTo(clauseCount)
  const shares = [
    share(whole('weight'), 0),
    ...clauses.map((clause) => share(within('weight', clause), clause)),
  ]
  const matched = `greatest(${shares.join(', ')}) as matched`
  if (clauseCount === 0) return `(${whole('score')})::float8 as score, ${matched}`
  const best = clauses.map((clause) => within('score', clause)).join(', ')
  return `(${WHOLE_SHARE} * (${whole('score')})
       + ${1 - WHOLE_SHARE} * greatest(${best}))::float8 as score, ${matched}`
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n + 1)
}

/** Clauses count from 1. */
function bitOf(clause: number): number {
  return 1 << (clause - 1)
}

/** The rarest words, at least one, whose rows together stay under the limit. */
function rarest(terms: readonly QueryTerm[]): QueryTerm[] {
  const byRarity = terms.toSorted((a, b) => a.df - b.df)
  let rows = 0
  const chosen = byRarity.filter(
    ({ df }, at) => (rows += df) <= (at < FEW ? MAX_ROWS_OF_FEW : MAX_CANDIDATE_ROWS),
  )
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
