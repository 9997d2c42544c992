import { Vocabulary } from '../src/embedding/bundled/vocabulary.js'
import type { WordVectors } from './glove.js'
import type { Random } from './random.js'
import type { TrainingVocabulary } from './vocabulary.js'

/** Length of the random part that fills the dimensions which the general vectors do not have. */
const NOISE = 0.1

/**
 * Unit vectors to start from: the general vectors without their mean and first principal
 * direction (which tell frequent words from rare ones, not meanings), widened with a little noise.
 * A word they lack takes the mean of its stem's or its pieces' vectors, else noise alone.
 */
export function initialVectors(
  vocabulary: TrainingVocabulary,
  general: WordVectors,
  dimensions: number,
  random: Random,
): Float32Array {
  const { words } = vocabulary
  const known = new Map<string, Float64Array>()
  for (const word of words) {
    const vector = general.vectorOf(word)
    if (vector) known.set(word, Float64Array.from(vector))
  }
  removeCommonPart([...known.values()])
  for (const vector of known.values()) scaleToUnit(vector)

  const knownWords = words.filter((word) => known.has(word))
  const lookUp = new Vocabulary(new Map(knownWords.map((word, row) => [word, row])))
  const vectors = new Float32Array(words.length * dimensions)
  for (const [row, word] of words.entries()) {
    const parts = known.has(word) ? [word] : lookUp.rowsOf(word).map((row) => knownWords[row]!)
    const target = vectors.subarray(row * dimensions, (row + 1) * dimensions)
    for (const part of parts) {
      const vector = known.get(part)!
      for (let i = 0; i < Math.min(dimensions, vector.length); i++) target[i]! += vector[i]!
    }
    const noise = parts.length === 0 ? 1 : NOISE * parts.length
    for (let i = 0; i < dimensions; i++) {
      target[i]! += (noise * random.normal()) / Math.sqrt(dimensions)
    }
    scaleToUnit(target)
  }
  return vectors
}

/** Takes the mean off all vectors, then their share in the first principal direction. */
function removeCommonPart(vectors: Float64Array[]): void {
  const first = vectors[0]
  if (!first) return
  const mean = new Float64Array(first.length)
  for (const vector of vectors) for (let i = 0; i < mean.length; i++) mean[i]! += vector[i]!
  for (const vector of vectors) {
    for (let i = 0; i < mean.length; i++) vector[i]! -= mean[i]! / vectors.length
  }
  let direction = new Float64Array(first.length).fill(1)
  // Power iteration; the first direction of word vectors stands out, twenty rounds find it.
  for (let round = 0; round < 20; round++) {
    const next = new Float64Array(first.length)
    for (const vector of vectors) {
      const share = dot(vector, direction)
      for (let i = 0; i < next.length; i++) next[i]! += share * vector[i]!
    }
    scaleToUnit(next)
    direction = next
  }
  for (const vector of vectors) {
    const share = dot(vector, direction)
    for (let i = 0; i < vector.length; i++) vector[i]! -= share * direction[i]!
  }
}

function scaleToUnit(vector: Float64Array | Float32Array): void {
  const length = Math.sqrt(dot(vector, vector))
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i]! /= length
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
