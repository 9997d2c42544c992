import type { OperationRow } from '../catalog/operation-rows.js'
import { fieldsWith } from '../catalog/words/impacts.js'
import type { QueryTerm } from '../search/query-terms.js'
import type { FoldedHit } from '../search/fold-alike.js'
import { inline } from './answer.js'
import type { SearchResult } from './search-input.js'

export type SearchHit = SearchResult['results'][number] & { why?: Why }

/** Which words of the question a hit has, in which fields, and its place in both rankings. */
export type Why = {
  words: { term: string; fields: string[] }[]
  rank_lexical: number | null
  rank_semantic: number | null
}

/** How much a result says. */
export interface Detail {
  /** Characters of its summary; 0 leaves it out. */
  summary: number
  /** Characters of its path beside its id, in the text; 0 leaves it out. */
  path: number
  /** Of so many of the first results, which are likely to be called next. */
  signatures: number
  /** Characters of a signature. */
  signature: number
}

/** From the most to the least that a page says of its results. */
export const DETAILS: readonly [Detail, ...Detail[]] = [
  { summary: 120, path: 200, signatures: 3, signature: 120 },
  { summary: 80, path: 120, signatures: 3, signature: 100 },
  { summary: 60, path: 80, signatures: 3, signature: 70 },
  { summary: 40, path: 50, signatures: 1, signature: 60 },
  { summary: 40, path: 0, signatures: 0, signature: 0 },
]

/** Ids of operations that are alike, as many as an answer names. */
const SHOWN_ALIKE = 2

export function shownAlike(alike: readonly number[]): number[] {
  return alike.slice(0, SHOWN_ALIKE)
}

/** A hit as facts, with all that any page says of it. `rows` has those that are alike. */
export function factsOf(
  hit: FoldedHit,
  row: OperationRow,
  rows: ReadonlyMap<number, OperationRow>,
) {
  const alike = shownAlike(hit.alike).flatMap((op) => rows.get(op)?.id ?? [])
  const facts: SearchHit = {
    id: row.id,
    catalog: row.catalog,
    spec: row.spec,
    method: row.method,
    path: row.path,
    ...(row.operation_id === null ? {} : { operation_id: row.operation_id }),
    summary: row.summary ?? row.description,
    effect: row.effect,
    ...(row.is_deprecated ? { deprecated: true } : {}),
    match: hit.match,
    score: Math.round(hit.score * 1000) / 1000,
    signature: row.signature,
    ...(alike.length > 0 ? { alike, alike_count: hit.alike.length } : {}),
  }
  return facts
}

/** The facts that a page of this detail gives of the result at `place`, from 1 on the first page. */
export function inDetail(facts: SearchHit, place: number, detail: Detail): SearchHit {
  const { signature, summary, ...rest } = facts
  const isShown = summary !== null && detail.summary > 0
  return {
    ...rest,
    summary: isShown ? inline(summary, detail.summary) : null,
    ...(signature !== undefined && place <= detail.signatures
      ? { signature: inline(signature, detail.signature) }
      : {}),
  }
}

/** Which words of the question an operation has, and where, and its place in both rankings. */
export function whyOf(hit: FoldedHit, row: OperationRow, terms: readonly QueryTerm[]): Why {
  const fields = { ...row, operationId: row.operation_id, bodyProperties: row.body_properties }
  const found = fieldsWith(
    fields,
    terms.map(({ term }) => term),
  )
  const asked = new Map(terms.map(({ term, word }) => [term, word]))
  return {
    words: found.map((hit) => ({ ...hit, term: asked.get(hit.term) ?? hit.term })),
    rank_lexical: hit.rankLexical,
    rank_semantic: hit.rankSemantic,
  }
}
