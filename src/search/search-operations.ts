import type { Principal } from '../catalog/principal.js'
import type { Database } from '../db/database.js'
import { searchByMeaning } from './by-meaning.js'
import { searchByWords, type WordHit } from './by-words.js'
import { lookCloser, type LookedHit } from './closer-look.js'
import { coverageOf } from './coverage.js'
import { fuse, type FusedHit } from './fuse.js'
import { namedOperations } from './identifiers.js'
import { namedSpecs } from './named-specs.js'
import type { Fallback, QueryEmbedder } from './query-vectors.js'
import { queryTerms, type QueryTerm } from './query-terms.js'
import { readScope } from './scope.js'
import type { Scope, SearchFilter } from './scope.js'

export type Ranking = 'hybrid' | 'lexical' | 'semantic'

export interface Question extends SearchFilter {
  query: string
  /** `auto`: hybrid where anything in scope is embedded. */
  ranking: Ranking | 'auto'
}

export interface RankedHit extends FusedHit {
  /** `exact`: the question is an identifier of it; strong and weak as docs/search.md says. */
  match: 'exact' | 'strong' | 'weak'
}

export interface RankedAnswer {
  ranking: Ranking
  /** Why the answer is by words although meaning was asked for. */
  fallback: { reason: Fallback; message: string } | null
  coverage: { embedded: number; total: number }
  terms: QueryTerm[]
  hits: RankedHit[]
  /** More fits than was ranked. */
  isCut: boolean
}

/**
 * Each arm ranks so many, whatever page is asked for, so that the pages of one question fit
 * together. Nobody reads further; a narrower question shows what is left out.
 */
const DEPTH = 1_000
/** By meaning fewer: beyond the 200th nearest, nearness counts nothing (fuse.ts). */
const MEANING_DEPTH = 400
/** So many of the specs that a question names. */
const NAMED_DEPTH = 100
/** Read of a question for its words; more than any question and bounded for any paste. */
const MAX_QUERY_CHARS = 20_000
/**
 * What makes a hit strong, where the question names what the operation is about: a similarity, or
 * without a vector a share of the question's word weight. Chosen by asking questions of one
 * development set of another's specs (docs/search.md).
 */
const STRONG_SIMILARITY = 0.6
const STRONG_WORDS = 0.3
/** With so much of the word weight a hit is strong whatever it is about. */
const SURE_WORDS = 0.75

interface Arms {
  lexical: WordHit[]
  semantic: ReadonlyMap<number, number>
  /** Specs that the question names. */
  named: readonly number[]
  ranking: Ranking
  fallback: RankedAnswer['fallback']
}

/**
 * Ranks the operations in scope for a question: those that it names exactly first, then by words
 * and, where there are vectors, by meaning. Words alone answer when meaning cannot; it says why.
 */
export async function searchOperations(
  db: Database,
  principal: Principal,
  queries: QueryEmbedder,
  question: Question,
): Promise<RankedAnswer> {
  // Postgres text takes no NUL.
  const query = question.query.slice(0, MAX_QUERY_CHARS).replaceAll('\0', ' ')
  const scope = await readScope(db, principal, question)
  const [exact, terms, coverage, meaning] = await Promise.all([
    namedOperations(db, principal, query, scope),
    queryTerms(db, query, scope),
    coverageOf(db, scope),
    question.ranking === 'lexical' ? null : queries.embed(query),
  ])
  const arms = await searchArms(db, question, { terms, scope, meaning, coverage })
  const fused = fuse(arms.ranking === 'semantic' ? [] : arms.lexical, arms.semantic)
  const ranked =
    arms.ranking === 'semantic'
      ? fused.map((hit) => ({ ...hit, isAbout: null }))
      : await lookCloser(db, { query, terms, specs: arms.named }, fused)
  return {
    ranking: arms.ranking,
    fallback: arms.fallback,
    coverage,
    terms,
    hits: withExactFirst(exact, ranked, arms),
    isCut: arms.lexical.length >= DEPTH || arms.semantic.size >= MEANING_DEPTH,
  }
}

async function searchArms(
  db: Database,
  question: Question,
  {
    terms,
    scope,
    meaning,
    coverage,
  }: {
    terms: QueryTerm[]
    scope: Scope
    meaning: Awaited<ReturnType<QueryEmbedder['embed']>> | null
    coverage: RankedAnswer['coverage']
  },
): Promise<Arms> {
  const named = await namedSpecs(db, terms, scope)
  const lexical = await searchWords(db, terms, scope, named)
  const byWords = {
    lexical,
    named,
    semantic: new Map<number, number>(),
    ranking: 'lexical' as const,
  }
  if (meaning === null) return { ...byWords, fallback: null }
  if ('fallback' in meaning) {
    return { ...byWords, fallback: { reason: meaning.fallback, message: meaning.message } }
  }
  if (coverage.embedded === 0) {
    const message = 'nothing in scope is embedded yet'
    return { ...byWords, fallback: { reason: 'nothing_embedded', message } }
  }
  const isSemantic = question.ranking === 'semantic'
  const also = isSemantic ? [] : lexical.map(({ op }) => op)
  const semantic = await searchByMeaning(db, meaning, scope, {
    limit: MEANING_DEPTH,
    also,
    embedded: coverage.embedded,
  })
  return { lexical, named, semantic, ranking: isSemantic ? 'semantic' : 'hybrid', fallback: null }
}

/** By words, with the best of the specs that the question names among them wherever they stand. */
async function searchWords(
  db: Database,
  terms: readonly QueryTerm[],
  scope: Scope,
  named: number[],
): Promise<WordHit[]> {
  const hits = await searchByWords(db, terms, scope, DEPTH)
  if (named.length === 0) return hits
  const ofNamed = await searchByWords(db, terms, { ...scope, specIds: named }, NAMED_DEPTH)
  const known = new Set(hits.map(({ op }) => op))
  return [...hits, ...ofNamed.filter(({ op }) => !known.has(op))].toSorted(
    (a, b) => b.score - a.score || a.op - b.op,
  )
}

function withExactFirst(exact: number[], ranked: LookedHit[], arms: Arms): RankedHit[] {
  const byOp = new Map(ranked.map((hit) => [hit.op, hit]))
  const named = new Set(exact)
  const first = exact.map((op) => ({
    ...(byOp.get(op) ?? { op, rankLexical: null, rankSemantic: null }),
    score: 1,
    match: 'exact' as const,
  }))
  const matched = new Map(arms.lexical.map((hit) => [hit.op, hit.matched]))
  const rest = ranked.filter(({ op }) => !named.has(op))
  return [
    ...first,
    ...rest.map((hit) => ({ ...hit, match: matchOf(hit, matched.get(hit.op) ?? 0, arms) })),
  ]
}

function matchOf(
  { op, isAbout }: LookedHit,
  matched: number,
  { semantic, ranking }: Arms,
): 'strong' | 'weak' {
  const similarity = semantic.get(op)
  const fits = similarity === undefined ? matched >= STRONG_WORDS : similarity >= STRONG_SIMILARITY
  const isStrong = ranking === 'semantic' ? fits : (fits && isAbout) || matched >= SURE_WORDS
  return isStrong ? 'strong' : 'weak'
}
