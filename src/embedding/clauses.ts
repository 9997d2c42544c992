import { wordsOf } from './bundled/words.js'

/** Shorter queries ask one thing; splitting them loses its context. Measured: training/README.md. */
const LONG_QUERY_WORDS = 12

/** A question has a handful; a pasted page has hundreds, and each is a comparison more. */
const MAX_CLAUSES = 16

/**
 * Share of the whole query in the score of one that has clauses; the rest is its best clause's.
 * Measured on the development sets, for words and for meaning: training/README.md.
 */
export const WHOLE_SHARE = 0.2

/**
 * The clauses of a query of twelve words and more, parted at `, . ; ? !` and at "and", "then" and
 * "also"; none for a shorter query, or where it has only one.
 */
export function clausesOf(query: string): string[] {
  if (wordsOf(query).length < LONG_QUERY_WORDS) return []
  const clauses = query
    .split(/[,.;?!]+(?:\s|$)|\b(?:and|then|also)\b/i)
    .filter((clause) => wordsOf(clause).length > 0)
  return clauses.length > 1 ? clauses.slice(0, MAX_CLAUSES) : []
}
