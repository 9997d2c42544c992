/**
 * `out = a · bᵀ` for row-major `a` (n × k) and `b` (m × k), by blocks of 4 × 4, whose sixteen sums
 * stay in registers. n and m must be multiples of 4.
 */
export function multiplyTransposed(
  a: Float32Array,
  b: Float32Array,
  out: Float32Array,
  n: number,
  m: number,
  k: number,
): void {
  for (let i = 0; i < n; i += 4) {
    const a0 = i * k
    const a1 = a0 + k
    const a2 = a1 + k
    const a3 = a2 + k
    for (let j = 0; j < m; j += 4) {
      const b0 = j * k
      const b1 = b0 + k
      const b2 = b1 + k
      const b3 = b2 + k
      let s00 = 0,
        s01 = 0,
        s02 = 0,
        s03 = 0
      let s10 = 0,
        s11 = 0,
        s12 = 0,
        s13 = 0
      let s20 = 0,
        s21 = 0,
        s22 = 0,
        s23 = 0
      let s30 = 0,
        s31 = 0,
        s32 = 0,
        s33 = 0
      for (let p = 0; p < k; p++) {
        const x0 = a[a0 + p]!,
          x1 = a[a1 + p]!,
          x2 = a[a2 + p]!,
          x3 = a[a3 + p]!
        const y0 = b[b0 + p]!,
          y1 = b[b1 + p]!,
          y2 = b[b2 + p]!,
          y3 = b[b3 + p]!
        s00 += x0 * y0
        s01 += x0 * y1
        s02 += x0 * y2
        s03 += x0 * y3
        s10 += x1 * y0
        s11 += x1 * y1
        s12 += x1 * y2
        s13 += x1 * y3
        s20 += x2 * y0
        s21 += x2 * y1
        s22 += x2 * y2
        s23 += x2 * y3
        s30 += x3 * y0
        s31 += x3 * y1
        s32 += x3 * y2
        s33 += x3 * y3
      }
      const o0 = i * m + j
      const o1 = o0 + m
      const o2 = o1 + m
      const o3 = o2 + m
      out[o0] = s00
      out[o0 + 1] = s01
      out[o0 + 2] = s02
      out[o0 + 3] = s03
      out[o1] = s10
      out[o1 + 1] = s11
      out[o1 + 2] = s12
      out[o1 + 3] = s13
      out[o2] = s20
      out[o2 + 1] = s21
      out[o2 + 2] = s22
      out[o2 + 3] = s23
      out[o3] = s30
      out[o3 + 1] = s31
      out[o3 + 2] = s32
      out[o3 + 3] = s33
    }
  }
}

/** The transpose of a row-major n × m matrix. */
export function transposed(a: Float32Array, n: number, m: number): Float32Array {
  const out = new Float32Array(a.length)
  for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) out[j * n + i] = a[i * m + j]!
  return out
}
