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

/** Stemming costs more than all the rest of an index, and words come again. */
const stems = new Map<string, string>()

/** Stemmed words without those that only make a sentence. */
export function termsOf(text: string): string[] {
  return wordsOf(text)
    .filter((word) => !STOP_WORDS.has(word))
    .map(stemOf)
}

function stemOf(word: string): string {
  const known = stems.get(word)
  if (known !== undefined) return known
  const stem = stemmer(word)
  stems.set(word, stem)
  return stem
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
      const { parameters, description, others } = fieldTerms(operation)
      const weighted: [string[], number][] = [
        [parameters, weights.parameters],
        [description, weights.description],
        [others, 1],
      ]
      for (const [terms, weight] of weighted) {
        for (const term of terms) {
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

interface FieldTerms {
  parameters: string[]
  description: string[]
  others: string[]
}

/** The sets have tens of thousands of operations in common, and each is indexed by both weights. */
const termsOfOperation = new WeakMap<OperationText, FieldTerms>()

function fieldTerms(operation: OperationText): FieldTerms {
  const known = termsOfOperation.get(operation)
  if (known) return known
  const { parameters, description, summary, path, operationId, tags, method } = operation
  const terms = {
    parameters: termsOf(parameters.join(' ')),
    description: termsOf((description ?? '').slice(0, DESCRIPTION_CHARACTERS)),
    others: termsOf([summary, path, operationId, ...tags, method].join(' ')),
  }
  termsOfOperation.set(operation, terms)
  return terms
}
