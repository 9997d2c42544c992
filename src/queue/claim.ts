import type { Database, Queryable } from '../db/database.js'
import { succeedOne } from './finish.js'
import type { ClaimedJob, HeldJob } from './jobs.js'

/** Jobs of the space itself. */
const OWN = 'coalesce(space_id, 0) = $1'

/** Jobs of no space: made while none was active (space-jobs.ts adopts them). */
const OF_NONE = `coalesce(space_id, 0) = 0 and not exists (
  select from api_catalog.embedding_jobs other
  where other.spec_id = waiting.spec_id and other.space_id = $1
    and other.status in ('pending', 'running'))`

export interface ClaimRequest {
  spaceId: number
  workerId: string
  leaseMs: number
  /** Leaves jobs to others until they have waited this long. */
  patienceMs?: number
  /** So many at most. */
  limit: number
}

/**
 * Takes the due jobs whose turn it is (turns.ts). The lease of each starts with a fresh token:
 * whoever held the job before can write nothing more for it. Where the space has too few, jobs
 * that were made before any space was active become this space's, unless the spec has one there
 * already. That is a statement of its own, because it doubles the time of the other.
 */
export async function claimJobs(db: Database, request: ClaimRequest): Promise<ClaimedJob[]> {
  const own = await claimWhere(db, OWN, request)
  const limit = request.limit - own.length
  return limit === 0 ? own : [...own, ...(await claimWhere(db, OF_NONE, { ...request, limit }))]
}

/**
 * Ends a job as done and claims in its place: one statement and one commit for what are two of
 * each. Says whether it was ended (succeedJobs has when not), and claims of the space's own jobs
 * only: who gets fewer than asked for may find more by claimJobs.
 */
export async function succeedAndClaim(
  db: Database,
  job: HeldJob,
  request: ClaimRequest,
): Promise<{ isDone: boolean; claimed: ClaimedJob[] }> {
  const { sql, params } = claiming(OWN, request)
  const [id, token] = [`$${params.length + 1}`, `$${params.length + 2}`]
  const rows = await db.query<{ token: string | null } & (ClaimedJob | { id: null })>(
    `with ended as (${succeedOne(id, token)}), claimed as (${sql})
     select (select token from ended), claimed.* from (select) always left join claimed on true`,
    [...params, job.id, job.leaseToken],
    { kept: true },
  )
  return {
    isDone: rows.some((row) => row.token !== null),
    claimed: rows.filter((row) => row.id !== null),
  }
}

async function claimWhere(
  db: Database,
  condition: string,
  request: ClaimRequest,
): Promise<ClaimedJob[]> {
  const { sql, params } = claiming(condition, request)
  return db.query<ClaimedJob>(sql, params, { kept: true })
}

/**
 * The materialized CTE keeps the planner from updating more rows than were locked. One is a number
 * in the text: the planner takes a limit that it is not told for a tenth of the table, and would
 * plan each claim anew (.1 ms) to be told.
 */
function claiming(
  condition: string,
  { spaceId, workerId, leaseMs, patienceMs = 0, limit }: ClaimRequest,
): { sql: string; params: unknown[] } {
  const sql = `with next as materialized (
       select id from api_catalog.embedding_jobs waiting
       where status = 'pending' and next_run_at <= now() - $4::integer * interval '1 ms'
         and ${condition}
       order by coalesce(space_id, 0), turn_at, id
       limit ${limit === 1 ? 1 : '$5::integer'}
       for update skip locked)
     update api_catalog.embedding_jobs set
       status = 'running', space_id = $1, worker_id = $2, lease_token = gen_random_uuid(),
       lease_expires_at = now() + $3::integer * interval '1 ms',
       claims = claims + 1, updated_at = now(),
       started_at = case when yielded then started_at else now() end,
       last_error = case when attempts > 0 or yielded then last_error end
     -- An array, because a join would be planned for a tenth of the table too.
     where id = any(array(select id from next))
     returning id, spec_id as "specId", space_id as "spaceId", kind, attempts, claims,
       lease_token as "leaseToken", traceparent, yielded as "isResumed",
       left_out as "leftOut", last_error as "lastError",
       greatest(extract(epoch from now() - next_run_at), 0)::float8 as "waitedSeconds"`
  return { sql, params: [spaceId, workerId, leaseMs, patienceMs, ...(limit === 1 ? [] : [limit])] }
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
