import type { Database } from '../db/database.js'
import { oneAtATime } from '../db/one-at-a-time.js'
import { missingHashes, textsOf, type MissingText, type Work } from './missing.js'

/** Texts loaded at once from the database: some kilobytes each at most. */
const PAGE = 256

/**
 * The texts that a spec misses, batch by batch, each given once: what is in flight or was left out
 * is not given again. What is missing is listed once, by hash, and listed again when all of it is
 * given: so edits that came meanwhile are seen. The next page is loaded while this one is embedded.
 */
export class TextSource {
  readonly #db: Database
  readonly #work: Work
  readonly #inOrder = oneAtATime()
  /** Listed and not loaded yet. */
  #hashes: string[] = []
  #loading: Promise<MissingText[]> | null = null
  /** Loaded and not given yet. */
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
      if (this.#page.length === 0) this.#page = await this.#nextPage()
      const batch = this.#page.splice(0, most)
      for (const { textHash } of batch) this.#given.add(textHash)
      this.#load()
      return batch
    })
  }

  /** They are written: if one is missing all the same, it was asked for again. */
  settled(texts: readonly MissingText[]): void {
    for (const { textHash } of texts) this.#given.delete(textHash)
  }

  /** Not to be given, as they have failed. */
  leaveOut(textHashes: readonly string[]): void {
    for (const textHash of textHashes) this.#given.add(textHash)
  }

  /** Pages are empty where others have settled their texts meanwhile. */
  async #nextPage(): Promise<MissingText[]> {
    for (;;) {
      if (!this.#loading && this.#hashes.length === 0) {
        const missing = await missingHashes(this.#db, this.#work)
        this.#hashes = missing.filter((textHash) => !this.#given.has(textHash))
        if (this.#hashes.length === 0) return []
      }
      this.#load()
      const page = (await this.#loading) ?? []
      this.#loading = null
      if (page.length > 0) return page
    }
  }

  #load(): void {
    if (this.#loading || this.#hashes.length === 0) return
    this.#loading = textsOf(this.#db, this.#work, this.#hashes.splice(0, PAGE))
    // Who takes the next batch hears of it; it may be that nobody does.
    this.#loading.catch(() => {})
  }
}
