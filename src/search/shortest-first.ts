import type { LookedHit } from './closer-look.js'
import type { WordHit } from './by-words.js'

/**
 * The operations of a spec of which a question has nothing but the name, in the order they were read
 * in, the shortest paths first; what takes something away comes last. Scores belong to places.
 */
export function shortestFirst(ranked: readonly LookedHit[], read: readonly WordHit[]): LookedHit[] {
  const placeOf = new Map(read.map(({ op }, place) => [op, place]))
  const place = ({ op, look }: LookedHit) =>
    (placeOf.get(op) ?? read.length) + (look?.isHarmless === false ? read.length + 1 : 0)
  return ranked
    .toSorted((a, b) => place(a) - place(b) || a.op - b.op)
    .map((hit, at) => ({ ...hit, score: ranked[at]?.score ?? 0, scoreByWords: null }))
}
