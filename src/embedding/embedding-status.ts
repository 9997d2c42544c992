import type { Principal } from '../catalog/principal.js'
import type { Queryable } from '../db/database.js'
import type { JobStatus } from '../queue/jobs.js'
import { IS_MISSING } from './missing.js'
import { activeSpace, spaceById } from './spaces.js'

/** What a spec may be said to be, in one word (badgeOf). */
export const BADGES = [
  'indexed',
  'indexing',
  'queued',
  'retrying',
  'failed',
  'empty',
  'lexical_only',
] as const

export type Badge = (typeof BADGES)[number]

export interface SpecStatus {
  catalog: string
  spec_name: string
  badge: Badge
  operation_count: number
  embedding_count: number
  without_vector_count: number
  embedded_so_far: number | null
  job_status: JobStatus | null
  job_attempts: number | null
  job_last_error: string | null
  job_updated_at: Date | null
  next_run_at: Date | null
  eta_seconds: number | null
}

export interface StatusSummary {
  specs_total: number
  specs_indexed: number
  specs_pending: number
  specs_running: number
  specs_failed: number
  operation_count: number
  embedding_count: number
  without_vector_count: number
}

export interface Scope {
  catalog?: string | undefined
  spec?: string | undefined
}

type StatusRow = Omit<SpecStatus, 'badge'> & {
  missing_count: number
  done_now: number | null
  has_yielded: boolean | null
}

/** The state of every spec in scope, by catalog and name: in the active space, if no other is given. */
export async function specStatuses(
  db: Queryable,
  principal: Principal,
  scope: Scope,
  { willEmbed, spaceId }: { willEmbed: boolean; spaceId?: number | undefined },
): Promise<SpecStatus[]> {
  const space = spaceId === undefined ? await activeSpace(db) : await spaceById(db, spaceId)
  const rows = await db.query<StatusRow>(
    `select c.name as catalog, s.name as spec_name, s.operation_count,
       count(o.id) filter (where e.state = 'embedded') as embedding_count,
       count(o.id) filter (where e.state <> 'embedded') as without_vector_count,
       count(o.id) filter (where ${IS_MISSING}) as missing_count,
       job.embedded_so_far, job.status as job_status, job.attempts as job_attempts,
       job.last_error as job_last_error, job.updated_at as job_updated_at,
       case when job.status in ('pending', 'failed') then job.next_run_at end as next_run_at,
       job.yielded as has_yielded, job.embedded_so_far - job.reused_count as done_now,
       extract(epoch from now() - job.started_at)::float8 as eta_seconds
     from api_catalog.specs s
     join api_catalog.catalogs c on c.id = s.catalog_id
     left join api_catalog.operations o on o.spec_id = s.id
     left join api_catalog.embeddings e on e.space_id = $4 and e.text_hash = o.text_hash
     left join lateral (
       select * from api_catalog.embedding_jobs j
       where j.spec_id = s.id and (j.space_id = $4 or j.space_id is null)
       order by j.status in ('pending', 'running') desc, j.id desc limit 1) job on true
     where c.tenant = $1 and ($2::text is null or c.name = $2) and ($3::text is null or s.name = $3)
     group by c.name, s.id, job.id, job.embedded_so_far, job.reused_count, job.status, job.attempts,
       job.last_error, job.updated_at, job.next_run_at, job.started_at, job.yielded
     order by c.name = 'default' desc, c.name, s.name`,
    [principal.tenant, scope.catalog ?? null, scope.spec ?? null, space?.id ?? 0],
  )
  return rows.map(({ missing_count, done_now, has_yielded, ...row }) => ({
    ...row,
    badge: badgeOf(
      { ...row, missing_count, has_yielded },
      willEmbed || space?.isAbandoned === false,
    ),
    eta_seconds: etaSeconds({ ...row, has_yielded }, missing_count, done_now),
  }))
}

export function summarize(specs: readonly SpecStatus[]): StatusSummary {
  const sum = (field: 'operation_count' | 'embedding_count' | 'without_vector_count') =>
    specs.reduce((total, spec) => total + spec[field], 0)
  const count = (...badges: Badge[]) => specs.filter(({ badge }) => badges.includes(badge)).length
  return {
    specs_total: specs.length,
    specs_indexed: count('indexed', 'empty', 'lexical_only'),
    specs_pending: count('queued', 'retrying'),
    specs_running: count('indexing'),
    specs_failed: count('failed'),
    operation_count: sum('operation_count'),
    embedding_count: sum('embedding_count'),
    without_vector_count: sum('without_vector_count'),
  }
}

/**
 * One word for a spec. A job that waits is `retrying` after a failure, `indexing` when it yielded
 * its turn in the midst of its work, else `queued`, as is a spec whose job is still to be made.
 * Where nobody embeds, no job means anything.
 */
function badgeOf(
  row: Pick<
    StatusRow,
    'operation_count' | 'missing_count' | 'job_status' | 'job_attempts' | 'has_yielded'
  >,
  willEmbed: boolean,
): Badge {
  if (row.operation_count === 0) return 'empty'
  if (!willEmbed) return row.missing_count === 0 ? 'indexed' : 'lexical_only'
  if (row.job_status === 'running') return 'indexing'
  if (row.job_status === 'pending' && row.missing_count === 0) return 'indexed'
  if (row.has_yielded) return 'indexing'
  if (row.job_status === 'pending') return (row.job_attempts ?? 0) > 0 ? 'retrying' : 'queued'
  if (row.missing_count === 0) return 'indexed'
  if (row.job_status === 'failed') return 'failed'
  return 'queued'
}

function etaSeconds(
  row: Pick<StatusRow, 'job_status' | 'has_yielded' | 'eta_seconds'>,
  missing: number,
  doneNow: number | null,
): number | null {
  const elapsed = row.eta_seconds
  const isUnderWay = row.job_status === 'running' || row.has_yielded
  if (!isUnderWay || !doneNow || elapsed === null || doneNow < 1) return null
  return Math.ceil((elapsed / doneNow) * missing)
}

export interface SpaceStatus {
  provider: string
  model: string
  /** Operations in scope with a vector in it. */
  embedding_count: number
}

/** The space that the catalog is being changed over to, if any. */
export async function nextSpace(
  db: Queryable,
  principal: Principal,
  scope: Scope,
): Promise<SpaceStatus | undefined> {
  const [row] = await db.query<SpaceStatus>(
    `select space.provider, space.model,
       (select count(*)
        from api_catalog.operations o
        join api_catalog.specs s on s.id = o.spec_id
        join api_catalog.catalogs c on c.id = s.catalog_id
        join api_catalog.embeddings e
          on e.space_id = space.id and e.text_hash = o.text_hash and e.state = 'embedded'
        where c.tenant = $1 and ($2::text is null or c.name = $2)
          and ($3::text is null or s.name = $3)) as embedding_count
     from api_catalog.embedding_spaces space where space.is_next`,
    [principal.tenant, scope.catalog ?? null, scope.spec ?? null],
  )
  return row
}

/** Operations whose text was set aside, newest first, at most `limit`. */
export async function setAside(
  db: Queryable,
  principal: Principal,
  scope: Scope,
  limit = 50,
): Promise<{ id: string; error: string; tries: number }[]> {
  return db.query(
    `select ref.id, coalesce(e.error, 'no known word') as error, e.tries
     from api_catalog.embeddings e
     join api_catalog.embedding_spaces space on space.id = e.space_id and space.is_active
     join api_catalog.operations o on o.text_hash = e.text_hash
     join api_catalog.operation_refs ref on ref.op = o.id
     where e.state = 'refused' and ref.tenant = $1
       and ($2::text is null or ref.catalog = $2) and ($3::text is null or ref.spec = $3)
     order by e.embedded_at desc, ref.id limit $4`,
    [principal.tenant, scope.catalog ?? null, scope.spec ?? null, limit],
  )
}

export interface JobRow {
  id: number
  catalog: string
  spec_name: string
  kind: string
  status: JobStatus
  attempts: number
  last_error: string | null
  worker_id: string | null
  created_at: Date
  started_at: Date | null
  completed_at: Date | null
  next_run_at: Date | null
  /** Of one that runs: until then its worker has it, unless it says again that it lives. */
  lease_expires_at: Date | null
}

/** The job history, newest first; `before` is the id of the last job of the page before. */
export async function listJobs(
  db: Queryable,
  principal: Principal,
  scope: Scope & { status?: JobStatus | undefined; before?: number | undefined; limit: number },
): Promise<JobRow[]> {
  return db.query<JobRow>(
    `select j.id, c.name as catalog, s.name as spec_name, j.kind, j.status, j.attempts,
       j.last_error, j.worker_id, j.created_at, j.started_at, j.completed_at,
       case when j.status = 'pending' then j.next_run_at end as next_run_at,
       case when j.status = 'running' then j.lease_expires_at end as lease_expires_at
     from api_catalog.embedding_jobs j
     join api_catalog.specs s on s.id = j.spec_id
     join api_catalog.catalogs c on c.id = s.catalog_id
     where c.tenant = $1 and ($2::text is null or c.name = $2) and ($3::text is null or s.name = $3)
       and ($4::text is null or j.status = $4) and ($5::bigint is null or j.id < $5)
     order by j.id desc limit $6`,
    [
      principal.tenant,
      scope.catalog ?? null,
      scope.spec ?? null,
      scope.status ?? null,
      scope.before ?? null,
      scope.limit,
    ],
  )
}
