import type { Look } from './closer-look.js'

export type Ranking = 'hybrid' | 'lexical' | 'semantic'

/**
 * What makes a hit strong, where the question names what the operation is about: a similarity, or
 * without a vector a share of the question's word weight. Chosen by asking questions of one
 * development set of another's specs (docs/search.md).
 */
const STRONG_SIMILARITY = 0.6
const STRONG_WORDS = 0.3
/** With so much of the word weight a hit is strong whatever it is about. */
const SURE_WORDS = 0.75

/** `exact`: the question is an identifier of it; strong and weak as docs/search.md says. */
export type Match = 'exact' | 'strong' | 'weak'

/** What is known of a hit. */
interface Known {
  /** Null where nobody looked closely. */
  look: Look | null
  /** The share of the weight of the question's words that the operation has, 0–1. */
  matched: number
  /** Cosine; undefined without a vector. */
  similarity?: number | undefined
}

/** How well a hit fits that the question does not name exactly. */
export function matchOf(hit: Known, ranking: Ranking): 'strong' | 'weak' {
  const { look, matched, similarity } = hit
  const isNear = similarity !== undefined && similarity >= STRONG_SIMILARITY
  if (ranking === 'semantic') return isNear ? 'strong' : 'weak'
  if (look?.isHarmless === false) return 'weak'
  // Of a question that names an API, the name is far from all that its operations say.
  const countsByWords = similarity === undefined || look?.isNamed
  const isStrong =
    look?.isSaid ||
    (isNear && look?.isAbout) ||
    matched >= SURE_WORDS ||
    (countsByWords && isStrongByWords(hit))
  return isStrong ? 'strong' : 'weak'
}

/** Whether words alone would call it strong. */
export function isStrongByWords({ look, matched }: Known): boolean {
  if (look?.isHarmless === false) return false
  if (look?.isSaid) return true
  return (matched >= STRONG_WORDS && look?.isAbout === true) || matched >= SURE_WORDS
}

/**
 * No hit surer than those before it: where the first fits weakly, a later one that looks strong is
 * what the ranking thinks less of. Of such first hits of the development sets more than half are right.
 * That it fits, seen by itself, is kept in `fits`.
 */
export function withFallingMarks<Hit extends { match: Match }>(
  ranked: readonly Hit[],
): (Hit & { fits: boolean })[] {
  const weak = ranked.findIndex(({ match }) => match === 'weak')
  return ranked.map((hit, at) => ({
    ...hit,
    match: weak >= 0 && at > weak ? 'weak' : hit.match,
    fits: hit.match !== 'weak',
  }))
}
