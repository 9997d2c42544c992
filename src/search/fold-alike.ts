import { compareByWords } from './first-page.js'
import type { HitLabels } from './hit-labels.js'
import type { RankedHit } from './search-operations.js'

/** A hit that stands for those after it which do the same, in their order. */
export interface FoldedHit extends RankedHit {
  alike: number[]
}

/** `v1`, `v2.1`, `v3beta1`, `2024-05-01`, as a segment of a path. */
const VERSION = /^(?:v\d+(?:[._-]?\d+)*(?:(?:alpha|beta|rc|preview)\d*)?|\d{4}-\d{2}-\d{2})$/

/**
 * Folds hits that differ in nothing but the version in their path or the spec they are from: of one
 * method, path and text. The first of them stands for all, and by words as high as the best of them. Hits named exactly stay by themselves,
 * since whoever named them must see that there are several; so do those without a text, of which
 * nobody knows.
 */
export function foldAlike(
  hits: readonly RankedHit[],
  labels: ReadonlyMap<number, HitLabels>,
): FoldedHit[] {
  const first = new Map<string, FoldedHit>()
  const folded: FoldedHit[] = []
  for (const hit of hits) {
    const own = labels.get(hit.op)
    const key = own && hit.match !== 'exact' ? likeness(own) : null
    const leader = key === null ? undefined : first.get(key)
    if (leader) {
      leader.alike.push(hit.op)
      if (compareByWords(hit.byWords, leader.byWords) < 0) leader.byWords = hit.byWords
      continue
    }
    const alone = { ...hit, alike: [] }
    folded.push(alone)
    if (key !== null) first.set(key, alone)
  }
  return folded
}

function likeness({ method, pathShape, text }: HitLabels): string | null {
  if (text === null) return null
  const segments = pathShape.split('/').filter((segment) => !VERSION.test(segment))
  return [method, segments.join('/'), text].join('\n')
}
