import pgvector from 'pgvector'

/** Seven decimals are what a 32-bit float near 1 has, and half the digits that JavaScript writes. */
const SCALE = 1e7

/**
 * A vector as text for a `vector` column, at length 1: then the inner product, which is cheaper, is
 * the cosine. It has a direction (`checkVectors`).
 */
export function vectorToSql(vector: Float32Array): string {
  const factor = SCALE / Math.hypot(...vector)
  const rounded = Array.from(vector, (value) => Math.round(value * factor) / SCALE)
  return pgvector.toSql(rounded) as string
}
