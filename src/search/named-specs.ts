import type { Queryable } from '../db/database.js'
import type { QueryTerm } from './query-terms.js'
import type { Scope } from './scope.js'

/** A word in the names of more than this share of the specs names none of them ("google", "api"). */
const MAX_SHARE = 0.01

/**
 * The specs that a question names: those with a word of it in their name or title that few others
 * have. None where the question is asked of given specs, or of one.
 */
export async function namedSpecs(
  db: Queryable,
  terms: readonly QueryTerm[],
  { catalogIds, specIds }: Scope,
): Promise<number[]> {
  if (specIds !== null || terms.length === 0) return []
  const rows = await db.query<{ id: number; name_words: string[]; total: number }>(
    `select id, name_words, (select count(*) from api_catalog.specs where catalog_id = any($1)) as total
     from api_catalog.specs where catalog_id = any($1) and name_words && $2::text[]`,
    [catalogIds, terms.map(({ word }) => word)],
  )
  const most = Math.max(1, MAX_SHARE * (rows[0]?.total ?? 0))
  const telling = terms
    .map(({ word }) => rows.filter(({ name_words }) => name_words.includes(word)))
    .filter((specs) => specs.length <= most)
  return (rows[0]?.total ?? 0) > 1 ? [...new Set(telling.flat().map(({ id }) => id))] : []
}
