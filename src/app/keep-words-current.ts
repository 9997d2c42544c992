import { reindexWords } from '../catalog/reindex-words.js'
import { messageOf } from '../errors.js'
import type { Services } from './services.js'

/** Indexes in the background what an older version of the program indexed. Never throws. */
export async function keepWordsCurrent({ db, log }: Services, signal: AbortSignal): Promise<void> {
  try {
    const specs = await reindexWords(db, signal)
    if (specs > 0) log.info({ specs }, 'specs of an older version were indexed again')
  } catch (error) {
    // Their old words find them until the next start.
    if (!signal.aborted) log.error({ err: error }, messageOf(error))
  }
}
