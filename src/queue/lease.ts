import type { Database, Queryable } from '../db/database.js'
import { LeaseLost, type ClaimedJob, type HeldJob } from './jobs.js'

/** Keeps a running job for another `leaseMs`. Throws LeaseLost when it is no longer ours. */
export async function renewLease(db: Database, job: HeldJob, leaseMs: number): Promise<void> {
  const rows = await db.query(
    `update api_catalog.embedding_jobs
     set lease_expires_at = now() + $3::integer * interval '1 ms'
     where id = $1 and lease_token = $2 and status = 'running'
     returning id`,
    [job.id, job.leaseToken, leaseMs],
    { kept: true },
  )
  if (rows.length === 0) throw new LeaseLost()
}

/**
 * The fence before a job's writes: locks its row for the transaction, so that what is written with
 * it is written under a lease that holds until the commit. Throws LeaseLost when it is not ours.
 */
export async function holdLease(tx: Queryable, job: HeldJob): Promise<void> {
  const rows = await tx.query(
    `select id from api_catalog.embedding_jobs
     where id = $1 and lease_token = $2 and status = 'running'
     for update`,
    [job.id, job.leaseToken],
  )
  if (rows.length === 0) throw new LeaseLost()
}

/**
 * Starts counting a running job's progress from the operations that have a vector already. A job
 * that goes on after it yielded keeps what it had reused at its start: the rate is that of it all.
 */
export async function startProgress(
  db: Queryable,
  job: HeldJob & Pick<ClaimedJob, 'isResumed'>,
  embedded: number,
): Promise<void> {
  const reused = job.isResumed ? '' : ', reused_count = $3'
  await writeProgress(db, job, `embedded_so_far = $3${reused}`, embedded)
}

/**
 * Counts operations that a batch gave a vector; belongs into the batch's transaction. A spec that
 * shrank meanwhile has no more than all.
 */
export async function addProgress(tx: Queryable, job: HeldJob, operations: number): Promise<void> {
  await writeProgress(
    tx,
    job,
    `embedded_so_far = least(embedded_so_far + $3, operation_count), claims = 1`,
    operations,
  )
}

async function writeProgress(db: Queryable, job: HeldJob, change: string, operations: number) {
  const rows = await db.query(
    `update api_catalog.embedding_jobs job set ${change}, updated_at = now()
     from api_catalog.specs spec
     where job.id = $1 and lease_token = $2 and status = 'running' and spec.id = job.spec_id
     returning job.id`,
    [job.id, job.leaseToken, operations],
  )
  if (rows.length === 0) throw new LeaseLost()
}
