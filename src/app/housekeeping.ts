import { refreshStatistics } from '../db/refresh-statistics.js'
import { reconcile } from '../embedding/reconcile.js'
import { removeOrphans } from '../embedding/remove-orphans.js'
import { removeRetired } from '../embedding/remove-retired.js'
import { keepIndexes } from '../embedding/space-index.js'
import { giveUpForgotten } from '../embedding/swap-space.js'
import { messageOf } from '../errors.js'
import { pruneJobs } from '../queue/prune.js'
import type { Services } from './services.js'

/** What nobody needs any more is looked for once an hour and at the start: it reads the catalog. */
const CLEAN_EVERY_MS = 3_600_000

/**
 * What a worker does now and then besides its jobs, to be called on a timer: asks for what the
 * spaces that it fills miss, finishes swaps, keeps indexes, and removes what is over.
 */
export function housekeeping({
  db,
  config,
  log,
  spaces,
}: Services): (spaceIds: readonly number[]) => Promise<void> {
  let cleanedAt = -Infinity
  // Beside everything else, and left to the server where the program stops: it takes minutes.
  let indexing: Promise<void> | undefined
  return async (spaceIds) => {
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
    await refreshStatistics(db)
    await giveUpForgotten(db, config.retentionDays)
    await removeRetired(db, config.retentionDays)
    await removeOrphans(db, config.retentionDays)
  }
}
