/** So many hits a first page has, where nothing else is asked for. */
export const FIRST_PAGE = 8

interface ScoredHit {
  op: number
  /** 0–1, falling along the ranking. */
  score: number
  /** As `score` would be by words alone; null where nobody looked. */
  scoreByWords: number | null
}

/**
 * Lets a first page with `places` left have the hits that would be there by words alone and are
 * `strong`: those that meaning leaves out come last, in the places of the lowest that are not of
 * them; scores belong to places. So what words find surely is found however much is embedded.
 */
export function keepStrongByWords<Hit extends ScoredHit>(
  ranked: readonly Hit[],
  { places, isStrong }: { places: number; isStrong: (hit: Hit) => boolean },
): Hit[] {
  if (places <= 0) return [...ranked]
  const kept = new Set(pageByWords(ranked, places).filter(isStrong))
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

/** Hits that nobody looked at are far down by words too. */
function pageByWords<Hit extends ScoredHit>(ranked: readonly Hit[], places: number): Hit[] {
  return ranked
    .filter(({ scoreByWords }) => scoreByWords !== null)
    .toSorted((a, b) => (b.scoreByWords ?? 0) - (a.scoreByWords ?? 0) || a.op - b.op)
    .slice(0, places)
}
