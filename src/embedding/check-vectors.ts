import { BadVectors } from './embedder.js'

/** Throws BadVectors unless there are `count` vectors, finite, of `dimensions` and not all zero. */
export function checkVectors(
  vectors: readonly (Float32Array | null)[],
  count: number,
  dimensions: number,
): void {
  if (vectors.length !== count) {
    throw new BadVectors(`the embedder gave ${vectors.length} vectors for ${count} texts`)
  }
  for (const vector of vectors) {
    if (vector) checkVector(vector, dimensions)
  }
}

function checkVector(vector: Float32Array, dimensions: number): void {
  if (vector.length !== dimensions) {
    throw new BadVectors(`the embedder gave a vector of ${vector.length} instead of ${dimensions}`)
  }
  if (!vector.every(Number.isFinite)) throw new BadVectors('the embedder gave NaN or Infinity')
  if (vector.every((value) => value === 0)) throw new BadVectors('the embedder gave only zeros')
}
