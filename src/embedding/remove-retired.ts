import type { Database, Queryable } from '../db/database.js'

/** So many vectors go in one transaction; others' work waits for none of them. */
const BATCH = 5_000

const IS_OVER = `not is_active and not is_next and retired_at < now() - $1::integer * interval '1 day'`

/**
 * Removes the vectors of spaces that were retired more than `retentionDays` ago, and the spaces
 * themselves where no process embeds in them any more. Gives how many vectors.
 */
export async function removeRetired(db: Database, retentionDays: number): Promise<number> {
  let removed = 0
  for (;;) {
    const batch = await db.transaction((tx) => removeBatch(tx, retentionDays))
    removed += batch
    if (batch < BATCH) return removed
  }
}

async function removeBatch(tx: Queryable, retentionDays: number): Promise<number> {
  // Whoever goes back to such a space now waits for these locks, and sees what is left.
  const over = await tx.query<{ id: number }>(
    `select id from api_catalog.embedding_spaces where ${IS_OVER} for update`,
    [retentionDays],
  )
  const ids = over.map(({ id }) => id)
  const removed = await tx.query(
    `delete from api_catalog.embeddings where (space_id, text_hash) in (
       select space_id, text_hash from api_catalog.embeddings
       where space_id = any($1::integer[]) limit ${BATCH})
     returning text_hash`,
    [ids],
  )
  if (removed.length < BATCH) {
    await tx.query(
      `delete from api_catalog.embedding_spaces
       where id = any($2::integer[]) and last_seen_at < now() - $1::integer * interval '1 day'`,
      [retentionDays, ids],
    )
  }
  return removed.length
}
