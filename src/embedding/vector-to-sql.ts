import pgvector from 'pgvector'

/** Seven decimals are what a 32-bit float near 1 has, and half the digits that JavaScript writes. */
const SCALE = 1e7

/** A vector as text for a `vector` column. */
export function vectorToSql(vector: Float32Array): string {
  const rounded = Array.from(vector, (value) => Math.round(value * SCALE) / SCALE)
  return pgvector.toSql(rounded) as string
}
