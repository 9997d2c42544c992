import type { Queryable } from '../db/database.js'
import { wordsOf } from './words/words.js'

/** A name that more operations have (`id`, `per_page`) tells nothing by itself. */
const MOST_USERS = 50

/**
 * The operations of these catalogs, and unless `specIds` is null of these specs, that have a property
 * of their body or a parameter of this name, written so; those that have it in the body first, then
 * those with a short path. None where many have it.
 */
export async function findPropertyUsers(
  db: Queryable,
  name: string,
  { catalogIds, specIds }: { catalogIds: readonly number[]; specIds: readonly number[] | null },
): Promise<number[]> {
  const terms = [...new Set(wordsOf(name))]
  if (terms.length === 0) return []
  const rows = await db.query<{ op: number }>(
    `select o.id as op
     from (
       select op from api_catalog.terms
       where term = any($2) and catalog_id = any($3::integer[])
         and ($4::integer[] is null or spec_id = any($4))
       group by op having count(*) = cardinality($2::text[])) having_words
     join api_catalog.operations o on o.id = having_words.op
     where $1 = any(o.body_properties) or $1 = any(o.parameters)
     order by $1 = any(o.body_properties) desc, length(o.path), o.id
     limit ${MOST_USERS + 1}`,
    [name, terms, catalogIds, specIds],
  )
  return rows.length > MOST_USERS ? [] : rows.map(({ op }) => op)
}
