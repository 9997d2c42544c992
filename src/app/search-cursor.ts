import { createHash } from 'node:crypto'
import { InputError } from '../errors.js'
import type { RankedAnswer } from '../search/search-operations.js'
import type { SearchInput } from './search-input.js'

/** Where the next page of a ranking begins. */
export interface Cursor {
  /** Results on the pages before. */
  offset: number
  /** Of the question and its filters. Null in a cursor that somebody wrote by hand: `8`. */
  question: string | null
  /** Of the ranking that the page before was cut from. */
  ranking: string | null
}

const WRITTEN = /^(\d{1,6})(?:\.([0-9a-z]{4})([0-9a-z]{4}))?$/

/** Throws InputError for what is no cursor, or is one of another question. */
export function readCursor({ cursor, ...asked }: SearchInput): Cursor {
  if (cursor === undefined) return { offset: 0, question: null, ranking: null }
  const [, offset, question = null, ranking = null] = WRITTEN.exec(cursor.trim()) ?? []
  if (offset === undefined) {
    throw new InputError('That `cursor` is not one of search_operations; leave it out to start.')
  }
  if (question !== null && question !== questionKey(asked)) {
    throw new InputError(
      'That `cursor` is of another question or other filters; repeat those, or leave it out to start.',
    )
  }
  return { offset: Number(offset), question, ranking }
}

/** `8.k3f9x2ab`: short, since a model has to copy it. */
export function writeCursor(asked: SearchInput, answer: RankedAnswer, offset: number): string {
  return `${offset}.${questionKey(asked)}${rankingKey(answer)}`
}

/** What must be the same from page to page; how much of it is shown may change. */
export function questionKey(asked: SearchInput): string {
  const { query, catalog, spec, method, tag, path_prefix, effect, ranking } = asked
  return shortHash(
    JSON.stringify([query, catalog, spec, method, tag, path_prefix, effect, ranking]),
  )
}

/** Differs where the order or the number of hits does. */
export function rankingKey({ hits }: RankedAnswer): string {
  return shortHash(hits.map(({ op }) => op).join(' '))
}

/** Four characters, 1.7 million values: against mistakes, not against intent. */
function shortHash(text: string): string {
  const number = createHash('sha256').update(text).digest().readUInt32BE()
  return (number % 36 ** 4).toString(36).padStart(4, '0')
}
