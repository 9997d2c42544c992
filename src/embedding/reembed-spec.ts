import { findSpec } from '../catalog/specs.js'
import type { Principal } from '../catalog/principal.js'
import type { Database } from '../db/database.js'
import { enqueue, type EnqueuedJob } from '../queue/enqueue.js'

/**
 * Asks for every operation of a spec to be embedded again, unchanged ones and set-aside ones too.
 * Search goes on with the old vectors until the new ones are there.
 */
export async function reembedSpec(
  db: Database,
  principal: Principal,
  name: string,
  catalog?: string,
): Promise<{ catalog: string; spec: string; job: EnqueuedJob }> {
  return db.transaction(async (tx) => {
    const spec = await findSpec(tx, principal, name, catalog)
    await tx.query(`update api_catalog.specs set reembed_requested_at = now() where id = $1`, [
      spec.id,
    ])
    const job = await enqueue(tx, spec.id, 'manual_retry')
    return { catalog: spec.catalog, spec: spec.name, job }
  })
}
