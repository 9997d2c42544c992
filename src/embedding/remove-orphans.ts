import type { Database, Queryable } from '../db/database.js'
import { noteChanges } from './changes.js'

/** So many texts go in one transaction. */
const BATCH = 1_000

const IS_UNUSED = `not exists (
  select from api_catalog.operations o where o.text_hash = orphan.text_hash)`

/**
 * Removes what was embedded of texts that no operation has had for `graceDays`, in batches. The
 * grace makes deleting a spec and uploading it again cost nothing. Gives how many texts.
 */
export async function removeOrphans(db: Database, graceDays: number): Promise<number> {
  await forgetUsed(db)
  await noteOrphans(db)
  await forgetDeletedSpecs(db)
  let removed = 0
  for (;;) {
    const batch = await db.transaction((tx) => removeBatch(tx, graceDays))
    removed += batch
    if (batch < BATCH) return removed
  }
}

/** Texts that were an operation's again: their time starts anew when they are orphaned again. */
async function forgetUsed(db: Queryable): Promise<void> {
  await db.query(`delete from api_catalog.orphaned_texts orphan where not (${IS_UNUSED})`)
}

async function noteOrphans(db: Queryable): Promise<void> {
  await db.query(
    `insert into api_catalog.orphaned_texts (text_hash)
     select distinct orphan.text_hash from api_catalog.embeddings orphan where ${IS_UNUSED}
     on conflict do nothing`,
  )
}

async function forgetDeletedSpecs(db: Queryable): Promise<void> {
  await db.query(
    `delete from api_catalog.embedding_changes change
     where not exists (select from api_catalog.specs s where s.id = change.spec_id)`,
  )
}

/**
 * An upload that brings such a text back while this runs does not see it go; its job, or the
 * reconciler, finds it missing.
 */
async function removeBatch(tx: Queryable, graceDays: number): Promise<number> {
  const orphans = await tx.query<{ text_hash: string }>(
    `delete from api_catalog.orphaned_texts where text_hash in (
       select text_hash from api_catalog.orphaned_texts orphan
       where since < now() - $1::integer * interval '1 day' and ${IS_UNUSED} limit ${BATCH})
     returning text_hash`,
    [graceDays],
  )
  const texts = orphans.map(({ text_hash }) => text_hash)
  const spaces = await tx.query<{ id: number }>(`select id from api_catalog.embedding_spaces`)
  for (const { id } of spaces) {
    await tx.query(
      `delete from api_catalog.embeddings where space_id = $1 and text_hash = any($2)`,
      [id, texts],
    )
    await noteChanges(tx, id, texts)
  }
  return texts.length
}
