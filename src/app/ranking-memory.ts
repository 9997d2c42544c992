import type { PagedAnswer } from './paged-answer.js'

/** A ranking of a thousand hits takes about .2 MB. */
const KEPT = 32

/**
 * The rankings of the last questions, so that a next page continues the one before although vectors
 * arrive and specs are uploaded in between. Another process ranks again, and says so where that
 * gives another order (`search-cursor.ts`).
 */
export class RankingMemory {
  readonly #answers = new Map<string, PagedAnswer>()

  recall(key: string): PagedAnswer | undefined {
    return this.#answers.get(key)
  }

  keep(key: string, answer: PagedAnswer): void {
    this.#answers.delete(key)
    this.#answers.set(key, answer)
    const [oldest] = this.#answers.keys()
    if (oldest !== undefined && this.#answers.size > KEPT) this.#answers.delete(oldest)
  }
}
