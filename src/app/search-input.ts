import * as z from 'zod'
import { inputText } from './input-text.js'

const effect = z.enum(['read', 'write', 'destructive'])

export const searchInput = z.strictObject({
  query: z.string().describe('what you want to do, in your own words, or an identifier'),
  catalog: inputText().optional(),
  spec: inputText().optional(),
  method: inputText().optional(),
  tag: inputText().optional(),
  path_prefix: inputText().optional(),
  effect: effect.optional(),
  limit: z.int().min(1).max(50).optional().describe('default 8'),
  cursor: z.string().optional().describe('next_cursor of the page before'),
  ranking: z.enum(['auto', 'hybrid', 'lexical', 'semantic']).optional(),
  max_tokens: z.int().min(100).max(20_000).optional().describe('of the text; default 500'),
  explain: z.boolean().optional(),
})

export type SearchInput = z.infer<typeof searchInput>

export const searchOutput = z.looseObject({
  ranking: z.enum(['hybrid', 'lexical', 'semantic']),
  fallback: z.string().optional(),
  coverage: z.looseObject({ embedded: z.number(), total: z.number() }),
  note: z.string().optional(),
  /** No hit of the first page is exact or strong. */
  nothing_fits: z.boolean().optional(),
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
      effect,
      deprecated: z.boolean().optional(),
      match: z.enum(['exact', 'strong', 'weak']),
      score: z.number(),
      signature: z.string().optional(),
      alike: z.array(z.string()).optional(),
      alike_count: z.number().optional(),
      /** `{words: [{term, fields}], rank_lexical, rank_semantic}`. */
      why: z.looseObject({}).optional(),
    }),
  ),
  /** `{specs, tags}`, each `[{name, count}]`, and `counted_among`. Every client reads the whole of the schemas. */
  facets: z.looseObject({}).optional(),
  next_cursor: z.string().optional(),
})

export type SearchResult = z.infer<typeof searchOutput>
