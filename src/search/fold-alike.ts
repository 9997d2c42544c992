import { DEFAULT_CATALOG } from '../catalog/names.js'
import { compareByWords } from './first-page.js'
import type { HitLabels } from './hit-labels.js'
import type { RankedHit } from './search-operations.js'

/** A hit that stands for those after it which do the same, in their order. */
export interface FoldedHit extends RankedHit {
  alike: number[]
}

/** `v1`, `v2.1`, `v3beta1`, `2024-05-01`, as a segment of a path. */
const VERSION = /^(?:v\d+(?:[._-]?\d+)*(?:(?:alpha|beta|rc|preview)\d*)?|\d{4}-\d{2}-\d{2})$/

/** Scores that answers show as the same. */
const SAME_SCORE = 0.0005

/**
 * Folds hits that differ in nothing but the version in their path or the spec they are from: of one
 * method, path and text. The first of them stands for all, or of those that score the same the one of
 * the default catalog, before a clone of it; by words the group stands as high as the best of them.
 * Hits named exactly stay by themselves, since whoever named them must see that there are several;
 * so do those without a text, of which nobody knows.
 */
export function foldAlike(
  hits: readonly RankedHit[],
  labels: ReadonlyMap<number, HitLabels>,
): FoldedHit[] {
  const groups = new Map<string | number, RankedHit[]>()
  for (const hit of hits) {
    const own = labels.get(hit.op)
    const key = (own && hit.match !== 'exact' ? likeness(own) : null) ?? hit.op
    const group = groups.get(key)
    if (group) group.push(hit)
    else groups.set(key, [hit])
  }
  const catalogOf = ({ op }: RankedHit) => labels.get(op)?.catalog ?? DEFAULT_CATALOG
  return [...groups.values()].flatMap(([first, ...others]) =>
    first ? folded(first, others, catalogOf) : [],
  )
}

function folded(
  first: RankedHit,
  others: readonly RankedHit[],
  catalogOf: (hit: RankedHit) => string,
): FoldedHit {
  const all = [first, ...others]
  const same = all.filter(({ score }) => first.score - score < SAME_SCORE)
  const inOrder = same.toSorted((a, b) => compareCatalogs(catalogOf(a), catalogOf(b)))
  const leader = inOrder[0] ?? first
  const [byWords = null] = all.map((hit) => hit.byWords).toSorted(compareByWords)
  const alike = all.filter((hit) => hit !== leader).map(({ op }) => op)
  return { ...leader, score: first.score, byWords, alike }
}

/** The default one first, the others by name. */
function compareCatalogs(a: string, b: string): number {
  const others = Number(a !== DEFAULT_CATALOG) - Number(b !== DEFAULT_CATALOG)
  return others || Number(a > b) - Number(a < b)
}

function likeness({ method, pathShape, text }: HitLabels): string | null {
  if (text === null) return null
  const segments = pathShape.split('/').filter((segment) => !VERSION.test(segment))
  return [method, segments.join('/'), text].join('\n')
}
