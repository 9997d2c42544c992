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
 * Lets a first page with `places` left have the hit that would be the best by words alone, if that
 * is `strong`: where meaning leaves it out it comes last there, with the score of the one whose
 * place it takes. So what words find surely is found however much is embedded.
 */
export function keepBestByWords<Hit extends ScoredHit>(
  ranked: readonly Hit[],
  { places, isStrong }: { places: number; isStrong: (hit: Hit) => boolean },
): Hit[] {
  const last = Math.max(0, places - 1)
  let best: Hit | undefined
  for (const hit of ranked) {
    if ((hit.scoreByWords ?? -1) > (best?.scoreByWords ?? -1)) best = hit
  }
  const at = best ? ranked.indexOf(best) : -1
  const displaced = ranked[last]
  if (!best || !displaced || at <= last || !isStrong(best)) return [...ranked]
  const others = ranked.toSpliced(at, 1)
  return others.toSpliced(last, 0, { ...best, score: displaced.score })
}
