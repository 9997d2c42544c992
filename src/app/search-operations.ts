import * as z from 'zod'
import { splitSpecName } from '../catalog/names.js'
import { operationRows, type OperationRow } from '../catalog/operation-rows.js'
import type { Principal } from '../catalog/principal.js'
import { checkCatalog, findSpec } from '../catalog/specs.js'
import { fieldsWith } from '../catalog/words/impacts.js'
import { InputError } from '../errors.js'
import {
  searchOperations as search,
  type RankedAnswer,
  type RankedHit,
} from '../search/search-operations.js'
import { CHARS_PER_TOKEN, inline, type Answer } from './answer.js'
import { inputText } from './input-text.js'
import { resultPage } from './result-page.js'
import type { Services } from './services.js'

export const searchInput = z.strictObject({
  query: z.string().describe('what you want to do, in your own words, or an identifier'),
  catalog: inputText().optional(),
  spec: inputText().optional(),
  method: inputText().optional(),
  tag: inputText().optional(),
  limit: z.int().min(1).max(50).optional().describe('default 8'),
  cursor: z.string().optional().describe('next_cursor of the page before'),
  ranking: z.enum(['auto', 'hybrid', 'lexical', 'semantic']).optional(),
  max_tokens: z.int().min(100).max(20_000).optional().describe('of the text; default 500'),
  explain: z.boolean().optional(),
})

export type SearchInput = z.infer<typeof searchInput>

const rank = z.number().nullable()

export const searchOutput = z.looseObject({
  ranking: z.enum(['hybrid', 'lexical', 'semantic']),
  fallback: z.string().optional(),
  coverage: z.looseObject({ embedded: z.number(), total: z.number() }),
  note: z.string().optional(),
  total: z.number(),
  results: z.array(
    z.looseObject({
      id: z.string(),
      catalog: z.string(),
      spec: z.string(),
      method: z.string(),
      path: z.string(),
      operation_id: z.string().optional(),
      summary: z.string().nullable(),
      effect: z.enum(['read', 'write', 'destructive']),
      deprecated: z.boolean().optional(),
      match: z.enum(['exact', 'strong', 'weak']),
      score: z.number(),
      signature: z.string().optional(),
      why: z
        .looseObject({
          words: z.array(z.looseObject({ term: z.string(), fields: z.array(z.string()) })),
          rank_lexical: rank,
          rank_semantic: rank,
        })
        .optional(),
    }),
  ),
  next_cursor: z.string().optional(),
})

export type SearchResult = z.infer<typeof searchOutput>
export type SearchHit = SearchResult['results'][number]

const DEFAULT_LIMIT = 8
const DEFAULT_MAX_TOKENS = 500
/** Hits that carry a signature: those likely to be called next. */
const WITH_SIGNATURE = 3
const SUMMARY_CHARS = 120

/** Finds operations for a question; how it found them and how much is embedded is in the answer. */
export async function searchOperations(
  services: Services,
  principal: Principal,
  input: SearchInput,
): Promise<Answer<SearchResult>> {
  if (input.query.trim() === '') {
    throw new InputError('`query` is empty; say what you want to do, or give an identifier.')
  }
  const answer = await search(services.db, principal, services.queries, {
    query: input.query,
    ...(await namedScope(services, principal, input)),
    method: input.method,
    tag: input.tag,
    ranking: input.ranking ?? 'auto',
  })
  return searchPage(services, answer, input)
}

/** The page of a ranked answer that is asked for, as facts and as text. */
export async function searchPage(
  services: Services,
  answer: RankedAnswer,
  input: SearchInput,
): Promise<Answer<SearchResult>> {
  const limit = input.limit ?? DEFAULT_LIMIT
  const offset = readCursor(input.cursor)
  const hits = answer.hits.slice(offset, offset + limit)
  const rows = await operationRows(
    services.db,
    hits.map(({ op }) => op),
  )
  const byOp = new Map(rows.map((row) => [row.op, row]))
  const results = hits.flatMap((hit, index) => {
    const row = byOp.get(hit.op)
    const withSignature = offset + index < WITH_SIGNATURE
    return row ? [toResult(hit, row, answer, withSignature, input.explain ?? false)] : []
  })
  const page = resultPage(input.query, answer, results, {
    offset,
    maxChars: (input.max_tokens ?? DEFAULT_MAX_TOKENS) * CHARS_PER_TOKEN,
  })
  const next = offset + page.shown
  return {
    markdown: page.markdown,
    ...(page.next ? { next: page.next } : {}),
    structured: {
      ranking: answer.ranking,
      ...(answer.fallback ? { fallback: answer.fallback.reason } : {}),
      coverage: answer.coverage,
      ...(page.note ? { note: page.note } : {}),
      total: answer.hits.length,
      results: results.slice(0, page.shown),
      ...(next < answer.hits.length && page.shown > 0 ? { next_cursor: String(next) } : {}),
    },
  }
}

async function namedScope(
  { db }: Services,
  principal: Principal,
  input: SearchInput,
): Promise<{ catalog?: string; specs?: string[] }> {
  if (input.spec === undefined) {
    await checkCatalog(db, principal, input.catalog)
    return input.catalog === undefined ? {} : { catalog: input.catalog }
  }
  const { catalog, spec } = splitSpecName(input.spec, input.catalog)
  await findSpec(db, principal, spec, catalog)
  return { catalog, specs: [spec] }
}

function readCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0
  if (/^\d{1,6}$/.test(cursor)) return Number(cursor)
  throw new InputError('That `cursor` is not one of search_operations; leave it out to start.')
}

function toResult(
  hit: RankedHit,
  row: OperationRow,
  answer: RankedAnswer,
  withSignature: boolean,
  explain: boolean,
): SearchHit {
  return {
    id: row.id,
    catalog: row.catalog,
    spec: row.spec,
    method: row.method,
    path: row.path,
    ...(row.operation_id === null ? {} : { operation_id: row.operation_id }),
    summary: summaryOf(row),
    effect: row.effect,
    ...(row.is_deprecated ? { deprecated: true } : {}),
    match: hit.match,
    score: Math.round(hit.score * 1000) / 1000,
    ...(withSignature ? { signature: row.signature } : {}),
    ...(explain ? { why: explained(hit, row, answer) } : {}),
  }
}

/** The summary, else how the description starts. */
function summaryOf({ summary, description }: OperationRow): string | null {
  const text = summary ?? description
  return text === null ? null : inline(text, SUMMARY_CHARS)
}

function explained(hit: RankedHit, row: OperationRow, { terms }: RankedAnswer) {
  const fields = { ...row, operationId: row.operation_id, bodyProperties: row.body_properties }
  return {
    words: fieldsWith(
      fields,
      terms.map(({ term }) => term),
    ),
    rank_lexical: hit.rankLexical,
    rank_semantic: hit.rankSemantic,
  }
}
