import type { Database, Queryable } from '../db/database.js'
import { scopeCondition, scopeParams, type Scope } from './scope.js'

/** How many operations are in scope, and how many of them have a vector in the active space. */
export interface Coverage {
  embedded: number
  total: number
}

interface SpecVersion {
  spec_id: number
  space_id: number | null
  /** Space, birth, revision and number of changes: what was counted at one holds while it stands. */
  version: string
}

interface SpecCoverage {
  version: string
  byMethod: { method: string; embedded: number; total: number }[]
}

/**
 * What a process knows of one database. A count is made after its version was read, so it is never
 * older than that says.
 */
interface Counted {
  specs: Map<number, SpecCoverage>
  /** By what was asked: catalogs, specs and method. */
  scopes: Map<string, { version: string; coverage: Coverage }>
}

/**
 * Counting 80,000 operations takes longer than searching them, so each process keeps the counts of
 * every spec, and the sums of the scopes last asked for.
 */
const counted = new WeakMap<Database, Counted>()
const MAX_SCOPES = 1_000

export async function coverageOf(db: Database, scope: Scope): Promise<Coverage> {
  if ([scope.tag, scope.pathPrefix, scope.effect].some((one) => one !== null)) {
    return countInScope(db, scope)
  }
  const known = counted.get(db) ?? { specs: new Map(), scopes: new Map() }
  counted.set(db, known)
  const key = JSON.stringify([scope.catalogIds, scope.specIds, scope.method])
  const version = await scopeVersion(db, scope)
  const before = known.scopes.get(key)
  if (before?.version === version) return before.coverage
  const coverage = await sumOfSpecs(db, scope, known.specs)
  if (known.scopes.size >= MAX_SCOPES) known.scopes.clear()
  known.scopes.set(key, { version, coverage })
  return coverage
}

/** Changes whenever the version of a spec in scope does, or there are others. */
async function scopeVersion(db: Queryable, scope: Scope): Promise<string> {
  const [row] = await db.query<{ version: string }>(
    `select concat_ws(' ', count(*), bit_xor(hash_record_extended(
       (active.id, s.id, s.created_at, s.revision, noted.changes), 0))) as version
     ${VERSIONED_SPECS}`,
    [scope.catalogIds, scope.specIds],
  )
  return row?.version ?? ''
}

async function sumOfSpecs(
  db: Queryable,
  scope: Scope,
  known: Map<number, SpecCoverage>,
): Promise<Coverage> {
  const versions = await specVersions(db, scope)
  const changed = versions.filter(({ spec_id, version }) => known.get(spec_id)?.version !== version)
  for (const [id, spec] of await countSpecs(db, changed)) known.set(id, spec)
  const coverage = { embedded: 0, total: 0 }
  for (const { spec_id } of versions) {
    for (const { method, embedded, total } of known.get(spec_id)?.byMethod ?? []) {
      if (scope.method !== null && scope.method !== method) continue
      coverage.embedded += embedded
      coverage.total += total
    }
  }
  return coverage
}

/** Specs `s` of the catalogs $1 and, unless it is null, of $2, with their changes in the active space. */
const VERSIONED_SPECS = `from api_catalog.specs s
     left join api_catalog.embedding_spaces active on active.is_active
     left join api_catalog.embedding_changes noted
       on noted.space_id = active.id and noted.spec_id = s.id
     where s.catalog_id = any($1::integer[]) and ($2::integer[] is null or s.id = any($2))`

async function specVersions(db: Queryable, scope: Scope): Promise<SpecVersion[]> {
  return db.query<SpecVersion>(
    `select s.id as spec_id, active.id as space_id,
       concat_ws(' ', active.id, s.created_at, s.revision, coalesce(noted.changes, 0)) as version
     ${VERSIONED_SPECS}`,
    [scope.catalogIds, scope.specIds],
  )
}

async function countSpecs(
  db: Queryable,
  versions: readonly SpecVersion[],
): Promise<Map<number, SpecCoverage>> {
  const specs = new Map<number, SpecCoverage>(
    versions.map(({ spec_id, version }) => [spec_id, { version, byMethod: [] }]),
  )
  if (specs.size === 0) return specs
  const rows = await db.query<{
    spec_id: number
    method: string
    embedded: number
    total: number
  }>(
    `select o.spec_id, o.method, count(e.text_hash) as embedded, count(*) as total
     from api_catalog.operations o
     left join api_catalog.embeddings e
       on e.space_id = $2 and e.text_hash = o.text_hash and e.state = 'embedded'
     where o.spec_id = any($1::integer[])
     group by o.spec_id, o.method`,
    [[...specs.keys()], versions[0]?.space_id ?? null],
  )
  for (const { spec_id, ...count } of rows) specs.get(spec_id)?.byMethod.push(count)
  return specs
}

/** Tags and paths are not counted by spec: there are too many. */
async function countInScope(db: Queryable, scope: Scope): Promise<Coverage> {
  const [row] = await db.query<Coverage>(
    `select count(*) as total, count(e.text_hash) as embedded
     from api_catalog.operations o
     join api_catalog.specs s on s.id = o.spec_id
     left join api_catalog.embedding_spaces active on active.is_active
     left join api_catalog.embeddings e
       on e.space_id = active.id and e.text_hash = o.text_hash and e.state = 'embedded'
     where ${scopeCondition(1)}`,
    scopeParams(scope),
  )
  return row ?? { embedded: 0, total: 0 }
}
