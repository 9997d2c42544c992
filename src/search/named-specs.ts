import type { Queryable } from '../db/database.js'
import type { QueryTerm } from './query-terms.js'
import type { Scope } from './scope.js'

/** A word in the names of more than this share of the specs names none of them ("google", "api"). */
const MAX_SHARE = 0.01

/** The specs that a question names, and its words that name them. */
export interface NamedSpecs {
  ids: number[]
  words: string[]
}

const NONE: NamedSpecs = { ids: [], words: [] }

/**
 * The specs that a question names: those with a word of it in their name or title that few others
 * have. None where the question is asked of given specs, or of one.
 */
export async function namedSpecs(
  db: Queryable,
  terms: readonly QueryTerm[],
  { catalogIds, specIds }: Scope,
): Promise<NamedSpecs> {
  if (specIds !== null || terms.length === 0) return NONE
  const rows = await db.query<{ id: number; name_words: string[]; total: number }>(
    `select id, name_words, (select count(*) from api_catalog.specs where catalog_id = any($1)) as total
     from api_catalog.specs where catalog_id = any($1) and name_words && $2::text[]`,
    [catalogIds, terms.map(({ word }) => word)],
  )
  const total = rows[0]?.total ?? 0
  if (total <= 1) return NONE
  const most = Math.max(1, MAX_SHARE * total)
  const telling = terms
    .map(({ word }) => ({
      word,
      ids: rows.filter(({ name_words }) => name_words.includes(word)).map(({ id }) => id),
    }))
    .filter(({ ids }) => ids.length > 0 && ids.length <= most)
  return {
    ids: [...new Set(telling.flatMap(({ ids }) => ids))],
    words: telling.map(({ word }) => word),
  }
}
