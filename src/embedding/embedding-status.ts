import type { Principal } from '../catalog/principal.js'
import type { Database, Queryable } from '../db/database.js'
import type { JobStatus } from '../queue/jobs.js'
import { activeSpace, spaceById } from './spaces.js'
import { countSpecs, SPEC_VERSION, sumOf, type SpecCount, type SpecVersion } from './spec-counts.js'

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
  /** Still to be embedded, for the first time or again. */
  missing_count: number
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

/** A spec's row, and that of its newest job. */
type SpecRow = Omit<
  SpecStatus,
  | 'badge'
  | 'operation_count'
  | 'embedding_count'
  | 'without_vector_count'
  | 'missing_count'
  | 'eta_seconds'
> &
  SpecVersion & {
    /** Since the job began. */
    elapsed_seconds: number | null
    done_now: number | null
    has_yielded: boolean | null
  }

/** The state of every spec in scope, by catalog and name: in the active space, if no other is given. */
export async function specStatuses(
  db: Database,
  principal: Principal,
  scope: Scope,
  { willEmbed, spaceId }: { willEmbed: boolean; spaceId?: number | undefined },
): Promise<SpecStatus[]> {
  const space = spaceId === undefined ? await activeSpace(db) : await spaceById(db, spaceId)
  const rows = await specRows(db, principal, scope, space?.id ?? 0)
  const counts = await countSpecs(db, space?.id ?? null, rows)
  const isEmbedded = willEmbed || space?.isAbandoned === false
  return rows.map((row) => statusOf(row, sumOf(counts.get(row.specId) ?? []), isEmbedded))
}

function statusOf(row: SpecRow, count: SpecCount, willEmbed: boolean): SpecStatus {
  return {
    catalog: row.catalog,
    spec_name: row.spec_name,
    badge: badgeOf(row, count, willEmbed),
    operation_count: count.total,
    embedding_count: count.embedded,
    without_vector_count: count.withoutVector,
    missing_count: count.missing,
    embedded_so_far: row.embedded_so_far,
    job_status: row.job_status,
    job_attempts: row.job_attempts,
    job_last_error: row.job_last_error,
    job_updated_at: row.job_updated_at,
    next_run_at: row.next_run_at,
    eta_seconds: etaSeconds(row, count),
  }
}

async function specRows(
  db: Database,
  principal: Principal,
  scope: Scope,
  spaceId: number,
): Promise<SpecRow[]> {
  return db.query<SpecRow>(
    `select ${SPEC_VERSION}, coalesce(job.status = 'running', false) as "isRunning",
       c.name as catalog, s.name as spec_name,
       job.embedded_so_far, job.status as job_status, job.attempts as job_attempts,
       job.last_error as job_last_error, job.updated_at as job_updated_at,
       case when job.status in ('pending', 'failed') then job.next_run_at end as next_run_at,
       job.yielded as has_yielded, job.embedded_so_far - job.reused_count as done_now,
       extract(epoch from now() - job.started_at)::float8 as elapsed_seconds
     from api_catalog.specs s
     join api_catalog.catalogs c on c.id = s.catalog_id
     left join api_catalog.embedding_changes noted on noted.space_id = $4 and noted.spec_id = s.id
     left join lateral (
       select * from api_catalog.embedding_jobs j
       where j.spec_id = s.id and (j.space_id = $4 or j.space_id is null)
       order by j.status in ('pending', 'running') desc, j.id desc limit 1) job on true
     where c.tenant = $1 and ($2::text is null or c.name = $2) and ($3::text is null or s.name = $3)
     order by c.name = 'default' desc, c.name, s.name`,
    [principal.tenant, scope.catalog ?? null, scope.spec ?? null, spaceId],
  )
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
function badgeOf(row: SpecRow, { total, missing }: SpecCount, willEmbed: boolean): Badge {
  if (total === 0) return 'empty'
  if (!willEmbed) return missing === 0 ? 'indexed' : 'lexical_only'
  if (row.job_status === 'running') return 'indexing'
  if (row.job_status === 'pending' && missing === 0) return 'indexed'
  if (row.has_yielded) return 'indexing'
  if (row.job_status === 'pending') return (row.job_attempts ?? 0) > 0 ? 'retrying' : 'queued'
  if (missing === 0) return 'indexed'
  if (row.job_status === 'failed') return 'failed'
  return 'queued'
}

/** At the rate of the job so far. */
function etaSeconds(row: SpecRow, { missing }: SpecCount): number | null {
  const { elapsed_seconds: elapsed, done_now: done } = row
  const isUnderWay = row.job_status === 'running' || row.has_yielded
  if (!isUnderWay || !done || elapsed === null || done < 1) return null
  return Math.ceil((elapsed / done) * missing)
}

export interface SpaceStatus {
  provider: string
  model: string
  /** Operations in scope with a vector in it. */
  embedding_count: number
}

/** The space that the catalog is being changed over to, if any. */
export async function nextSpace(
  db: Database,
  principal: Principal,
  scope: Scope,
): Promise<SpaceStatus | undefined> {
  const [space] = await db.query<{ id: number; provider: string; model: string }>(
    `select id, provider, model from api_catalog.embedding_spaces where is_next`,
  )
  if (!space) return undefined
  const { id, provider, model } = space
  const counts = await countSpecs(db, id, await specRows(db, principal, scope, id))
  return { provider, model, embedding_count: sumOf([...counts.values()].flat()).embedded }
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
