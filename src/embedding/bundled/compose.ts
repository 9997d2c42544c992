import { splitFirstSentence } from '../../catalog/words/first-sentence.js'
import type { OperationText } from '../embedder.js'
import type { Vocabulary } from './vocabulary.js'
import { unknownWordVector } from './unknown-word.js'
import type { FieldWeights, Weights } from './weights.js'
import { wordsOf } from './words.js'

/** Beyond this, what follows the first sentence is mostly examples and limits. */
const REST_CHARACTERS = 300

/** What composition needs of a model. */
export interface Model {
  weights: Weights
  vocabulary: Vocabulary
}

/** The texts of an operation's vector, each with its weight. */
function fieldsOf(operation: OperationText, weights: FieldWeights): [string, number][] {
  const [firstSentence, rest] = splitFirstSentence(operation.description ?? '')
  return [
    [operation.summary ?? '', weights.summary],
    [operation.path, weights.path],
    [operation.operationId ?? '', weights.operationId],
    [firstSentence, weights.firstSentence],
    [rest.slice(0, REST_CHARACTERS), weights.restOfDescription],
    [operation.tags.join(' '), weights.tags],
    [operation.method, weights.method],
    [operation.parameters.join(' '), weights.parameters],
    [operation.bodyProperties.join(' '), weights.bodyProperties],
  ]
}

/** The weighted sum of the fields' unit vectors, of length 1; null without a known word. */
export function composeOperation(model: Model, operation: OperationText): Float32Array | null {
  const sum = new Float32Array(model.weights.header.dimensions)
  for (const [text, weight] of fieldsOf(operation, model.weights.header.fieldWeights)) {
    const field = composeText(model, text)
    if (field) for (let i = 0; i < sum.length; i++) sum[i]! += weight * field[i]!
  }
  return normalised(sum)
}

/**
 * The sum of the vectors of a text's different words, of length 1; null without a known word.
 * Unknown words count only beside known ones.
 */
export function composeText({ weights, vocabulary }: Model, text: string): Float32Array | null {
  const { matrix, scales, header } = weights
  const known = new Set<number>()
  const unknown = new Set<string>()
  for (const word of wordsOf(text)) {
    const rows = vocabulary.rowsOf(word)
    for (const row of rows) known.add(row)
    if (rows.length === 0) unknown.add(word)
  }
  if (known.size === 0) return null

  const sum = new Float32Array(header.dimensions)
  for (const row of known) {
    const scale = scales[row]!
    const start = row * header.dimensions
    for (let i = 0; i < sum.length; i++) sum[i]! += scale * matrix[start + i]!
  }
  for (const word of unknown) {
    const vector = unknownWordVector(word, header.dimensions)
    if (vector) for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!
  }
  return normalised(sum)
}

/** The vector at length 1, changed in place; null where it has no direction. */
function normalised(vector: Float32Array): Float32Array | null {
  let square = 0
  for (const value of vector) square += value * value
  if (square === 0) return null
  const factor = 1 / Math.sqrt(square)
  for (let i = 0; i < vector.length; i++) vector[i]! *= factor
  return vector
}
