import type { Role } from '../db/database.js'
import { BatchPace } from '../embedding/batch-pace.js'
import { embedOperations } from '../embedding/embed-operations.js'
import type { Embedder } from '../embedding/embedder.js'
import { reconcile } from '../embedding/reconcile.js'
import { removeOrphans } from '../embedding/remove-orphans.js'
import { removeRetired } from '../embedding/remove-retired.js'
import { keepIndexes } from '../embedding/space-index.js'
import { hasWaitingJobs } from '../embedding/space-jobs.js'
import { giveUpForgotten } from '../embedding/swap-space.js'
import { messageOf } from '../errors.js'
import { pruneJobs } from '../queue/prune.js'
import { QueueWorker } from '../queue/worker.js'
import type { Services } from './services.js'

/** How long until an embedder that cannot work now is asked again; its breaker may say no yet. */
const PROBE_MS = 2_000

/** What nobody needs any more is looked for once an hour and at the start: it reads the catalog. */
const CLEAN_EVERY_MS = 3_600_000

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
  // Each embedder has a pace of its own.
  const paces = new Map<Embedder, BatchPace>()
  const paceOf = (one: Embedder) => {
    const pace =
      paces.get(one) ?? new BatchPace({ ...config, unhurriedMs: config.queryTimeoutMs / 2 })
    paces.set(one, pace)
    return pace
  }
  let cleanedAt = -Infinity
  // Beside everything else, and left to the server where the program stops: it takes minutes.
  let indexing: Promise<void> | undefined
  return new QueueWorker({
    db,
    log,
    settings: config,
    spaces: async (signal) => {
      const open = await spaces.toFill(signal)
      const isOwnOpen = 'spaceId' in (await spaces.own(signal))
      return {
        spaceIds: open.map(({ spaceId }) => spaceId),
        waitMs: isOwnOpen ? Infinity : PROBE_MS,
      }
    },
    work: async (job, signal) => {
      const { embedder: ofSpace } = await spaces.ofJob(job.spaceId, signal)
      const pace = paceOf(ofSpace)
      await embedOperations({ db, embedder: ofSpace, pace, settings: config }, job, signal)
      if (!(await hasWaitingJobs(db, job.spaceId))) await spaces.finishSwap()
    },
    patienceMs: () => (role() === 'owner' ? 0 : ATTACHED_PATIENCE_MS),
    reconcile: async (spaceIds) => {
      for (const spaceId of spaceIds) {
        const asked = await reconcile(db, spaceId)
        if (asked > 0) log.info({ specs: asked }, 'specs lack vectors and were queued')
      }
      await spaces.finishSwap()
      indexing ??= keepIndexes(db)
        .catch((error: unknown) => log.warn({ err: error }, `index: ${messageOf(error)}`))
        .finally(() => (indexing = undefined))
      await pruneJobs(db, config.retentionDays)
      if (performance.now() - cleanedAt < CLEAN_EVERY_MS) return
      cleanedAt = performance.now()
      await giveUpForgotten(db, config.retentionDays)
      await removeRetired(db, config.retentionDays)
      await removeOrphans(db, config.retentionDays)
    },
  }).start()
}
