import { clausesOf } from '../../src/embedding/clauses.js'
import { composeOperation, composeText, type Model } from '../../src/embedding/bundled/compose.js'
import type { OperationText } from '../../src/embedding/embedder.js'
import { combineParts } from './rank.js'

/** Scores operations by meaning: one cosine each, the best of the question's parts. */
export type DenseIndex = (query: string) => Float32Array

/** The bundled embedder over operations; those without a known word have 0. */
export function bundledIndex(
  model: Model,
  /** Vectors of operations that other sets have too; the others are added. */
  known: Map<OperationText, Float32Array | null>,
  operations: readonly OperationText[],
): DenseIndex {
  const { dimensions } = model.weights.header
  const matrix = new Float32Array(operations.length * dimensions)
  for (const [index, operation] of operations.entries()) {
    let vector = known.get(operation)
    if (vector === undefined) {
      vector = composeOperation(model, operation)
      known.set(operation, vector)
    }
    if (vector) matrix.set(vector, index * dimensions)
  }
  return (query) => {
    const parts = [query, ...clausesOf(query)]
      .map((text) => composeText(model, text))
      .filter((vector) => vector !== null)
    if (parts.length === 0) return new Float32Array(operations.length)
    return combineParts(parts.map((vector) => cosines(matrix, vector)))
  }
}

/** Products of a unit vector with each row of a matrix of unit vectors; its length divides by 4. */
export function cosines(matrix: Float32Array, vector: Float32Array): Float32Array {
  const width = vector.length
  const products = new Float32Array(matrix.length / width)
  for (let row = 0; row < products.length; row++) {
    const start = row * width
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let i = 0; i < width; i += 4) {
      a += matrix[start + i]! * vector[i]!
      b += matrix[start + i + 1]! * vector[i + 1]!
      c += matrix[start + i + 2]! * vector[i + 2]!
      d += matrix[start + i + 3]! * vector[i + 3]!
    }
    products[row] = a + b + c + d
  }
  return products
}
