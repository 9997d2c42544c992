import type { Queryable } from '../db/database.js'
import type { WordHit } from './by-words.js'
import type { FusedHit } from './fuse.js'
import type { NamedSpecs } from './named-specs.js'
import type { QueryTerm } from './query-terms.js'
import { MOST, saysAll, traitsOf, viewQuestion, weighed, type CloseView } from './traits.js'

/** Share of the words of the path's last name that the question has. */
const ABOUT = 0.5
/** A few pages. Looking at 150 gains .001 nDCG@10. */
const LOOKED_AT = 100
/** Of a spec that the question surely names, whatever others have of its words: some pages. */
const LED_LOOKED_AT = 50
/** Added to all of such a spec: more than what else tells any two hits apart, so that they lead. */
const LEAD = 1 + MOST

export interface LookedHit extends FusedHit {
  /** Null where nobody looked. */
  look: Look | null
  /** As `score` would be by words alone, of the best by words; null of others. */
  scoreByWords: number | null
}

/** What a closer look at an operation shows. */
export interface Look {
  /** What its traits add to a score. */
  adds: number
  /** The question names what the operation is about. */
  isAbout: boolean
  /** Its summary has every word of the question. */
  isSaid: boolean
  /** It takes nothing away, and makes nothing, that the question does not want. */
  isHarmless: boolean
  /** It is of a spec that the question names. */
  isNamed: boolean
}

export interface AskedFor {
  query: string
  /** A filter leaves only what takes something away: it says what the question need not. */
  isFilteredToDestroy: boolean
  terms: readonly QueryTerm[]
  /** Specs that the question names. */
  named: NamedSpecs
  /** Operations of the spec that the question surely names, best first. */
  led: readonly number[]
  /** What each operation has of the question's words, best first. */
  hits: readonly WordHit[]
}

/** Looks at the best by words, which need not wait for meaning. */
export async function lookByWords(db: Queryable, asked: AskedFor): Promise<Map<number, Look>> {
  const led = asked.led.slice(0, LED_LOOKED_AT)
  const best = new Set([...led, ...asked.hits.slice(0, LOOKED_AT).map(({ op }) => op)])
  return lookAt(db, asked, [...best])
}

/**
 * Ranks the best hits again, those by words and those of all together, by what word counts and
 * vectors do not see: does the method fit the question's verb, is the path about what is asked and
 * nothing more, is a name to be looked up … (traits.ts). Scores stay 0–1 and fall along the ranking.
 */
export async function lookCloser(
  db: Queryable,
  asked: AskedFor,
  hits: readonly FusedHit[],
  byWords: ReadonlyMap<number, Look>,
): Promise<LookedHit[]> {
  const others = hits.slice(0, LOOKED_AT).flatMap(({ op }) => (byWords.has(op) ? [] : [op]))
  const looks = new Map([...byWords, ...(await lookAt(db, asked, others))])
  const words = new Map(asked.hits.map(({ op, score }) => [op, score]))
  const best = asked.hits[0]?.score ?? 1
  const most = 1 + MOST + (asked.led.length > 0 ? LEAD : 0)
  const looked = hits
    .flatMap((hit) => {
      const look = looks.get(hit.op)
      if (!look) return []
      const scored = (score: number) => (score + look.adds) / most
      const isOfWords = byWords.has(hit.op)
      const scoreByWords = isOfWords ? scored((words.get(hit.op) ?? 0) / best) : null
      return [lookedHit(hit, { score: scored(hit.score), look, scoreByWords })]
    })
    .toSorted((a, b) => b.score - a.score || a.op - b.op)
  const lowest = looked.at(-1)?.score ?? 1
  const rest = hits.filter(({ op }) => !looks.has(op))
  return [...looked, ...rest.map((hit) => notLookedAt(hit, Math.min(lowest, hit.score)))]
}

/** A hit of which no more is known than how it was found. */
export function notLookedAt(hit: FusedHit, score: number): LookedHit {
  return lookedHit(hit, { score, look: null, scoreByWords: null })
}

/** Field by field: spreading the hits of a question took 2 ms of its time. */
function lookedHit(
  { op, rankLexical, rankSemantic }: FusedHit,
  { score, look, scoreByWords }: Pick<LookedHit, 'score' | 'look' | 'scoreByWords'>,
): LookedHit {
  return { op, score, rankLexical, rankSemantic, look, scoreByWords }
}

async function lookAt(
  db: Queryable,
  { query, isFilteredToDestroy, terms, named, led, hits }: AskedFor,
  ops: readonly number[],
): Promise<Map<number, Look>> {
  if (ops.length === 0) return new Map()
  const unknownStems = new Set(terms.filter(isUnknown).map(({ term }) => term))
  const view = viewQuestion(query, {
    unknownStems,
    naming: named.words,
    isFilteredToDestroy,
  })
  const operations = await closeViews(db, ops, { wholeTexts: view.phrases.length > 0 })
  const matched = new Map(hits.map((hit) => [hit.op, hit.matched]))
  return new Map(
    operations.map((operation) => {
      const { op, spec_id } = operation
      const isNamed = named.ids.includes(spec_id)
      const traits = traitsOf(view, operation, { found: matched.get(op) ?? 0, isNamed })
      const isHarmless = traits.harmless === 1
      const adds = weighed(traits) + (isNamed && led.length > 0 ? LEAD : 0)
      const isAbout = traits.subject >= ABOUT
      const isSaid = saysAll(view, operation.summary)
      return [op, { adds, isAbout, isSaid, isHarmless, isNamed }]
    }),
  )
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
): Promise<Looked[]> {
  return db.query<Looked>(
    `select id as op, spec_id, method, path, operation_id, summary, effect, is_deprecated,
       case when $2 or summary is null then description end as description
     from api_catalog.operations where id = any($1::integer[])`,
    [ops, wholeTexts],
  )
}
