import type * as z from 'zod'
import type { Principal } from '../catalog/principal.js'
import { checkCatalog, listSpecs } from '../catalog/specs.js'
import { specStatuses, summarize, type StatusSummary } from '../embedding/embedding-status.js'
import { specFacts, type listedSpec } from './list-specs.js'
import { willEmbed, type Services } from './services.js'

/** A catalog with its specs as `list_specs` has them, and the summary of `embedding_status`. */
export interface ShownCatalog {
  name: string
  specs: z.infer<typeof listedSpec>[]
  embedding: StatusSummary
}

/** One catalog. Throws NotFoundError where there is none. */
export async function showCatalog(
  services: Services,
  principal: Principal,
  catalog: string,
): Promise<ShownCatalog> {
  const { db } = services
  await checkCatalog(db, principal, catalog)
  const [rows, statuses] = await Promise.all([
    listSpecs(db, principal, catalog),
    specStatuses(db, principal, { catalog }, { willEmbed: willEmbed(services) }),
  ])
  const badges = new Map(statuses.map(({ spec_name, badge }) => [spec_name, badge]))
  return {
    name: catalog,
    specs: rows.map((row) => specFacts(row, badges.get(row.name) ?? 'queued')),
    embedding: summarize(statuses),
  }
}
