import { setTimeout as delay } from 'node:timers/promises'
import type { Services } from '../../app/services.js'
import type { Queryable } from '../../db/database.js'
import { ProgressLine } from '../progress.js'

/** How often it is asked how far the work is. */
const ASK_MS = 1_000

/**
 * Shows progress on stderr until no embedding job is waiting or running. Asks less than the status
 * does, which of thousands of specs would keep an embedded database from the work itself.
 */
export async function untilEmbedded({ db }: Services): Promise<void> {
  const progress = new ProgressLine()
  let shownReason: string | null = null
  for (;;) {
    const { open, settled, total, reason } = await workLeft(db)
    progress.update(open === 0 ? total : Math.min(settled, total), total)
    if (open === 0) break
    if (reason !== null && reason !== shownReason) process.stderr.write(`\nwaiting: ${reason}\n`)
    shownReason = reason
    await delay(ASK_MS)
  }
  progress.end()
}

interface WorkLeft {
  /** Jobs. */
  open: number
  /** Texts, of which several operations may have the same. */
  settled: number
  /** Operations. */
  total: number
  /** Why a job has not been done at its first try; null where none has failed. */
  reason: string | null
}

async function workLeft(db: Queryable): Promise<WorkLeft> {
  const [row] = await db.query<WorkLeft>(
    `select
       (select count(*) from api_catalog.embedding_jobs
        where status in ('pending', 'running')) as open,
       (select count(*) from api_catalog.embeddings) as settled,
       (select coalesce(sum(operation_count), 0) from api_catalog.catalogs) as total,
       (select last_error from api_catalog.embedding_jobs
        where status = 'pending' and last_error is not null limit 1) as reason`,
  )
  return row ?? { open: 0, settled: 0, total: 0, reason: null }
}
