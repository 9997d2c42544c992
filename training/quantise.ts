/** Rows as int8 with a scale each: the row's largest number becomes ±127. */
export function quantise(
  vectors: Float32Array,
  dimensions: number,
): { matrix: Int8Array; scales: Float32Array } {
  const rows = vectors.length / dimensions
  const matrix = new Int8Array(vectors.length)
  const scales = new Float32Array(rows)
  for (let row = 0; row < rows; row++) {
    const vector = vectors.subarray(row * dimensions, (row + 1) * dimensions)
    const largest = vector.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
    const scale = Math.fround(largest / 127)
    scales[row] = scale
    if (scale > 0) {
      for (let i = 0; i < dimensions; i++)
        matrix[row * dimensions + i] = Math.round(vector[i]! / scale)
    }
  }
  return { matrix, scales }
}
