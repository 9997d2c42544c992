import type { Queryable } from '../db/database.js'
import { facetsOf, type Facets } from '../search/facets.js'
import { foldAlike, type FoldedHit } from '../search/fold-alike.js'
import { hitLabels } from '../search/hit-labels.js'
import type { RankedAnswer } from '../search/search-operations.js'

/** A ranking made ready for its pages. */
export interface PagedAnswer {
  answer: RankedAnswer
  hits: FoldedHit[]
  facets: Facets
}

/** So many of the best hits are folded, and counted for facets: some pages of them. */
const LABELLED_HITS = 100

/** Folds what is alike among the best hits, and counts where they are from. */
export async function pagedAnswer(db: Queryable, answer: RankedAnswer): Promise<PagedAnswer> {
  const best = answer.hits.slice(0, LABELLED_HITS)
  const labels = await hitLabels(
    db,
    best.map(({ op }) => op),
  )
  const rest = answer.hits.slice(LABELLED_HITS).map((hit) => ({ ...hit, alike: [] }))
  return {
    answer,
    hits: [...foldAlike(best, labels), ...rest],
    facets: facetsOf(best.flatMap(({ op }) => labels.get(op) ?? [])),
  }
}
