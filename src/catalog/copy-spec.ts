import type { Database } from '../db/database.js'
import { ConflictError } from '../errors.js'
import { qualifiedSpec } from './names.js'
import type { UploadLimits } from './prepared-spec.js'
import type { Principal } from './principal.js'
import { loadRevision } from './revisions.js'
import { originsOf } from './spec-origins.js'
import { findSpec, listSpecs } from './specs.js'
import { uploadSpec, type UploadReport } from './upload-spec.js'

export interface CopySettings {
  limits: UploadLimits
  willEmbed: boolean
  signal?: AbortSignal | undefined
}

export interface SpecName {
  catalog: string
  spec: string
}

/**
 * Makes an older revision of a spec the current one again, as a new revision. Its texts are known,
 * so nothing is embedded. Throws InputError for a revision that is not kept.
 */
export async function rollBackSpec(
  db: Database,
  principal: Principal,
  { catalog, spec, revision }: SpecName & { revision: number },
  settings: CopySettings,
): Promise<UploadReport> {
  const { id } = await findSpec(db, principal, spec, catalog)
  const content = await loadRevision(db, id, revision)
  return uploadSpec(db, principal, {
    document: { content },
    source: null,
    catalog,
    name: spec,
    isRevision: true,
    ...settings,
  })
}

/**
 * Copies a spec's current revision under another name. The vectors are shared, so nothing is
 * embedded. A copy in another catalog is refreshed from the same URL; one beside the original is
 * not, for a URL names one spec of a catalog. Throws ConflictError where the name is taken.
 */
export async function cloneSpec(
  db: Database,
  principal: Principal,
  from: SpecName,
  to: SpecName,
  settings: CopySettings,
): Promise<UploadReport> {
  const original = await findSpec(db, principal, from.spec, from.catalog)
  await checkFree(db, principal, to)
  const isElsewhere = to.catalog !== from.catalog
  const [origin] = await originsOf(db, principal.tenant, { catalog: from.catalog, name: from.spec })
  return uploadSpec(db, principal, {
    document: { content: await loadRevision(db, original.id, original.revision) },
    source: isElsewhere ? original.source : null,
    catalog: to.catalog,
    name: to.spec,
    origin: isElsewhere ? origin : undefined,
    ...settings,
  })
}

/** Throws ConflictError where a spec has this name. */
export async function checkFree(
  db: Database,
  principal: Principal,
  { catalog, spec }: SpecName,
): Promise<void> {
  const taken = await listSpecs(db, principal, catalog)
  if (taken.some(({ name }) => name === spec)) {
    throw new ConflictError(`There is a spec "${qualifiedSpec(catalog, spec)}" already.`)
  }
}
