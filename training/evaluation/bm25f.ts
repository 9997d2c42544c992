import { stemmer } from 'stemmer'
import { wordsOf } from '../../src/embedding/bundled/words.js'
import type { OperationText } from '../../src/embedding/embedder.js'

/** Weight of parameter names and of the description; 1 is plain BM25F. */
export interface LexicalWeights {
  parameters: number
  description: number
}

export const PLAIN: LexicalWeights = { parameters: 1, description: 1 }

const K1 = 1.2
const B = 0.7
const DESCRIPTION_CHARACTERS = 1500

const STOP_WORDS = new Set(
  `a about all also am an and any are as at be been but by can could did do does for from give had
  has have how i if in into is it its me my of on or our please show so some tell than that the
  their them then there these they this those to was we were what when where which who will with
  would you your`.split(/\s+/),
)

/** Stemmed words without those that only make a sentence. */
export function termsOf(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !STOP_WORDS.has(word))
    .map((word) => stemmer(word))
}

/** Ranks operations by words: the fields' term frequencies are pooled, each with its weight. */
export class Bm25f {
  readonly #postings = new Map<string, { operations: number[]; frequencies: number[] }>()
  readonly #lengths: Float64Array
  readonly #meanLength: number
  readonly #size: number

  constructor(operations: readonly OperationText[], weights: LexicalWeights) {
    this.#size = operations.length
    this.#lengths = new Float64Array(operations.length)
    for (const [index, operation] of operations.entries()) {
      const frequencies = new Map<string, number>()
      for (const [text, weight] of weightedFields(operation, weights)) {
        for (const term of termsOf(text)) {
          frequencies.set(term, (frequencies.get(term) ?? 0) + weight)
          this.#lengths[index]! += weight
        }
      }
      for (const [term, frequency] of frequencies) this.#add(term, index, frequency)
    }
    this.#meanLength = this.#lengths.reduce((sum, length) => sum + length, 0) / this.#size
  }

  #add(term: string, index: number, frequency: number): void {
    const posting = this.#postings.get(term)
    if (posting) {
      posting.operations.push(index)
      posting.frequencies.push(frequency)
    } else {
      this.#postings.set(term, { operations: [index], frequencies: [frequency] })
    }
  }

  /** One score for each operation; 0 where no word is shared. */
  scores(query: string): Float32Array {
    const scores = new Float32Array(this.#size)
    for (const term of new Set(termsOf(query))) {
      const posting = this.#postings.get(term)
      if (!posting) continue
      const count = posting.operations.length
      const idf = Math.log(1 + (this.#size - count + 0.5) / (count + 0.5))
      for (const [at, index] of posting.operations.entries()) {
        const frequency = posting.frequencies[at]!
        const length = 1 - B + (B * this.#lengths[index]!) / this.#meanLength
        scores[index]! += (idf * frequency * (K1 + 1)) / (frequency + K1 * length)
      }
    }
    return scores
  }
}

function weightedFields(
  operation: OperationText,
  weights: LexicalWeights,
): [text: string, weight: number][] {
  return [
    [operation.summary ?? '', 1],
    [operation.path, 1],
    [operation.operationId ?? '', 1],
    [(operation.description ?? '').slice(0, DESCRIPTION_CHARACTERS), weights.description],
    [operation.tags.join(' '), 1],
    [operation.method, 1],
    [operation.parameters.join(' '), weights.parameters],
  ]
}
