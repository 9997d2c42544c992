import { findOperations } from '../catalog/find-operations.js'
import type { Principal } from '../catalog/principal.js'
import type { Database } from '../db/database.js'
import { searchByMeaning } from './by-meaning.js'
import { queryTerms, searchByWords, type QueryTerm, type WordHit } from './by-words.js'
import { coverageOf } from './coverage.js'
import { fuse, type FusedHit } from './fuse.js'
import type { Fallback, QueryEmbedder } from './query-vectors.js'
import { readScope, scopeCondition, scopeParams } from './scope.js'
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
/** Read of a question for its words; more than any question and bounded for any paste. */
const MAX_QUERY_CHARS = 20_000
/** Share of the question's word weight that makes a hit strong without meaning. */
const STRONG_WORDS = 0.5
/** Similarity that makes a hit strong whatever its words. */
const STRONG_SIMILARITY = 0.6

interface Arms {
  lexical: WordHit[]
  semantic: ReadonlyMap<number, number>
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
    exactHits(db, principal, query, scope),
    queryTerms(db, query, scope),
    coverageOf(db, scope),
    question.ranking === 'lexical' ? null : queries.embed(query),
  ])
  const arms = await searchArms(db, question, { terms, scope, meaning, coverage })
  return {
    ranking: arms.ranking,
    fallback: arms.fallback,
    coverage,
    terms,
    hits: withExactFirst(exact, rank(arms), arms),
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
  const lexical = await searchByWords(db, terms, scope, DEPTH)
  const byWords = { lexical, semantic: new Map<number, number>(), ranking: 'lexical' as const }
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
  return { lexical, semantic, ranking: isSemantic ? 'semantic' : 'hybrid', fallback: null }
}

function rank({ lexical, semantic, ranking }: Arms): FusedHit[] {
  return fuse(ranking === 'semantic' ? [] : lexical, semantic)
}

/** Operations in scope whose operationId, path or `METHOD path` is the whole question. */
async function exactHits(
  db: Database,
  principal: Principal,
  query: string,
  scope: Scope,
): Promise<number[]> {
  const identifier = query.trim().replace(/^[`"']+|[`"']+$/g, '')
  if (identifier === '' || identifier.length > 500) return []
  const found = await findOperations(db, principal, identifier, scope)
  if (found.length === 0) return []
  const ops = found.map(({ op }) => op)
  const inScope = await db.query<{ op: number }>(
    `select o.id as op from api_catalog.operations o
     join api_catalog.specs s on s.id = o.spec_id
     where o.id = any($1) and ${scopeCondition(2)}`,
    [ops, ...scopeParams(scope)],
  )
  const kept = new Set(inScope.map(({ op }) => op))
  return ops.filter((op) => kept.has(op))
}

function withExactFirst(exact: number[], fused: FusedHit[], arms: Arms): RankedHit[] {
  const matched = new Map(arms.lexical.map((hit) => [hit.op, hit.matched]))
  const byOp = new Map(fused.map((hit) => [hit.op, hit]))
  const named = new Set(exact)
  const first = exact.map((op) => ({
    ...(byOp.get(op) ?? { op, rankLexical: null, rankSemantic: null }),
    score: 1,
    match: 'exact' as const,
  }))
  const rest = fused
    .filter(({ op }) => !named.has(op))
    .map((hit) => {
      const isStrong =
        (matched.get(hit.op) ?? 0) >= STRONG_WORDS ||
        (arms.semantic.get(hit.op) ?? 0) >= STRONG_SIMILARITY
      return { ...hit, match: isStrong ? ('strong' as const) : ('weak' as const) }
    })
  return [...first, ...rest]
}
