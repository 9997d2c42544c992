import type { Database, Queryable } from '../db/database.js'
import { JOBS_CHANNEL, LeaseLost, type HeldJob } from './jobs.js'
import { nextTurn, OF_JOB, TURN_AFTER_ITS_OWN } from './turns.js'

const UNHELD = `lease_token = null, lease_expires_at = null, worker_id = null, updated_at = now()`
const RELEASED = `left_out = '{}', yielded = false, ${UNHELD}`
const HELD = `id = $1 and lease_token = $2 and status = 'running'`

/**
 * SQL of how long a spec rests whose job failed for good, until the reconciler asks for it again:
 * 30 minutes, 1, 2, 4, then 6 hours. What a person asks for (an upload, reembed_spec) runs at once.
 */
export const REST = `least(
  interval '30 minutes' * power(2, least(failures_in_row, 4)), interval '6 hours')`

const FAILED_FOR = `case
  when rerun then interval '0'
  when $4::float8 is null then ${REST}
  else $4::float8 * interval '1 ms' end`

const FORGIVEN = `attempts = 0, claims = 0, failures_in_row = 0, last_error = null`

const DONE = `status = 'succeeded', completed_at = now(), next_run_at = now(), ${FORGIVEN}, ${RELEASED}`

/** Ends a job as done where its id and token are these SQL expressions; returns its token. */
export function succeedOne(id: string, token: string): string {
  return `
    update api_catalog.embedding_jobs set ${DONE} where id = (
      select id from api_catalog.embedding_jobs
      where id = ${id}::bigint and lease_token = ${token}::uuid and not rerun
      for update skip locked)
    returning ${token}::uuid::text as token`
}

/** The same of many: the planner has to be told each time how many there are, so that is dearer. */
const SUCCEED_MANY = `
  with ours as materialized (
    select id, lease_token as token from api_catalog.embedding_jobs
    where id = any($1::bigint[]) and lease_token = any($2::uuid[]) and not rerun
    for update skip locked)
  update api_catalog.embedding_jobs job set ${DONE} where id = any(array(select id from ours))
  returning (select token::text from ours where ours.id = job.id) as token`

/**
 * Done, in one statement: says of each job whether it was. Those that were asked for meanwhile or
 * are not ours any more are left to succeedJob, and so are those whose row somebody else holds just
 * now: none of them keeps the others waiting.
 */
export async function succeedJobs(db: Database, jobs: readonly HeldJob[]): Promise<boolean[]> {
  const [ids, tokens] = [jobs.map(({ id }) => id), jobs.map(({ leaseToken }) => leaseToken)]
  const isOne = jobs.length === 1
  const [sql, params] = isOne
    ? [succeedOne('$1', '$2'), [ids[0], tokens[0]]]
    : [SUCCEED_MANY, [ids, tokens]]
  const done = await db.query<{ token: string }>(sql, params, { kept: true })
  return tokens.map((token) => done.some((row) => row.token === token))
}

/** Done; pending again where something was asked for meanwhile. */
export async function succeedJob(db: Queryable, job: HeldJob): Promise<void> {
  await write(
    db,
    `update api_catalog.embedding_jobs job set
       status = case when rerun then 'pending' else 'succeeded' end,
       completed_at = case when not rerun then now() end, next_run_at = now(),
       embedded_so_far = case when rerun then 0 else embedded_so_far end,
       turn_at = case when rerun then ${nextTurn(OF_JOB)} else turn_at end,
       rerun = false, ${FORGIVEN}, ${RELEASED}
     where ${HELD} returning id`,
    [job.id, job.leaseToken],
  )
}

/**
 * The work failed: another try after `delayMs`, or failed for good when that is null. What was
 * asked for meanwhile is tried at once, with all its tries.
 */
export async function failJob(
  db: Queryable,
  job: HeldJob,
  error: string,
  delayMs: number | null,
): Promise<void> {
  await write(
    db,
    `update api_catalog.embedding_jobs set
       status = case when $4::float8 is null and not rerun then 'failed' else 'pending' end,
       completed_at = case when $4::float8 is null and not rerun then now() end,
       attempts = case when rerun then 0 else attempts + 1 end,
       next_run_at = now() + ${FAILED_FOR}, turn_at = now() + ${FAILED_FOR},
       failures_in_row = failures_in_row
         + case when $4::float8 is null and not rerun then 1 else 0 end,
       rerun = false, claims = 0, last_error = $3, ${RELEASED}
     where ${HELD} returning id`,
    [job.id, job.leaseToken, clipped(error), delayMs],
  )
}

/** Nobody's fault: waits for what `reason` says, at no cost. */
export async function snoozeJob(
  db: Queryable,
  job: HeldJob,
  reason: string,
  delayMs: number,
): Promise<void> {
  await write(
    db,
    `update api_catalog.embedding_jobs set
       status = 'pending', next_run_at = now() + $4::float8 * interval '1 ms',
       turn_at = now() + $4::float8 * interval '1 ms',
       rerun = false, claims = 0, last_error = $3, ${RELEASED}
     where ${HELD} returning id`,
    [job.id, job.leaseToken, clipped(reason), delayMs],
  )
}

/**
 * Lets others go first: waits behind them, and goes on where it was. `leftOut` are the texts that
 * failed in its turns, `error` the last one's: whoever goes on fails the job with them in the end.
 */
export async function yieldJob(
  db: Queryable,
  job: HeldJob,
  leftOut: readonly string[],
  error: string | null,
): Promise<void> {
  await write(
    db,
    `update api_catalog.embedding_jobs job set
       status = 'pending', yielded = true, next_run_at = now(),
       turn_at = ${TURN_AFTER_ITS_OWN},
       attempts = case when rerun then 0 else attempts end,
       left_out = case when rerun then '{}' else $3::text[] end,
       rerun = false, claims = 0, last_error = coalesce($4, last_error), ${UNHELD}
     where ${HELD} returning id`,
    [job.id, job.leaseToken, leftOut, error === null ? null : clipped(error)],
  )
}

/** The worker stops: the next one, woken if it sleeps, goes on at once. */
export async function giveBackJob(db: Queryable, job: HeldJob): Promise<void> {
  await write(
    db,
    `update api_catalog.embedding_jobs set
       status = 'pending', next_run_at = now(), rerun = false, claims = 0, ${RELEASED}
     where ${HELD} returning id, pg_notify($3, '')`,
    [job.id, job.leaseToken, JOBS_CHANNEL],
  )
}

async function write(db: Queryable, sql: string, params: unknown[]): Promise<void> {
  const rows = await db.query(sql, params)
  if (rows.length === 0) throw new LeaseLost()
}

function clipped(error: string): string {
  return error.slice(0, 2_000)
}
