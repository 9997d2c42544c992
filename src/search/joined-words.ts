import { stem } from '../catalog/words/words.js'

/** So many of a question: each is a sum more in the database. */
const MAX_JOINED = 2

/**
 * Neighbours of a question as the one word that a path may have for them, as in the index: "audit
 * events" is `auditevents`, "pull request" `pullrequest`. By that word, the two.
 */
export function joinedWords(words: readonly string[]): Map<string, [string, string]> {
  return new Map(
    words.slice(1).map((word, at) => {
      const pair: [string, string] = [words[at] ?? '', word]
      return [stem(pair.join('')), pair]
    }),
  )
}

/** Those that tell most. */
export function mostTelling<Term extends { idf: number }>(joined: readonly Term[]): Term[] {
  return joined.toSorted((a, b) => b.idf - a.idf).slice(0, MAX_JOINED)
}
