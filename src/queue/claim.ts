import type { Database, Queryable } from '../db/database.js'
import type { ClaimedJob } from './jobs.js'

/** Made while no space was active, and passed over when one became it (space-jobs.ts adopts them). */
const LEFT_BEHIND = `space_id is null and not exists (
  select from api_catalog.embedding_jobs other
  where other.spec_id = waiting.spec_id and other.space_id = $1
    and other.status in ('pending', 'running'))`

interface ClaimRequest {
  spaceId: number
  workerId: string
  leaseMs: number
  /** Leaves jobs to others until they have waited this long. */
  patienceMs?: number
}

/**
 * Takes the due job whose turn it is (turns.ts), or none. The lease starts with a fresh token:
 * whoever held the job before can write nothing more for it. Where none of the space is due, a job
 * that was made before any space was active becomes this space's, unless the spec has one there
 * already. That is a statement of its own, because it doubles the time of the other.
 */
export async function claimJob(
  db: Database,
  request: ClaimRequest,
): Promise<ClaimedJob | undefined> {
  return (await claimWhere(db, 'space_id = $1', request)) ?? claimWhere(db, LEFT_BEHIND, request)
}

/** The materialized CTE keeps the planner from updating more rows than were locked. */
async function claimWhere(
  db: Database,
  condition: string,
  { spaceId, workerId, leaseMs, patienceMs = 0 }: ClaimRequest,
): Promise<ClaimedJob | undefined> {
  const [job] = await db.query<ClaimedJob>(
    `with next as materialized (
       select id, yielded from api_catalog.embedding_jobs waiting
       where status = 'pending' and next_run_at <= now() - $4::integer * interval '1 ms'
         and ${condition}
       order by turn_at, id
       limit 1
       for update skip locked)
     update api_catalog.embedding_jobs as job set
       status = 'running', space_id = $1, worker_id = $2, lease_token = gen_random_uuid(),
       lease_expires_at = now() + $3::integer * interval '1 ms',
       claims = claims + 1, updated_at = now(), yielded = false,
       started_at = case when next.yielded then started_at else now() end,
       last_error = case when attempts > 0 or next.yielded then last_error end
     from next where job.id = next.id
     returning job.id, spec_id as "specId", space_id as "spaceId", kind, attempts, claims,
       lease_token as "leaseToken", traceparent, next.yielded as "isResumed",
       left_out as "leftOut", last_error as "lastError",
       greatest(extract(epoch from now() - job.next_run_at), 0)::float8 as "waitedSeconds"`,
    [spaceId, workerId, leaseMs, patienceMs],
    { kept: true },
  )
  return job
}

/** Milliseconds until the next waiting job of these spaces is due; null when none waits. */
export async function msUntilNextJob(
  db: Queryable,
  spaceIds: readonly number[],
): Promise<number | null> {
  const [row] = await db.query<{ ms: number | null }>(
    `select extract(epoch from min(next_run_at) - now())::float8 * 1000 as ms
     from api_catalog.embedding_jobs
     where status = 'pending' and (space_id = any($1::integer[]) or space_id is null)`,
    [spaceIds],
  )
  return row?.ms ?? null
}
