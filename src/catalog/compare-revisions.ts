import type { Queryable } from '../db/database.js'
import { InputError } from '../errors.js'
import type { SpecComparison } from '../openapi/compare/compare-specs.js'
import { compareDocuments } from './prepare-spec.js'
import type { UploadLimits } from './prepared-spec.js'
import type { Principal } from './principal.js'
import { loadRevision } from './revisions.js'
import { findSpec } from './specs.js'

export interface RevisionComparison extends SpecComparison {
  catalog: string
  spec: string
  from: number
  to: number
}

/**
 * How two revisions of a spec differ: the current one and the one before it, unless others are
 * said. Throws InputError for a revision that is not kept.
 */
export async function compareRevisions(
  db: Queryable,
  principal: Principal,
  asked: { catalog: string; spec: string; from?: number | undefined; to?: number | undefined },
  limits: UploadLimits,
  signal?: AbortSignal,
): Promise<RevisionComparison> {
  const { catalog, spec } = asked
  const { id, revision } = await findSpec(db, principal, spec, catalog)
  const to = asked.to ?? revision
  const from = asked.from ?? to - 1
  if (from === 0) {
    throw new InputError(
      `Revision ${to} of ${spec} is its first: there is nothing to compare it with yet.`,
    )
  }
  const before = await loadRevision(db, id, from)
  const after = await loadRevision(db, id, to)
  return { catalog, spec, from, to, ...(await compareDocuments(before, after, limits, signal)) }
}
