/** So many hits a first page has, where nothing else is asked for. */
export const FIRST_PAGE = 8

/** How an operation stands by words alone. */
export interface StandingByWords {
  op: number
  /** 0–1, as its score would be. */
  score: number
  isStrong: boolean
}

interface PlacedHit {
  /** 0–1, falling along the ranking. */
  score: number
  /** Of what a result stands for, that which is best by words; null where none is among the best. */
  byWords: StandingByWords | null
}

/**
 * Lets a first page with `places` left have the hits that would be there by words alone and are
 * strong: those that meaning leaves out come last, in the places of the lowest that are not of
 * them; scores belong to places. So what words find surely is found however much is embedded.
 */
export function keepStrongByWords<Hit extends PlacedHit>(
  ranked: readonly Hit[],
  places: number,
): Hit[] {
  if (places <= 0) return [...ranked]
  const kept = new Set(pageByWords(ranked, places).filter(({ byWords }) => byWords?.isStrong))
  const [page, rest] = [ranked.slice(0, places), ranked.slice(places)]
  const coming = rest.filter((hit) => kept.has(hit))
  const others = page.filter((hit) => !kept.has(hit))
  // As many as come in; there are never fewer, since no more are kept than there are places.
  const going = new Set(others.slice(others.length - coming.length))
  const order = [
    ...page.filter((hit) => !going.has(hit)),
    ...coming,
    ...going,
    ...rest.filter((hit) => !kept.has(hit)),
  ]
  return order.map((hit, at) => ({ ...hit, score: ranked[at]?.score ?? 0 }))
}

function pageByWords<Hit extends PlacedHit>(ranked: readonly Hit[], places: number): Hit[] {
  return ranked.toSorted((a, b) => compareByWords(a.byWords, b.byWords)).slice(0, places)
}

/** Best by words first. */
export function compareByWords(a: StandingByWords | null, b: StandingByWords | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  return b.score - a.score || a.op - b.op
}
