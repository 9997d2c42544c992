import { editDistance } from './edit-distance.js'
import { slug } from './names.js'

const SUGGESTED = 3
/** Of the letters of what was asked, so many may be wrong. */
const WRONG_SHARE = 0.3
/** A shorter word is part of too many names. */
const MIN_PART_CHARS = 3

/**
 * Specs that a name which nobody has may mean, the likeliest first: those whose name or title it is
 * in other letters, begins or is part of, or of which it is a misspelling.
 */
export function likelySpecs<T extends { name: string; title: string | null }>(
  asked: string,
  specs: readonly T[],
): T[] {
  const wanted = slug(asked)
  if (wanted === '') return []
  return specs
    .map((spec) => ({ spec, distance: distanceTo(wanted, spec) }))
    .filter(({ distance }) => distance < UNLIKE)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTED)
    .map(({ spec }) => spec)
}

const BEGINS = 1
const IS_PART = 2
const IS_MISSPELT = 3
const UNLIKE = 4

function distanceTo(wanted: string, { name, title }: { name: string; title: string | null }) {
  return Math.min(likeness(wanted, name), likeness(wanted, slug(title ?? '')))
}

/** 0 for the same; a misspelling counts more the more letters are wrong. */
function likeness(wanted: string, name: string): number {
  if (name === '') return UNLIKE
  if (name === wanted) return 0
  if (name.startsWith(wanted)) return BEGINS
  const [shorter, longer] = name.length < wanted.length ? [name, wanted] : [wanted, name]
  if (shorter.length >= MIN_PART_CHARS && longer.includes(shorter)) return IS_PART
  const wrong = editDistance(wanted, name) / wanted.length
  return wrong <= WRONG_SHARE ? IS_MISSPELT + wrong : UNLIKE
}
