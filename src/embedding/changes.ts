import type { Queryable } from '../db/database.js'

/**
 * Notes, in the transaction that wrote or removed the embeddings of these texts and after it did,
 * that the specs which have them are embedded otherwise than before: counts of them are made anew.
 * An upload that is under way meanwhile has a revision of its own when it is seen. In one order, so
 * that two writers never wait for each other.
 */
export async function noteChanges(
  tx: Queryable,
  spaceId: number,
  texts: readonly string[],
): Promise<void> {
  await tx.query(
    `insert into api_catalog.embedding_changes as noted (space_id, spec_id, changes)
     select $1, spec_id, 1
     from (select distinct spec_id from api_catalog.operations where text_hash = any($2)) o
     order by spec_id
     on conflict (space_id, spec_id) do update set changes = noted.changes + 1`,
    [spaceId, texts],
  )
}

/**
 * Notes that a spec was settled: an upload that was not yet to be seen when another spec's job gave
 * its texts vectors is counted anew by then at the latest.
 */
export async function noteSettled(db: Queryable, spaceId: number, specId: number): Promise<void> {
  await db.query(
    `insert into api_catalog.embedding_changes as noted (space_id, spec_id, changes)
     values ($1, $2, 1)
     on conflict (space_id, spec_id) do update set changes = noted.changes + 1`,
    [spaceId, specId],
  )
}
