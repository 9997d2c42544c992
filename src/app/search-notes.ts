import type { Facet, Facets } from '../search/facets.js'
import type { RankedAnswer } from '../search/search-operations.js'
import { qualifiedSpec } from '../catalog/names.js'
import { counted, inline } from './answer.js'

/** Words of the question that a note names; a long question may have many that occur nowhere. */
const NAMED_WORDS = 5

const NO_WORDS =
  'The question has no word to search for. Say in a few words what is to be done and to what, or ' +
  'give an operationId, a path or `METHOD /path`.'

/** Values that a note names. */
const NAMED_VALUES = 3

const READ_IN_PART =
  'The question is long: mostly its first and its last sentences were read. Ask for one thing at a time.'

/** In place of all else: nothing was searched. */
export const EMPTY_SCOPE =
  'No operation is in the scope asked: its catalog, spec and other filters together.'

/** How the answer was found and how much of the scope is embedded. */
export function headline(
  { ranking, coverage, hits }: RankedAnswer,
  { isWeak }: { isWeak: boolean },
): string {
  const by = { hybrid: 'by words and meaning', lexical: 'by words', semantic: 'by meaning' }[
    ranking
  ]
  const found = isWeak ? 'Nothing fits well; the nearest' : counted(hits.length, 'hit')
  return `${found} ${by}; ${coverage.embedded}/${coverage.total} operations embedded.`
}

/** What the reader should know about the answer as a whole; null when all is as it should be. */
export function noteOn(
  {
    fallback,
    coverage,
    ranking,
    terms,
    naming,
    nothingBut,
    isReadInPart,
    values,
    hits,
  }: RankedAnswer,
  { isWeak, areAllWeak, hasMoved }: { isWeak: boolean; areAllWeak: boolean; hasMoved: boolean },
): string | null {
  if (coverage.total === 0) return EMPTY_SCOPE
  // Of a path that is known they are parameters.
  const isExact = hits[0]?.match === 'exact'
  const notes = values.length > 0 && !isExact ? [leftOut(values)] : []
  if (isWeak && terms.length === 0) return [...notes, NO_WORDS].join(' ')
  if (hasMoved) {
    notes.push('The order has changed since the page before: results may come again or be missed.')
  }
  if (nothingBut) {
    const { catalog, name, operationCount } = nothingBut
    const spec = quotedWord(qualifiedSpec(catalog, name))
    notes.push(
      `${spec} is a spec with ${counted(operationCount, 'operation')}; ask what it should do.`,
    )
  }
  if (fallback) notes.push(`Answered by words only: ${fallback.message.replace(/\.$/, '')}.`)
  else if (ranking !== 'lexical' && coverage.embedded < coverage.total) {
    notes.push('Embedding goes on: operations without a vector are ranked by words.')
  }
  if (isReadInPart) notes.push(READ_IN_PART)
  if (areAllWeak) notes.push('All hits here are weak matches.')
  for (const { word, guess } of terms) {
    if (guess !== null) notes.push(`No operation has ${quotedWord(word)}; "${guess}" was taken.`)
  }
  const joined = new Set(terms.flatMap(({ joins }) => joins))
  const unknown = terms
    .filter(({ df, word }) => df === 0 && !joined.has(word) && !naming.includes(word))
    .slice(0, NAMED_WORDS)
  if (isWeak && unknown.length > 0) {
    const words = unknown.map(({ word }) => quotedWord(word)).join(', ')
    notes.push(`No operation's texts, path or parameters have: ${words}.`)
  }
  return notes.join(' ') || null
}

function leftOut(values: readonly string[]): string {
  const named = values.slice(0, NAMED_VALUES).map((value) => quotedWord(value))
  return `Left out as values: ${named.join(', ')}.`
}

/** The filters that would narrow a spread answer, in a line; null where there are none. */
export function facetLine({ specs, tags, counted_among }: Facets): string | null {
  const parts = [
    ...(specs.length > 0 ? [`\`spec\`: ${specs.map(facetText).join(', ')}`] : []),
    ...(tags.length > 0 ? [`\`tag\`: ${tags.map(facetText).join(', ')}`] : []),
  ]
  if (parts.length === 0) return null
  const among = counted_among ? `, counted among the first ${counted_among} hits` : ''
  return `Narrow by ${parts.join('; ')}${among}.`
}

function facetText({ name, count }: Facet): string {
  return `\`${inline(name, 60)}\` (${count})`
}

function quotedWord(word: string): string {
  return `\`${inline(word, 40)}\``
}
