import { parsePattern, type Term } from './parse-pattern.js'

/** Longer texts are of no use in an example. */
const MAX_CHARS = 300

/**
 * A short text that a regular expression of JSON Schema matches, within these lengths in
 * characters; null where none is found. The expression itself is never run, since one from
 * a document may take forever.
 */
export function patternText(pattern: string, minLength = 0, maxLength = MAX_CHARS): string | null {
  const terms = parsePattern(pattern, MAX_CHARS)
  if (terms === null) return null
  const most = Math.min(maxLength, MAX_CHARS)
  if (sum(terms.map(({ min }) => min)) > most) return null
  const counts = terms.map((term) => usualCount(term))
  shorten(terms, counts, most)
  const wanted = sum(counts) === 0 ? Math.max(minLength, WORD.length) : minLength
  lengthen(terms, counts, Math.min(wanted, most))
  const text = terms.map((term, at) => repeated(term.chars, counts[at] ?? 0)).join('')
  return text.length >= minLength && text.length <= most ? text : null
}

/** What free text looks like elsewhere in an example. */
const WORD = 'string'

/** Where any word may stand, a whole one. */
function usualCount({ chars, min, max }: Term): number {
  return min > 0 && chars === WORD ? Math.min(Math.max(min, WORD.length), max) : min
}

function shorten(terms: readonly Term[], counts: number[], maxLength: number): void {
  let excess = sum(counts) - maxLength
  for (const [at, { min }] of terms.entries()) {
    const less = Math.min(Math.max(excess, 0), (counts[at] ?? 0) - min)
    counts[at] = (counts[at] ?? 0) - less
    excess -= less
  }
}

function lengthen(terms: readonly Term[], counts: number[], minLength: number): void {
  let lack = minLength - sum(counts)
  for (const [at, { max }] of terms.entries()) {
    const more = Math.min(Math.max(lack, 0), max - (counts[at] ?? 0))
    counts[at] = (counts[at] ?? 0) + more
    lack -= more
  }
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}

function repeated(chars: string, count: number): string {
  return chars.repeat(Math.ceil(count / chars.length)).slice(0, count)
}
