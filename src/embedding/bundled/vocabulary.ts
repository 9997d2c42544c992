import { lightStem } from './words.js'

/** Longer runs of letters are no words but ciphers; splitting them would only cost time. */
const LONGEST_SPLIT = 40
const SHORTEST_PIECE = 3
const MOST_PIECES = 4

/** Words that are stemmed at once, which takes some 3 ms in a process that was just started. */
const STEP = 4_000

/**
 * Of the words with one stem, the row of the most frequent; `rowOf` has the most frequent word first.
 * Yields now and then, so that something else may be done meanwhile.
 */
export function* stemRows(
  rowOf: ReadonlyMap<string, number>,
): Generator<void, Map<string, number>> {
  const rowOfStem = new Map<string, number>()
  let steps = 0
  for (const [word, row] of rowOf) {
    const stem = lightStem(word)
    if (!rowOfStem.has(stem)) rowOfStem.set(stem, row)
    if (++steps % STEP === 0) yield
  }
  return rowOfStem
}

/** Finds the rows of words, also of such that are not in the vocabulary as they are written. */
export class Vocabulary {
  readonly #rowOf: ReadonlyMap<string, number>
  readonly #rowOfStem: ReadonlyMap<string, number>

  /** `rowOf`: the most frequent word first; `rowOfStem`: what `stemRows` makes of it. */
  constructor(rowOf: ReadonlyMap<string, number>, rowOfStem = inOneGo(stemRows(rowOf))) {
    this.#rowOf = rowOf
    this.#rowOfStem = rowOfStem
  }

  /**
   * The word's row; else that of a word with its stem; else those of up to four known pieces that
   * it is made of (`ticketqueue` → ticket, queue); else none.
   */
  rowsOf(word: string): readonly number[] {
    const row = this.#rowOf.get(word) ?? this.#rowOfStem.get(lightStem(word))
    return row === undefined ? this.#pieces(word) : [row]
  }

  /** Fewest pieces win; among those the one with the longest last piece. */
  #pieces(word: string): readonly number[] {
    if (word.length < 2 * SHORTEST_PIECE || word.length > LONGEST_SPLIT) return []
    const best: (number[] | undefined)[] = [[]]
    for (let end = SHORTEST_PIECE; end <= word.length; end++) {
      for (let start = 0; start <= end - SHORTEST_PIECE; start++) {
        const before = best[start]
        if (!before || before.length >= (best[end]?.length ?? MOST_PIECES + 1) - 1) continue
        const row = this.#rowOf.get(word.slice(start, end))
        if (row !== undefined) best[end] = [...before, row]
      }
    }
    return best[word.length] ?? []
  }
}

function inOneGo<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}
