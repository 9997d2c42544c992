import { gunzip } from 'node:zlib'
import { promisify } from 'node:util'
import type { Queryable } from '../db/database.js'
import { NotFoundError } from '../errors.js'

export interface RevisionRow {
  revision: number
  version: string | null
  operation_count: number
  created_at: Date
}

/** So many revisions of a spec are kept. */
const KEPT_REVISIONS = 20

/** The kept revisions of a spec, newest first. */
export async function listRevisions(db: Queryable, specId: number): Promise<RevisionRow[]> {
  return db.query<RevisionRow>(
    `select revision, version, operation_count, created_at
     from api_catalog.revisions where spec_id = $1 order by revision desc`,
    [specId],
  )
}

/** The document of a revision as it was stored. Throws InputError where it is not kept. */
export async function loadRevision(
  db: Queryable,
  specId: number,
  revision: number,
): Promise<Uint8Array> {
  const [row] = await db.query<{ content: Uint8Array }>(
    `select content from api_catalog.revisions where spec_id = $1 and revision = $2`,
    [specId, revision],
  )
  if (row) return unzip(row.content)
  const kept = await listRevisions(db, specId)
  throw new NotFoundError(
    `Revision ${revision} is not kept. There are: ` +
      `${kept
        .map((one) => one.revision)
        .toSorted((a, b) => a - b)
        .join(', ')}.`,
  )
}

/** Forgets the oldest revisions beyond those that are kept. */
export async function pruneRevisions(tx: Queryable, specId: number): Promise<void> {
  await tx.query(
    `delete from api_catalog.revisions old
     where spec_id = $1 and revision <= (
       select revision from api_catalog.revisions
       where spec_id = $1 order by revision desc offset $2 limit 1)`,
    [specId, KEPT_REVISIONS],
  )
}

const unzip = promisify(gunzip)
