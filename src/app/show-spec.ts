import * as z from 'zod'
import type { Principal } from '../catalog/principal.js'
import { loadRevision } from '../catalog/revisions.js'
import { findSpec } from '../catalog/specs.js'
import { specStatuses } from '../embedding/embedding-status.js'
import { statusFacts, statusOutput } from './embedding-status.js'
import { listedSpec, specFacts } from './list-specs.js'
import { willEmbed, type Services } from './services.js'

export const showOutput = listedSpec.extend({
  catalog: z.string(),
  embedding: statusOutput.shape.specs.element.describe('its row of the embedding status'),
})

export type ShownSpec = z.infer<typeof showOutput>

interface SpecName {
  catalog: string
  spec: string
}

/** One spec, and how far it is embedded. Throws NotFoundError where there is none. */
export async function showSpec(
  services: Services,
  principal: Principal,
  { catalog, spec }: SpecName,
): Promise<ShownSpec> {
  const { db } = services
  const row = await findSpec(db, principal, spec, catalog)
  const scope = { catalog, spec }
  const [status] = await specStatuses(db, principal, scope, { willEmbed: willEmbed(services) })
  // Deleted between the two questions.
  if (!status) return showSpec(services, principal, scope)
  return { catalog, ...specFacts(row, status.badge), embedding: statusFacts(status) }
}

/**
 * The document of a spec as it was stored, of its current revision unless another is said. Throws
 * NotFoundError where there is none.
 */
export async function specDocument(
  { db }: Services,
  principal: Principal,
  { catalog, spec, revision }: SpecName & { revision?: number | undefined },
): Promise<{ content: Uint8Array; revision: number }> {
  const found = await findSpec(db, principal, spec, catalog)
  const wanted = revision ?? found.revision
  return { content: await loadRevision(db, found.id, wanted), revision: wanted }
}
