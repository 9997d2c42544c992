import type { Principal } from '../catalog/principal.js'
import { plainQuestionWords } from '../catalog/words/words.js'
import type { Database } from '../db/database.js'
import { bothEnds, hasUnreadClauses } from '../embedding/clauses.js'
import { searchByMeaning } from './by-meaning.js'
import { lookByWords, lookCloser, notLookedAt, type Look, type LookedHit } from './closer-look.js'
import { coverageOf } from './coverage.js'
import { withoutAlong } from './destruction.js'
import type { StandingByWords } from './first-page.js'
import { fuse, type FusedHit } from './fuse.js'
import { namedOperations } from './identifiers.js'
import { isStrongByWords, matchOf, type Match, type Ranking } from './match.js'
import type { Fallback, QueryEmbedder } from './query-vectors.js'
import { asUnderstood, type QueryTerm } from './query-terms.js'
import { namedSpecs, type NamedSpec } from './named-specs.js'
import { withoutRefused } from './refusal.js'
import { readScope } from './scope.js'
import type { Scope, SearchFilter } from './scope.js'
import { shortestFirst } from './shortest-first.js'
import { withoutValues } from './values.js'
import { answerByWords, DEPTH, type WordAnswer } from './word-answer.js'

export interface Question extends SearchFilter {
  query: string
  /** `auto`: hybrid where anything in scope is embedded. */
  ranking: Ranking | 'auto'
}

export interface RankedHit extends FusedHit {
  match: Match
  /** Null where it is not among the best by words. */
  byWords: StandingByWords | null
}

export interface RankedAnswer {
  ranking: Ranking
  /** Why the answer is by words although meaning was asked for. */
  fallback: { reason: Fallback; message: string } | null
  coverage: { embedded: number; total: number }
  terms: QueryTerm[]
  /** Words of the question that name specs. */
  naming: string[]
  /** The spec of which the question says nothing but the name. */
  nothingBut: NamedSpec | null
  /** The question is so long that only its beginning and its end were read whole. */
  isReadInPart: boolean
  /** What was left out of the question, as it is written. */
  values: string[]
  hits: RankedHit[]
  /** More fits than was ranked. */
  isCut: boolean
}

/** By meaning fewer than by words: beyond the 200th nearest, nearness counts nothing (fuse.ts). */
const MEANING_DEPTH = 200
/** Read of a question, of both its ends; more than any question has, and bounded for any paste. */
const MAX_QUERY_CHARS = 20_000

/** What meaning says, and whether it says anything. */
interface Arms {
  semantic: ReadonlyMap<number, number>
  ranking: Ranking
  fallback: RankedAnswer['fallback']
}

/** Begins to time an arm; what it gives is called at the arm's end. */
export type StartTimer = (arm: 'words' | 'meaning') => () => void

/**
 * Ranks the operations in scope for a question: those that it names exactly first, then by words
 * and, where there are vectors, by meaning. Words alone answer when meaning cannot; it says why.
 */
export async function searchOperations(
  db: Database,
  principal: Principal,
  queries: QueryEmbedder,
  question: Question,
  startTimer: StartTimer = () => () => {},
): Promise<RankedAnswer> {
  // Postgres text takes no NUL.
  const whole = bothEnds(question.query, MAX_QUERY_CHARS).replaceAll('\0', ' ')
  const written = withoutRefused(whole)
  const { query: spoken, values } = withoutValues(written)
  const query = withoutAlong(spoken)
  const asked = await readScope(db, principal, question)
  const named = await namedSpecs(db, query, asked)
  const nothingBut = named.isAll ? named.surely : null
  const scope = nothingBut ? { ...asked, specIds: [nothingBut.id] } : asked
  const byWords = timed(startTimer('words'), answerByWords(db, query, scope, named))
  const lookedFor = (words: WordAnswer) => ({
    query: asUnderstood(query, words.terms),
    isFilteredToDestroy: scope.method === 'DELETE' || scope.effect === 'destructive',
    ...words,
  })
  const looks = byWords.then((words) =>
    question.ranking === 'semantic' ? new Map<number, Look>() : lookByWords(db, lookedFor(words)),
  )
  const [exact, words, { coverage, ...arms }, looked] = await Promise.all([
    namedOperations(db, principal, written, asked),
    byWords,
    byMeaning(db, { ...question, query }, { queries, scope, byWords, startTimer }),
    looks,
  ])
  const lexical = arms.ranking === 'semantic' ? [] : words.hits
  const fused = fuse(lexical, arms.semantic, coverage.total)
  const ranked =
    arms.ranking === 'semantic'
      ? fused.map((hit) => notLookedAt(hit, hit.score))
      : await lookCloser(db, lookedFor(words), fused, looked)
  return {
    ranking: arms.ranking,
    fallback: arms.fallback,
    coverage,
    terms: words.terms,
    naming: named.words,
    nothingBut,
    isReadInPart: question.query.length > MAX_QUERY_CHARS || hasUnreadClauses(query),
    values,
    hits: withExactFirst(
      exact,
      nothingBut ? shortestFirst(ranked, words.hits) : ranked,
      words,
      arms,
    ),
    isCut: words.hits.length >= DEPTH || arms.semantic.size >= MEANING_DEPTH,
  }
}

/** The arm of meaning, beside that of words: operations found there are compared too. */
async function byMeaning(
  db: Database,
  { query, ranking }: Question,
  {
    queries,
    scope,
    byWords,
    startTimer,
  }: {
    queries: QueryEmbedder
    scope: Scope
    byWords: Promise<WordAnswer>
    startTimer: StartTimer
  },
): Promise<Arms & Pick<RankedAnswer, 'coverage'>> {
  const [coverage, meaning] = await Promise.all([
    coverageOf(db, scope),
    ranking === 'lexical' || plainQuestionWords(query).length === 0 ? null : queries.embed(query),
  ])
  const alone = { coverage, semantic: new Map<number, number>(), ranking: 'lexical' as const }
  if (meaning === null || coverage.total === 0) return { ...alone, fallback: null }
  if ('fallback' in meaning) {
    return { ...alone, fallback: { reason: meaning.fallback, message: meaning.message } }
  }
  if (coverage.embedded === 0) {
    const message = 'nothing in scope is embedded yet'
    return { ...alone, fallback: { reason: 'nothing_embedded', message } }
  }
  const isSemantic = ranking === 'semantic'
  const also = isSemantic
    ? Promise.resolve([])
    : byWords.then(({ hits }) => hits.map(({ op }) => op))
  const semantic = await timed(
    startTimer('meaning'),
    searchByMeaning(db, meaning, scope, {
      limit: MEANING_DEPTH,
      also,
      embedded: coverage.embedded,
    }),
  )
  return { coverage, semantic, ranking: isSemantic ? 'semantic' : 'hybrid', fallback: null }
}

async function timed<T>(end: () => void, arm: Promise<T>): Promise<T> {
  try {
    return await arm
  } finally {
    end()
  }
}

/** Those named exactly first, the others as they are ranked; each with how well it fits. */
function withExactFirst(
  exact: readonly number[],
  ranked: readonly LookedHit[],
  words: WordAnswer,
  { semantic, ranking }: Arms,
): RankedHit[] {
  const matched = new Map(words.hits.map((hit) => [hit.op, hit.matched]))
  const byOp = new Map(ranked.map((hit) => [hit.op, hit]))
  const named = new Set(exact)
  const hit = (found: LookedHit): RankedHit => {
    const { op, score, rankLexical, rankSemantic, look, scoreByWords } = found
    const known = { look, matched: matched.get(op) ?? 0, similarity: semantic.get(op) }
    const isStrong = isStrongByWords(known)
    const byWords = scoreByWords === null ? null : { op, score: scoreByWords, isStrong }
    return { op, score, rankLexical, rankSemantic, match: matchOf(known, ranking), byWords }
  }
  return [
    ...exact.map((op) => {
      const found = byOp.get(op) ?? { op, score: 1, rankLexical: null, rankSemantic: null }
      return { ...hit(notLookedAt(found, 1)), match: 'exact' as const }
    }),
    ...ranked.filter(({ op }) => !named.has(op)).map(hit),
  ]
}
