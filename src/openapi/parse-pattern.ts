import { charClassAt, type Accepts } from './char-class.js'

/** A character of a text that matches, so many times. */
export interface Term {
  /** What may stand there, the nicest first; never empty. */
  chars: string
  min: number
  max: number
}

/** Brackets in each other. */
const MAX_DEPTH = 20

/** Longer expressions are not read: an example is not worth the time. */
const MAX_PATTERN_CHARS = 1_000

/**
 * The first way through a regular expression: of `a|b` it is `a`, and brackets that are optional
 * are left out. Null where the expression has what is not understood (looking ahead or back,
 * references, flags), or the way takes more than `maxTerms`.
 */
export function parsePattern(pattern: string, maxTerms: number): Term[] | null {
  if (pattern.length > MAX_PATTERN_CHARS) return null
  try {
    return new PatternParser(pattern, maxTerms).parse()
  } catch (error) {
    if (error instanceof NotUnderstood) return null
    throw error
  }
}

class NotUnderstood extends Error {}

/** Characters are tried in this order: a word, digits, hexadecimal digits, the rest. */
const CANDIDATES =
  'string1234567890abcdefABCDEFGHIJKLMNOPQRSTUVWXYZhjklmopquvwxyz-_./:@+=#,;!?&%*()[]{}<>$^|~\'"`\\ \t\n'
const WORD = 'string'

/** Goes through a pattern once, from its start. */
class PatternParser {
  readonly #pattern: string
  readonly #maxTerms: number
  #at = 0
  #depth = 0

  constructor(pattern: string, maxTerms: number) {
    this.#pattern = pattern
    this.#maxTerms = maxTerms
  }

  parse(): Term[] {
    const terms = this.#choice()
    if (this.#at < this.#pattern.length) throw new NotUnderstood()
    return terms
  }

  /** `a|b`: the first. The others are read, to know where they end. */
  #choice(): Term[] {
    if (++this.#depth > MAX_DEPTH) throw new NotUnderstood()
    const first = this.#sequence()
    while (this.#take('|')) this.#sequence()
    this.#depth--
    return first
  }

  #sequence(): Term[] {
    const terms: Term[] = []
    if (this.#depth === 1) this.#take('^')
    while (this.#at < this.#pattern.length && !this.#isNext('|') && !this.#isNext(')')) {
      if (this.#take('$')) {
        // Nothing may follow the end.
        if (this.#depth > 1 || !(this.#at === this.#pattern.length || this.#isNext('|'))) {
          throw new NotUnderstood()
        }
        break
      }
      terms.push(...this.#quantified(this.#atom()))
      if (terms.length > this.#maxTerms) throw new NotUnderstood()
    }
    return terms
  }

  #atom(): Term[] {
    if (this.#take('(')) return this.#group()
    const chars = this.#charsOf(this.#accepted())
    return [{ chars, min: 1, max: 1 }]
  }

  #group(): Term[] {
    if (this.#take('?') && !this.#take(':') && !this.#takeMatch(/<[A-Za-z]\w*>/y)) {
      throw new NotUnderstood()
    }
    const terms = this.#choice()
    if (!this.#take(')')) throw new NotUnderstood()
    return terms
  }

  #accepted(): Accepts {
    const found = charClassAt(this.#pattern, this.#at)
    if (found === null) throw new NotUnderstood()
    this.#at = found.end
    return found.accepts
  }

  #charsOf(accepts: Accepts): string {
    const chars = Array.from(CANDIDATES).filter((char) => accepts(char))
    if (chars.length === 0) throw new NotUnderstood()
    const all = chars.join('')
    return all.startsWith(WORD) ? WORD : all
  }

  #quantified(terms: Term[]): Term[] {
    const [min, max] = this.#quantifier()
    const [only] = terms
    if (terms.length === 1 && only?.min === 1 && only.max === 1) return [{ ...only, min, max }]
    if (terms.length * min > this.#maxTerms) throw new NotUnderstood()
    return Array.from({ length: min }, () => terms).flat()
  }

  #quantifier(): [min: number, max: number] {
    const written = this.#takeMatch(/(?:[*+?]|\{\d{1,6}(?:,\d{0,6})?\})\??/y)
    if (written === null) return [1, 1]
    if (written.startsWith('*')) return [0, Infinity]
    if (written.startsWith('+')) return [1, Infinity]
    if (written.startsWith('?')) return [0, 1]
    const [, low = '', comma, high = ''] = /\{(\d+)(,?)(\d*)/.exec(written) ?? []
    const min = Number(low)
    if (comma === '') return [min, min]
    return [min, high === '' ? Infinity : Math.max(min, Number(high))]
  }

  #isNext(char: string): boolean {
    return this.#pattern.charAt(this.#at) === char
  }

  #take(char: string): boolean {
    if (!this.#isNext(char)) return false
    this.#at++
    return true
  }

  #takeMatch(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#pattern)?.[0] ?? null
    this.#at += found?.length ?? 0
    return found
  }
}
