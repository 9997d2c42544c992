import { LazyAdam } from './lazy-adam.js'
import type { TrainingVocabulary } from './vocabulary.js'

/** Texts as unit vectors, one after another, and the lengths that they had before. */
export interface EmbeddedTexts {
  units: Float32Array
  lengths: Float32Array
}

export interface Rates {
  vectors: number
  /** Of the words' log weights. */
  weights: number
  /** Added to a word's gradient: its vector's way from the initial one, times this. */
  pull: number
}

/** Words seen in this share of all words start with half the weight of a rare one (SIF). */
const SIF = 1e-3

/**
 * The vectors of words while they are trained: vector(w) = exp(a_w) · (E_w + S_stem(w)), where a_w
 * is the word's log weight, E_w its own vector, and S a vector that all forms of a word share. A
 * text is the sum of its words' vectors at length 1.
 */
export class WordModel {
  readonly #dimensions: number
  readonly #initial: Float32Array
  readonly #stemOf: Int32Array
  readonly #own: LazyAdam
  readonly #stems: LazyAdam
  readonly #logWeights: LazyAdam

  /** `initial`: a row for each word of the vocabulary; it is not changed. */
  constructor(vocabulary: TrainingVocabulary, initial: Float32Array) {
    this.#dimensions = initial.length / vocabulary.words.length
    this.#initial = initial
    this.#stemOf = vocabulary.stemOf
    this.#own = new LazyAdam(initial.slice(), this.#dimensions)
    this.#stems = new LazyAdam(
      new Float32Array(vocabulary.stems * this.#dimensions),
      this.#dimensions,
    )
    this.#logWeights = new LazyAdam(
      Float32Array.from(vocabulary.frequency, (share) => Math.log(SIF / (SIF + share))),
      1,
    )
  }

  embed(texts: readonly Int32Array[]): EmbeddedTexts {
    const dimensions = this.#dimensions
    const units = new Float32Array(texts.length * dimensions)
    const lengths = new Float32Array(texts.length)
    const vector = new Float32Array(dimensions)
    for (const [t, rows] of texts.entries()) {
      const unit = units.subarray(t * dimensions, (t + 1) * dimensions)
      for (const row of rows) {
        this.#readVector(row, vector)
        for (let i = 0; i < dimensions; i++) unit[i]! += vector[i]!
      }
      let square = 0
      for (let i = 0; i < dimensions; i++) square += unit[i]! ** 2
      // Words of opposite vectors may cancel each other out.
      const length = Math.max(Math.sqrt(square), 1e-6)
      lengths[t] = length
      for (let i = 0; i < dimensions; i++) unit[i]! /= length
    }
    return { units, lengths }
  }

  /** Adds to the words' gradients what the texts' unit vectors' gradient makes of them. */
  backward(
    texts: readonly Int32Array[],
    { units, lengths }: EmbeddedTexts,
    gradient: Float32Array,
  ): void {
    const dimensions = this.#dimensions
    const vector = new Float32Array(dimensions)
    const ofSum = new Float32Array(dimensions)
    const ofWeight = new Float32Array(1)
    for (const [t, rows] of texts.entries()) {
      const start = t * dimensions
      let along = 0
      for (let i = 0; i < dimensions; i++) along += gradient[start + i]! * units[start + i]!
      for (let i = 0; i < dimensions; i++) {
        ofSum[i] = (gradient[start + i]! - along * units[start + i]!) / lengths[t]!
      }
      for (const row of rows) {
        const factor = Math.exp(this.#logWeights.values[row]!)
        this.#own.addGradient(row, ofSum, factor)
        this.#stems.addGradient(this.#stemOf[row]!, ofSum, factor)
        this.#readVector(row, vector)
        let product = 0
        for (let i = 0; i < dimensions; i++) product += vector[i]! * ofSum[i]!
        ofWeight[0] = product
        this.#logWeights.addGradient(row, ofWeight, 1)
      }
    }
  }

  /** Moves everything that has a gradient. */
  step({ vectors, weights, pull }: Rates): void {
    this.#own.step(vectors, pull, this.#initial)
    this.#stems.step(vectors)
    this.#logWeights.step(weights)
  }

  /** A row for each word. */
  vectors(): Float32Array {
    const all = new Float32Array(this.#initial.length)
    const dimensions = this.#dimensions
    for (let at = 0; at < all.length; at += dimensions) {
      this.#readVector(at / dimensions, all.subarray(at, at + dimensions))
    }
    return all
  }

  #readVector(row: number, into: Float32Array): void {
    const factor = Math.exp(this.#logWeights.values[row]!)
    const ownAt = row * this.#dimensions
    const stemAt = this.#stemOf[row]! * this.#dimensions
    for (let i = 0; i < into.length; i++) {
      into[i] = factor * (this.#own.values[ownAt + i]! + this.#stems.values[stemAt + i]!)
    }
  }
}
