import type { Queryable } from '../db/database.js'

/** Takes the words of operations out and off the counts, under the catalog's lock. */
export async function removeTerms(
  tx: Queryable,
  catalogId: number,
  ops: readonly number[],
): Promise<void> {
  await tx.query(
    `with removed as (delete from api_catalog.terms where op = any($1) returning term),
     counts as (select term, count(*)::integer as df from removed group by term)
     update api_catalog.catalog_terms as total set df = total.df - counts.df
     from counts where total.catalog_id = $2 and total.term = counts.term`,
    [ops, catalogId],
  )
  await tx.query(`delete from api_catalog.catalog_terms where catalog_id = $1 and df <= 0`, [
    catalogId,
  ])
}
