import { basename, extname, join } from 'node:path'
import type { Database, Queryable } from '../db/database.js'
import { InputError } from '../errors.js'
import type { SpecWarning } from '../openapi/parsed-spec.js'
import { enqueue, type EnqueuedJob } from '../queue/enqueue.js'
import { lockCatalog } from './catalogs.js'
import { checkedName, DEFAULT_CATALOG, slug } from './names.js'
import { prepareSpec } from './prepare-spec.js'
import type { PreparedSpec, SpecSource, UploadLimits } from './prepared-spec.js'
import type { Principal } from './principal.js'
import { pruneRevisions } from './revisions.js'
import { rememberFetch, type FetchedFrom } from './spec-origins.js'
import { storeOperations, type Changes } from './store-operations.js'
import { WORDS_VERSION } from './words/impacts.js'

export interface UploadRequest {
  document: SpecSource
  /** Absolute path or URL that the document came from; null for inline content. */
  source: string | null
  limits: UploadLimits
  catalog?: string | undefined
  name?: string | undefined
  /** `name` is that of the spec to revise, whatever title and source it has now. */
  isRevision?: boolean | undefined
  /** `name` is kept as it is: a spec that has it is revised, whatever title and source it has. */
  isNameFixed?: boolean | undefined
  /** How a document that was fetched is fetched again. */
  origin?: FetchedFrom | undefined
  /** False where nothing will embed: then no job is made unless another process embeds. */
  willEmbed: boolean
  signal?: AbortSignal | undefined
}

export interface UploadReport {
  specId: number
  catalog: string
  spec: string
  /** Who has the name that was asked for, where that is another API: its name, and its title. */
  nameTaken: { name: string; title: string | null } | null
  outcome: 'created' | 'revised' | 'unchanged'
  revision: number
  title: string | null
  version: string | null
  operationCount: number
  changes: Changes
  warnings: SpecWarning[]
  job: EnqueuedJob | null
}

interface CurrentSpec {
  id: number
  name: string
  title: string | null
  revision: number
  operation_count: number
  content_hash: string
}

/** Warnings kept with a revision; the rest are counted. */
export const MAX_STORED_WARNINGS = 1_000

/**
 * Takes one API document into a catalog. When it returns the spec is searchable and its embedding
 * is queued. Throws InputError when the document cannot be taken, saying why.
 */
export async function uploadSpec(
  db: Database,
  principal: Principal,
  request: UploadRequest,
): Promise<UploadReport> {
  const catalog = checkedName('catalog', request.catalog ?? DEFAULT_CATALOG)
  if (request.name !== undefined) checkedName('spec', request.name)
  const prepared = await prepareSpec(request.document, request.limits, request.signal)
  const source = sourceOf(request, prepared)
  return db.transaction(async (tx) => {
    const catalogId = await lockCatalog(tx, principal, catalog)
    const wanted = await wantedName(tx, catalogId, request.name, source, prepared)
    const settled = await settleName(tx, catalogId, { wanted, source }, request, prepared)
    const { name, current, first } = settled
    const nameTaken = request.name === undefined || name === wanted ? null : first
    const report = { catalog, spec: name, nameTaken, ...describe(prepared) }
    const { origin } = request
    if (request.isRevision && !current) {
      throw new InputError(`The spec "${name}" was deleted meanwhile.`)
    }
    if (current?.content_hash === prepared.contentHash) {
      if (origin) await rememberFetch(tx, current.id, origin, prepared.contentHash)
      const changes = { added: 0, removed: 0, changed: 0, unchanged: current.operation_count }
      const { id: specId, revision } = current
      const warnings = [...report.warnings, ...(await schemaWarnings(tx, specId, revision))]
      return { ...report, specId, outcome: 'unchanged', revision, changes, warnings, job: null }
    }
    const revision = (current?.revision ?? 0) + 1
    const specId = await writeSpec(tx, catalogId, name, source, revision, prepared)
    if (origin) await rememberFetch(tx, specId, origin, prepared.contentHash)
    await writeRevision(tx, specId, revision, prepared)
    await pruneRevisions(tx, specId)
    const changes = await storeOperations(tx, { catalogId, specId }, prepared)
    const job = await enqueueFor(tx, specId, prepared, request.willEmbed)
    const outcome = current ? 'revised' : 'created'
    return { ...report, specId, outcome, revision, changes, job }
  })
}

function describe(prepared: PreparedSpec) {
  const { title, version, operations, warnings } = prepared
  return { title, version, operationCount: operations.length, warnings }
}

/** Of a document in a directory or zip: where in it. A URL stays what is fetched again. */
function sourceOf({ source, origin }: UploadRequest, { entry }: PreparedSpec): string | null {
  return source === null || entry === null || origin ? source : join(source, entry)
}

/** As given, else the name under which this source is known, else made of title, file or host. */
async function wantedName(
  tx: Queryable,
  catalogId: number,
  name: string | undefined,
  source: string | null,
  { title }: PreparedSpec,
): Promise<string> {
  if (name !== undefined) return name
  const [known] = await tx.query<{ name: string }>(
    `select name from api_catalog.specs where catalog_id = $1 and source = $2
     order by updated_at desc limit 1`,
    [catalogId, source],
  )
  return known?.name ?? (slug(title ?? '') || slug(nameOfSource(source)) || 'spec')
}

function nameOfSource(source: string | null): string {
  if (source === null) return ''
  return URL.canParse(source) && /^https?:/.test(source)
    ? new URL(source).hostname
    : basename(source, extname(source))
}

/**
 * A name is another revision of the spec that has it when their sources or their titles are the
 * same; otherwise `-2`, `-3` … is added, so that one API never silently takes another's place.
 * `first` is the spec that has the wanted name then.
 */
async function settleName(
  tx: Queryable,
  catalogId: number,
  { wanted, source }: { wanted: string; source: string | null },
  { isRevision = false, isNameFixed = false }: UploadRequest,
  { title }: PreparedSpec,
): Promise<{ name: string; current: CurrentSpec | undefined; first: CurrentSpec | null }> {
  let first: CurrentSpec | null = null
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? '' : `-${n}`
    const name = wanted.slice(0, 64 - suffix.length) + suffix
    const [current] = await tx.query<CurrentSpec & { is_same: boolean }>(
      `select s.id, s.name, s.title, s.revision, s.operation_count, r.content_hash,
         coalesce(s.source = $3, false) or s.title is not distinct from $4 as is_same
       from api_catalog.specs s
       join api_catalog.revisions r on r.spec_id = s.id and r.revision = s.revision
       where s.catalog_id = $1 and s.name = $2`,
      [catalogId, name, source, title],
    )
    if (!current || current.is_same || isRevision || isNameFixed) return { name, current, first }
    first ??= current
  }
}

async function writeSpec(
  tx: Queryable,
  catalogId: number,
  name: string,
  source: string | null,
  revision: number,
  { title, version, description, operations }: PreparedSpec,
): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `insert into api_catalog.specs
       (catalog_id, name, source, title, version, description, revision, operation_count,
        words_version)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     on conflict (catalog_id, name) do update set
       source = coalesce(excluded.source, specs.source), title = excluded.title,
       version = excluded.version, description = excluded.description,
       revision = excluded.revision, operation_count = excluded.operation_count,
       updated_at = now()
     returning id`,
    [
      catalogId,
      name,
      source,
      title,
      version,
      description,
      revision,
      operations.length,
      // Only of a new spec: unchanged operations of a known one keep the words that they have.
      WORDS_VERSION,
    ],
  )
  return (row as { id: number }).id
}

async function writeRevision(
  tx: Queryable,
  specId: number,
  revision: number,
  spec: PreparedSpec,
): Promise<void> {
  await tx.query(
    `insert into api_catalog.revisions
       (spec_id, revision, content_hash, content, title, version, dialect, operation_count,
        warnings, warning_count)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10)`,
    [
      specId,
      revision,
      spec.contentHash,
      spec.content,
      spec.title,
      spec.version,
      spec.dialect,
      spec.operations.length,
      JSON.stringify(spec.warnings.slice(0, MAX_STORED_WARNINGS)),
      spec.warnings.length,
    ],
  )
}

/** What a check after an earlier upload found. */
async function schemaWarnings(
  tx: Queryable,
  specId: number,
  revision: number,
): Promise<SpecWarning[]> {
  const [row] = await tx.query<{ warnings: SpecWarning[] }>(
    `select warnings from api_catalog.revisions where spec_id = $1 and revision = $2`,
    [specId, revision],
  )
  return (row?.warnings ?? []).filter(({ code }) => code.startsWith('SCHEMA_'))
}

async function enqueueFor(
  tx: Queryable,
  specId: number,
  prepared: PreparedSpec,
  willEmbed: boolean,
): Promise<EnqueuedJob | null> {
  if (prepared.operations.length === 0) return null
  if (!willEmbed && !(await hasActiveSpace(tx))) return null
  return enqueue(tx, specId, 'spec_write')
}

async function hasActiveSpace(tx: Queryable): Promise<boolean> {
  const rows = await tx.query(`select 1 from api_catalog.embedding_spaces where is_active`)
  return rows.length > 0
}
