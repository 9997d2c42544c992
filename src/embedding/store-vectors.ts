import type { Database } from '../db/database.js'
import type { ClaimedJob } from '../queue/jobs.js'
import { addProgress, holdLease } from '../queue/lease.js'
import { noteChanges } from './changes.js'
import type { MissingText } from './missing.js'
import { unitVector, vectorToSql } from './vector-to-sql.js'

/** How a text was settled: with a vector, or for good without. */
export type Settled =
  | { text: MissingText; vector: Float32Array }
  | { text: MissingText; state: 'refused' | 'unembeddable'; error: string | null }

/**
 * Writes settled texts and the job's progress in one transaction under the job's lease. Throws
 * LeaseLost, and writes nothing, when the job is no longer ours.
 */
export async function storeVectors(
  db: Database,
  job: ClaimedJob,
  settled: readonly Settled[],
): Promise<void> {
  // In one order everywhere, so that two jobs that share texts never wait for each other.
  const rows = settled.toSorted((a, b) => (a.text.textHash < b.text.textHash ? -1 : 1))
  await db.transaction(async (tx) => {
    await holdLease(tx, job)
    await tx.query(
      `insert into api_catalog.embeddings as known
         (space_id, text_hash, state, vector, error, embedded_at)
       select $1, text_hash, state, ${unitVector('vector')}, error, found_at
       from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::timestamptz[])
         as row (text_hash, state, vector, error, found_at)
       on conflict (space_id, text_hash) do update set
         state = excluded.state, vector = excluded.vector, error = excluded.error,
         tries = case when excluded.state = 'refused' then known.tries + 1 else 1 end,
         embedded_at = excluded.embedded_at`,
      [
        job.spaceId,
        rows.map(({ text }) => text.textHash),
        rows.map((row) => ('vector' in row ? 'embedded' : row.state)),
        rows.map((row) => ('vector' in row ? vectorToSql(row.vector) : null)),
        rows.map((row) => ('vector' in row ? null : row.error)),
        rows.map(({ text }) => text.foundAt),
      ],
    )
    await noteChanges(
      tx,
      job.spaceId,
      rows.map(({ text }) => text.textHash),
    )
    const embedded = rows.filter((row) => 'vector' in row)
    await addProgress(
      tx,
      job,
      embedded.reduce((sum, { text }) => sum + text.operations, 0),
    )
  })
}
