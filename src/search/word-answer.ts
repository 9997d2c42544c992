import type { Queryable } from '../db/database.js'
import { searchByWords, type WordHit } from './by-words.js'
import { namedSpecs, type NamedSpecs } from './named-specs.js'
import { queryTerms, type QueryTerm } from './query-terms.js'
import type { Scope } from './scope.js'

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
  specs: number[]
  /** Best first. */
  hits: WordHit[]
}

/** By words, with the best of the specs that the question names among them wherever they stand. */
export async function answerByWords(
  db: Queryable,
  query: string,
  scope: Scope,
): Promise<WordAnswer> {
  const terms = await queryTerms(db, query, scope)
  const [best, { named, ofNamed }] = await Promise.all([
    searchByWords(db, terms, scope, DEPTH),
    searchNamed(db, terms, scope),
  ])
  // Of an API that is named, the name is no part of what was asked of the operation.
  const hits = new Map([...best, ...ofNamed].map((hit) => [hit.op, hit]))
  return {
    terms,
    specs: named.ids,
    hits: [...hits.values()].toSorted((a, b) => b.score - a.score || a.op - b.op),
  }
}

async function searchNamed(
  db: Queryable,
  terms: readonly QueryTerm[],
  scope: Scope,
): Promise<{ named: NamedSpecs; ofNamed: WordHit[] }> {
  const named = await namedSpecs(db, terms, scope)
  if (named.ids.length === 0) return { named, ofNamed: [] }
  const within = { ...scope, specIds: named.ids }
  return { named, ofNamed: await searchByWords(db, terms, within, NAMED_DEPTH, named.words) }
}
