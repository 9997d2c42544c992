import type { Queryable } from '../db/database.js'
import { facetsOf, type Facets } from '../search/facets.js'
import { FIRST_PAGE, keepStrongByWords } from '../search/first-page.js'
import { foldAlike, type FoldedHit } from '../search/fold-alike.js'
import { hitLabels } from '../search/hit-labels.js'
import { withFallingMarks } from '../search/match.js'
import type { RankedAnswer, RankedHit } from '../search/search-operations.js'

/** A result of an answer. */
export interface PagedHit extends FoldedHit {
  /** By itself it is exact or strong, though it may stand behind weak ones, and then counts as weak. */
  fits: boolean
}

/** A ranking made ready for its pages. */
export interface PagedAnswer {
  answer: RankedAnswer
  hits: PagedHit[]
  facets: Facets
}

/** So many of the best hits are folded, and the best by words: some pages of them. */
const FOLDED_HITS = 100
/** So many of them are counted for facets. */
const COUNTED_HITS = 100

/**
 * Folds what is alike among the best hits, lets the first page keep what words alone find surely, and
 * counts where the best are from.
 */
export async function pagedAnswer(db: Queryable, answer: RankedAnswer): Promise<PagedAnswer> {
  const isFolded = ({ byWords }: RankedHit, at: number) => at < FOLDED_HITS || byWords !== null
  const best = answer.hits.filter(isFolded)
  const labels = await hitLabels(
    db,
    best.map(({ op }) => op),
  )
  const rest = answer.hits.filter((hit, at) => !isFolded(hit, at))
  const folded = [...foldAlike(best, labels), ...rest.map((hit) => ({ ...hit, alike: [] }))]
  const exact = folded.filter(({ match }) => match === 'exact')
  const others = folded.filter(({ match }) => match !== 'exact')
  return {
    answer,
    hits: withFallingMarks([...exact, ...keepStrongByWords(others, FIRST_PAGE - exact.length)]),
    facets: {
      ...facetsOf(best.slice(0, COUNTED_HITS).flatMap(({ op }) => labels.get(op) ?? [])),
      ...(answer.hits.length > COUNTED_HITS ? { counted_among: COUNTED_HITS } : {}),
    },
  }
}
