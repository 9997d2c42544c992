import { wordsOf } from '../src/embedding/bundled/words.js'

/** Shorter phrases ("get user") stand in any text about their subject. */
const LEAST_WORDS = 4

/** Phrases, found word for word in texts whatever their case and punctuation. */
export class Phrases {
  /** By the first two words. */
  readonly #byStart = new Map<string, string[][]>()

  /** Phrases of fewer than four words are left out. */
  constructor(phrases: Iterable<string>) {
    for (const phrase of phrases) {
      const words = wordsOf(phrase)
      if (words.length < LEAST_WORDS) continue
      const start = `${words[0]} ${words[1]}`
      this.#byStart.set(start, [...(this.#byStart.get(start) ?? []), words])
    }
  }

  /** The first phrase that stands in the text; null where none does. */
  firstIn(text: string): string | null {
    const words = wordsOf(text)
    for (let at = 0; at + LEAST_WORDS <= words.length; at++) {
      const found = this.#byStart
        .get(`${words[at]} ${words[at + 1]}`)
        ?.find((phrase) => phrase.every((word, i) => words[at + i] === word))
      if (found) return found.join(' ')
    }
    return null
  }
}
