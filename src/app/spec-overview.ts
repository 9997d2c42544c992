import type { Principal } from '../catalog/principal.js'
import { listRevisions, type RevisionRow } from '../catalog/revisions.js'
import { findSpec } from '../catalog/specs.js'
import { storedWarnings } from '../catalog/validate-spec.js'
import { NotFoundError } from '../errors.js'
import type { SpecWarning } from '../openapi/parsed-spec.js'
import { overviewOf, type SpecOverview } from './catalog-overview.js'
import { embeddingStatus, type Status } from './embedding-status.js'
import type { Services } from './services.js'

/** All that is known of one spec but its operations. */
export interface SpecDetails {
  spec: SpecOverview
  set_aside: Status['set_aside']
  /** The newest. */
  jobs: NonNullable<Status['jobs']>
  /** Those that are kept, newest first. */
  revisions: RevisionRow[]
  /** Of the current revision's document, as many as are kept; those of its schema come later. */
  warnings: SpecWarning[]
  warning_count: number
}

const SHOWN_JOBS = 10

/** Throws NotFoundError for a spec that is not there. */
export async function specDetails(
  services: Services,
  principal: Principal,
  named: { catalog: string; spec: string },
): Promise<SpecDetails> {
  const { db } = services
  const { structured } = await embeddingStatus(services, principal, { ...named, jobs: SHOWN_JOBS })
  const row = await findSpec(db, principal, named.spec, named.catalog)
  const [status] = structured.specs
  if (!status) throw new NotFoundError(`"${named.spec}" is new: ask again.`)
  const { warnings, warningCount } = await storedWarnings(db, row.id)
  return {
    spec: overviewOf(status, row),
    set_aside: structured.set_aside,
    jobs: structured.jobs ?? [],
    revisions: await listRevisions(db, row.id),
    warnings,
    warning_count: warningCount,
  }
}
