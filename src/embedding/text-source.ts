import type { Database } from '../db/database.js'
import { oneAtATime } from '../db/one-at-a-time.js'
import { missingTexts, type MissingText, type Work } from './missing.js'

/** Texts asked for at once from the database: some kilobytes each at most. */
const PAGE = 256

/**
 * The texts that a spec misses, batch by batch, each given once: what is in flight or was left out
 * is not given again. Edits that come meanwhile are seen with the next page.
 */
export class TextSource {
  readonly #db: Database
  readonly #work: Work
  readonly #inOrder = oneAtATime()
  #page: MissingText[] = []
  /** Hashes of texts that are given and not settled. */
  readonly #given = new Set<string>()

  constructor(db: Database, work: Work) {
    this.#db = db
    this.#work = work
  }

  /** The next texts, `most` or fewer; none when nothing is missing but what is in flight. */
  async take(most: number): Promise<MissingText[]> {
    return this.#inOrder(async () => {
      if (this.#page.length === 0) {
        this.#page = await missingTexts(this.#db, this.#work, Math.max(PAGE, most), [
          ...this.#given,
        ])
      }
      const batch = this.#page.splice(0, most)
      for (const { textHash } of batch) this.#given.add(textHash)
      return batch
    })
  }

  /** They are written: if one is missing all the same, it was asked for again. */
  settled(texts: readonly MissingText[]): void {
    for (const { textHash } of texts) this.#given.delete(textHash)
  }

  /** Not to be given, as it has failed. */
  leaveOut(textHashes: readonly string[]): void {
    for (const textHash of textHashes) this.#given.add(textHash)
  }
}
