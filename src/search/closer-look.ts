import type { Queryable } from '../db/database.js'

import type { WordHit } from './by-words.js'
import type { FusedHit } from './fuse.js'
import type { QueryTerm } from './query-terms.js'
import { MOST, traitsOf, viewQuestion, weighed, type CloseView } from './traits.js'

/** Share of the words of the path's last name that the question has. */
const ABOUT = 0.5
/** A few pages. Looking at 150 gains .001 nDCG@10. */
const LOOKED_AT = 100

export interface LookedHit extends FusedHit {
  /** The question names what the operation is about; null where nobody looked. */
  isAbout: boolean | null
  /** It is of a spec that the question names. */
  isNamed: boolean
  /** As `score` would be by words alone; null where nobody looked. */
  scoreByWords: number | null
}

export interface AskedFor {
  query: string
  terms: readonly QueryTerm[]
  /** Specs that the question names. */
  specs: readonly number[]
  /** What each operation has of the question's words. */
  hits: readonly WordHit[]
}

/**
 * Ranks the best hits again by what word counts and vectors do not see: does the method fit the
 * question's verb, is the path about what is asked and nothing more, is a name to be looked up …
 * (traits.ts). Scores stay 0–1 and fall along the ranking.
 */
export async function lookCloser(
  db: Queryable,
  { query, terms, specs, hits: byWords }: AskedFor,
  hits: readonly FusedHit[],
): Promise<LookedHit[]> {
  const head = hits.slice(0, LOOKED_AT)
  const view = viewQuestion(query, new Set(terms.filter(isUnknown).map(({ term }) => term)))
  const operations = await closeViews(
    db,
    head.map(({ op }) => op),
    { wholeTexts: view.phrases.length > 0 },
  )
  const found = new Map(byWords.map((hit) => [hit.op, hit]))
  const best = byWords[0]?.score ?? 1
  const looked = head
    .flatMap((hit) => {
      const operation = operations.get(hit.op)
      if (!operation) return []
      const words = found.get(hit.op)
      const isNamed = specs.includes(operation.spec_id)
      const traits = traitsOf(view, operation, { found: words?.matched ?? 0, isNamed })
      const scored = (score: number) => (score + weighed(traits)) / (1 + MOST)
      const scoreByWords = scored((words?.score ?? 0) / best)
      const isAbout = traits.subject >= ABOUT
      return [{ ...hit, score: scored(hit.score), isAbout, isNamed, scoreByWords }]
    })
    .toSorted((a, b) => b.score - a.score || a.op - b.op)
  const lowest = looked.at(-1)?.score ?? 1
  const rest = hits.slice(LOOKED_AT)
  return [
    ...looked,
    ...rest.map((hit) => notLookedAt({ ...hit, score: Math.min(lowest, hit.score) })),
  ]
}

/** A hit of which no more is known than how it was found. */
export function notLookedAt(hit: FusedHit): LookedHit {
  return { ...hit, isAbout: null, isNamed: false, scoreByWords: null }
}

function isUnknown({ df }: QueryTerm): boolean {
  return df === 0
}

type Looked = CloseView & { op: number; spec_id: number }

/** Descriptions, which may be long, only where they are looked at. */
async function closeViews(
  db: Queryable,
  ops: readonly number[],
  { wholeTexts }: { wholeTexts: boolean },
): Promise<Map<number, Looked>> {
  const rows = await db.query<Looked>(
    `select id as op, spec_id, method, path, operation_id, summary, effect, is_deprecated,
       case when $2 or summary is null then description end as description
     from api_catalog.operations where id = any($1::integer[])`,
    [ops, wholeTexts],
  )
  return new Map(rows.map((row) => [row.op, row]))
}
