import { findSpec } from '../catalog/specs.js'
import type { Principal } from '../catalog/principal.js'
import type { Database } from '../db/database.js'
import { InputError } from '../errors.js'
import { enqueue, type EnqueuedJob } from '../queue/enqueue.js'
import { activeSpace } from './spaces.js'

/**
 * Asks for every operation of a spec to be embedded again, unchanged ones and set-aside ones too.
 * Search goes on with the old vectors until the new ones are there. Throws InputError where
 * nothing embeds: neither this process nor another that is alive.
 */
export async function reembedSpec(
  db: Database,
  principal: Principal,
  { name, catalog, willEmbed }: { name: string; catalog?: string; willEmbed: boolean },
): Promise<{ catalog: string; spec: string; job: EnqueuedJob }> {
  return db.transaction(async (tx) => {
    const spec = await findSpec(tx, principal, name, catalog)
    const active = await activeSpace(tx)
    if (!willEmbed && active?.isAbandoned !== false) {
      throw new InputError(
        'Nothing embeds here: no embedder is configured. Start with API_CATALOG_EMBEDDER=bundled.',
      )
    }
    await tx.query(
      `update api_catalog.specs set reembed_requested_at = now(), reembed_space_id = $2
       where id = $1`,
      [spec.id, active?.id ?? null],
    )
    const job = await enqueue(tx, spec.id, 'manual_retry')
    return { catalog: spec.catalog, spec: spec.name, job }
  })
}
