import type { Role } from '../db/database.js'
import { refreshStatistics } from '../db/refresh-statistics.js'
import { BatchPace } from '../embedding/batch-pace.js'
import { noteSettled } from '../embedding/changes.js'
import { embedOperations } from '../embedding/embed-operations.js'
import type { Embedder } from '../embedding/embedder.js'
import { hasWaitingJobs } from '../embedding/space-jobs.js'
import type { ClaimedJob } from '../queue/jobs.js'
import { QueueWorker } from '../queue/worker.js'
import { housekeeping } from './housekeeping.js'
import type { Services } from './services.js'

/** How long until an embedder that cannot work now is asked again; its breaker may say no yet. */
const PROBE_MS = 2_000

/**
 * Of the processes on one data directory the owner works, next to the engine. Another steps in for
 * a job that the owner does not take: it has no worker, no embedder, or enough to do.
 */
const ATTACHED_PATIENCE_MS = 3_000

/** Starts the background worker that embeds what is missing in the active space and the next one. */
export function startWorker(services: Services, role: () => Role): QueueWorker {
  const { db, config, log, embedder, spaces, metrics } = services
  if (!embedder) throw new Error('a worker needs an embedder')
  return new QueueWorker({
    db,
    log,
    metrics,
    settings: config,
    spaces: async (signal) => {
      const open = await spaces.toFill(signal)
      const isOwnOpen = 'spaceId' in (await spaces.own(signal))
      return {
        spaceIds: open.map(({ spaceId }) => spaceId),
        waitMs: isOwnOpen ? Infinity : PROBE_MS,
      }
    },
    work: jobWork(services),
    patienceMs: () => (role() === 'owner' ? 0 : ATTACHED_PATIENCE_MS),
    reconcile: housekeeping(services),
  }).start()
}

/** The work of a job with the embedder of its space, each of which has a pace of its own. */
function jobWork({ db, config, spaces, questions, metrics }: Services) {
  const paces = new Map<Embedder, BatchPace>()
  const paceOf = (embedder: Embedder) => {
    const pace =
      paces.get(embedder) ?? new BatchPace({ ...config, unhurriedMs: config.queryTimeoutMs / 2 })
    paces.set(embedder, pace)
    return pace
  }
  return async (job: ClaimedJob, signal: AbortSignal) => {
    const { embedder } = await spaces.ofJob(job.spaceId, signal)
    const pace = paceOf(embedder)
    const context = { db, embedder, pace, questions, metrics, settings: config }
    await embedOperations(context, job, signal)
    await noteSettled(db, job.spaceId, job.specId)
    await refreshStatistics(db)
    if (await hasWaitingJobs(db, job.spaceId)) return
    await spaces.finishSwap()
  }
}
