import { wordsOf } from './bundled/words.js'

/** Shorter queries ask one thing; splitting them loses its context. Measured: training/README.md. */
const LONG_QUERY_WORDS = 12

/**
 * A question has a handful; a pasted page has hundreds, and each is a comparison more. Of more the first
 * and the last are read: a request stands before its story or, mostly, behind it.
 */
const MAX_CLAUSES = 16

/**
 * Share of the whole query in the score of one that has clauses; the rest is its best clause's.
 * Measured on the development sets, for words and for meaning: training/README.md.
 */
export const WHOLE_SHARE = 0.2

/**
 * The clauses of a query of twelve words and more, parted at `, . ; ? !` and at "and", "then" and
 * "also"; none for a shorter query, or where it has only one. Of many, those of both ends.
 */
export function clausesOf(query: string): string[] {
  const clauses = allClauses(query)
  if (clauses.length <= MAX_CLAUSES) return clauses
  return [...clauses.slice(0, MAX_CLAUSES / 2), ...clauses.slice(-MAX_CLAUSES / 2)]
}

/** Whether a query has more clauses than are read. */
export function hasUnreadClauses(query: string): boolean {
  return allClauses(query).length > MAX_CLAUSES
}

/** At most so many characters of a text: where it is longer, its beginning and its end. */
export function bothEnds(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const half = Math.floor((maxChars - BETWEEN.length) / 2)
  return `${text.slice(0, half)}${BETWEEN}${text.slice(-half)}`.toWellFormed()
}

/** Parts clauses. */
const BETWEEN = '. '

function allClauses(query: string): string[] {
  if (wordsOf(query).length < LONG_QUERY_WORDS) return []
  const clauses = query
    .split(/[,.;?!]+(?:\s|$)|\b(?:and|then|also)\b/i)
    .filter((clause) => wordsOf(clause).length > 0)
  return clauses.length > 1 ? clauses : []
}
