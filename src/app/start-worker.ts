import type { Role } from '../db/database.js'
import { BatchPace } from '../embedding/batch-pace.js'
import { embedOperations } from '../embedding/embed-operations.js'
import { reconcile } from '../embedding/reconcile.js'
import { pruneJobs } from '../queue/prune.js'
import { QueueWorker } from '../queue/worker.js'
import type { Services } from './services.js'

/** How long until an embedder that cannot work now is asked again; its breaker may say no yet. */
const PROBE_MS = 2_000

/**
 * Of the processes on one data directory the owner works, next to the engine. Another steps in for
 * a job that the owner does not take: it has no worker, no embedder, or enough to do.
 */
const ATTACHED_PATIENCE_MS = 3_000

/** Starts the background worker that embeds what is missing in the active space. */
export function startWorker(
  { db, config, log, embedder, spaces }: Services,
  role: () => Role,
): QueueWorker {
  if (!embedder) throw new Error('a worker needs an embedder')
  const pace = new BatchPace({ ...config, unhurriedMs: config.queryTimeoutMs / 2 })
  return new QueueWorker({
    db,
    log,
    settings: config,
    space: async (signal) => {
      const answer = await spaces.current(signal)
      return 'spaceId' in answer ? answer : { waitMs: PROBE_MS }
    },
    work: (job, signal) => embedOperations({ db, embedder, pace, settings: config }, job, signal),
    patienceMs: () => (role() === 'owner' ? 0 : ATTACHED_PATIENCE_MS),
    reconcile: async (spaceId) => {
      const asked = await reconcile(db, spaceId)
      if (asked > 0) log.info({ specs: asked }, 'specs lack vectors and were queued')
      await pruneJobs(db, config.retentionDays)
    },
  }).start()
}
