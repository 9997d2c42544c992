import { WHOLE_SHARE } from '../../src/embedding/clauses.js'

/** Candidates of each arm, as the catalog's search takes them. */
const DEPTH = 200

/** The indices of the highest scores, best first, equal ones by index; a score of 0 is no answer. */
export function topOf(scores: Float32Array, depth = DEPTH): number[] {
  const best = (a: number, b: number): number => scores[b]! - scores[a]! || a - b
  const top: number[] = []
  let least = -Infinity
  for (const [index, score] of scores.entries()) {
    if (score === 0 || score <= least) continue
    top.push(index)
    // Cut now and then, so that most of the others fail the comparison above.
    if (top.length === 4 * depth) {
      top.sort(best).length = depth
      least = scores[top.at(-1)!]!
    }
  }
  return top.sort(best).slice(0, depth)
}

/** Scores of a question out of those of its parts: the whole first, then its clauses, if any. */
export function combineParts([whole, ...clauses]: readonly Float32Array[]): Float32Array {
  if (!whole || clauses.length === 0) return whole ?? new Float32Array()
  return whole.map((score, index) => {
    let bestClause = -Infinity
    for (const scores of clauses) bestClause = Math.max(bestClause, scores[index]!)
    return WHOLE_SHARE * score + (1 - WHOLE_SHARE) * bestClause
  })
}

/**
 * Both arms' candidates by `share · minmax(cosine) + (1 − share) · score / best score`, where the
 * cosines' range is that of the candidates by meaning.
 */
export function fuse(lexical: Float32Array, dense: Float32Array, share: number): number[] {
  const byWords = topOf(lexical)
  const byMeaning = topOf(dense)
  const best = lexical[byWords[0] ?? 0] || 1
  const nearest = dense[byMeaning[0] ?? 0] ?? 0
  const farthest = dense[byMeaning.at(-1) ?? 0] ?? 0
  const scores = new Map<number, number>()
  for (const index of [...byWords, ...byMeaning]) {
    const near = Math.max(0, (dense[index] ?? 0) - farthest) / (nearest - farthest || 1)
    scores.set(index, share * near + ((1 - share) * lexical[index]!) / best)
  }
  return [...scores].sort(([a, x], [b, y]) => y - x || a - b).map(([index]) => index)
}
