import type { Queryable } from '../db/database.js'
import { searchByWords, type WordHit } from './by-words.js'
import type { NamedSpecs } from './named-specs.js'
import { queryTerms, type QueryTerm } from './query-terms.js'
import { scopeCondition, scopeParams, type Scope } from './scope.js'

/**
 * So many are ranked, whatever page is asked for, so that the pages of one question fit together.
 * Nobody reads further; a narrower question shows what is left out. With 1,000 nDCG@10 by words was
 * .002 higher on SOCBench buried and the same or lower elsewhere, and it took half as long again.
 */
export const DEPTH = 400
/** So many of the specs that a question names. */
const NAMED_DEPTH = 100

/** What words alone say. */
export interface WordAnswer {
  terms: QueryTerm[]
  /** Specs that the question names. */
  named: NamedSpecs
  /** Operations of the spec that the question surely names, best first. */
  led: number[]
  /** Best first. */
  hits: WordHit[]
}

/** By words, with the best of the specs that the question names among them wherever they stand. */
export async function answerByWords(
  db: Queryable,
  query: string,
  scope: Scope,
  named: NamedSpecs,
): Promise<WordAnswer> {
  const terms = await queryTerms(db, query, scope, named.words)
  if (named.isAll) return { terms, named, led: [], hits: await allInScope(db, scope) }
  const [best, ofNamed] = await Promise.all([
    searchByWords(db, terms, scope, DEPTH),
    searchNamed(db, terms, scope, named),
  ])
  // Of an API that is named, the name is no part of what was asked of the operation.
  const hits = new Map([...best, ...ofNamed].map((hit) => [hit.op, hit]))
  const isLed =
    named.surely !== null && named.ids.length === 1 && !isWordElsewhere(best, ofNamed, terms, named)
  return {
    terms,
    named,
    led: isLed ? ofNamed.map(({ op }) => op) : [],
    hits: [...hits.values()].toSorted((a, b) => b.score - a.score || a.op - b.op),
  }
}

/**
 * Whether the name is only a word here: an operation elsewhere has it, and more of the question than any
 * of the spec's own has of the rest. "Delete a work contract" is about work contracts, whoever is called
 * Contract.
 */
function isWordElsewhere(
  best: readonly WordHit[],
  ofNamed: readonly WordHit[],
  terms: readonly QueryTerm[],
  { words }: NamedSpecs,
): boolean {
  const weightOf = (some: readonly QueryTerm[]) =>
    some.reduce((sum, { idf, joins }) => sum + (joins.length > 0 ? 0 : idf), 0)
  const name = weightOf(terms.filter(({ word }) => words.includes(word))) / weightOf(terms)
  const own = new Set(ofNamed.map(({ op }) => op))
  const most = Math.max(0, ...ofNamed.map(({ matched }) => matched))
  return best.some(({ op, matched }) => !own.has(op) && matched > Math.max(most, 1 - name))
}

async function searchNamed(
  db: Queryable,
  terms: readonly QueryTerm[],
  scope: Scope,
  { ids, words }: NamedSpecs,
): Promise<WordHit[]> {
  if (ids.length === 0) return []
  return searchByWords(db, terms, { ...scope, specIds: ids }, NAMED_DEPTH, words)
}

/** All alike: of a question that is the name of a spec, each of its operations has what is asked for. */
async function allInScope(db: Queryable, scope: Scope): Promise<WordHit[]> {
  return db.query<WordHit>(
    `select o.id as op, 1::float8 as score, 1::float8 as matched
     from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id
     where ${scopeCondition(1)}
     order by length(o.path), o.id limit $7`,
    [...scopeParams(scope), DEPTH],
  )
}
