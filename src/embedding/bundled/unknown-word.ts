/** Letters of the runs that a word is taken as, framed: `<tmdb>` → `<tmd`, `tmdb`, `mdb>`. */
const RUN = 4

/** Shorter words (`a`, `s`, `v`) tell nothing. */
const SHORTEST = 3

/**
 * A unit vector for a word that no vocabulary has (a product's name, a typing error, another
 * language): the sum of a pseudo-random vector for each run of its letters. The same word is near
 * itself, words with most letters in common are near one another, and near no other word. Null for
 * words too short to tell anything.
 */
export function unknownWordVector(word: string, dimensions: number): Float32Array | null {
  if (word.length < SHORTEST) return null
  const framed = `<${word}>`
  const vector = new Float32Array(dimensions)
  for (let start = 0; start + RUN <= framed.length; start++) {
    addHashed(vector, framed.slice(start, start + RUN))
  }
  const length = Math.hypot(...vector)
  return length === 0 ? null : vector.map((value) => value / length)
}

/** Adds ±1 to each dimension, the same for the same letters: FNV-1a, then a linear generator. */
function addHashed(vector: Float32Array, letters: string): void {
  let state = 0x811c9dc5
  for (let i = 0; i < letters.length; i++) {
    state = Math.imul(state ^ letters.charCodeAt(i), 0x01000193)
  }
  for (let i = 0; i < vector.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    vector[i]! += state & 0x10000 ? 1 : -1
  }
}
