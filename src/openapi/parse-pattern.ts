import { RegExpParser, type AST } from '@eslint-community/regexpp'

/** A character of a text that matches, so many times. */
export interface Term {
  /** What may stand there, the nicest first; never empty. */
  chars: string
  min: number
  max: number
}

/** Longer expressions are not read: an example is not worth the time. */
const MAX_PATTERN_CHARS = 1_000

/** Characters are tried in this order: a word, digits, hexadecimal digits, the rest. */
const CANDIDATES = Array.from(
  'string1234567890abcdefABCDEFGHIJKLMNOPQRSTUVWXYZhjklmopquvwxyz-_./:@+=#,;!?&%*()[]{}<>$^|~\'"`\\ \t\n',
)
const WORD = 'string'

/**
 * The first way through a regular expression: of `a|b` it is `a`, and brackets that are optional
 * are left out. Null where the expression is none, has what is not followed (looking ahead or back,
 * references), or the way takes more than `maxTerms`. The whole is never run.
 */
export function parsePattern(pattern: string, maxTerms: number): Term[] | null {
  if (pattern.length > MAX_PATTERN_CHARS) return null
  try {
    const [first] = read(pattern).alternatives
    return termsOf(withoutEnds(first?.elements ?? []), maxTerms)
  } catch (error) {
    if (error instanceof NotFollowed || error instanceof SyntaxError) return null
    throw error
  }
}

class NotFollowed extends Error {}

/** As JSON Schema has it, in Unicode; else as old expressions are written, with needless escapes. */
function read(pattern: string): AST.Pattern {
  const parser = new RegExpParser()
  try {
    return parser.parsePattern(pattern, 0, pattern.length, { unicode: true })
  } catch {
    return parser.parsePattern(pattern)
  }
}

/** Less the `^` and `$` around it. */
function withoutEnds(elements: readonly AST.Element[]): readonly AST.Element[] {
  const from = isAssertion(elements[0], 'start') ? 1 : 0
  return elements.slice(from, isAssertion(elements.at(-1), 'end') ? -1 : undefined)
}

function isAssertion(element: AST.Element | undefined, kind: 'start' | 'end'): boolean {
  return element?.type === 'Assertion' && element.kind === kind
}

function termsOf(elements: readonly AST.Element[], maxTerms: number): Term[] {
  const terms: Term[] = []
  for (const element of elements) {
    terms.push(...termsOfOne(element, maxTerms))
    if (terms.length > maxTerms) throw new NotFollowed()
  }
  return terms
}

function termsOfOne(element: AST.Element, maxTerms: number): Term[] {
  switch (element.type) {
    case 'Character':
      if (element.value > 0xffff) throw new NotFollowed() // Terms are counted in UTF-16.
      return [{ chars: String.fromCharCode(element.value), min: 1, max: 1 }]
    case 'CharacterSet':
    case 'CharacterClass':
      return [{ chars: charsOf(element), min: 1, max: 1 }]
    case 'Group':
    case 'CapturingGroup':
      return termsOf(element.alternatives[0]?.elements ?? [], maxTerms)
    case 'Quantifier':
      return repeated(element, maxTerms)
    case 'Assertion':
    case 'Backreference':
    case 'ExpressionCharacterClass':
      throw new NotFollowed()
  }
}

function charsOf({ raw }: AST.CharacterSet | AST.CharacterClass): string {
  const isOne = classOf(raw)
  const chars = CANDIDATES.filter((char) => isOne.test(char)).join('')
  if (chars === '') throw new NotFollowed()
  return chars.startsWith(WORD) ? WORD : chars
}

/** A class by itself takes no time to run, whatever is written in it. */
function classOf(raw: string): RegExp {
  try {
    return new RegExp(`^${raw}$`, 'u')
  } catch {
    return new RegExp(`^${raw}$`)
  }
}

function repeated({ element, min, max }: AST.Quantifier, maxTerms: number): Term[] {
  const terms = termsOfOne(element, maxTerms)
  if (terms.length === 0) return []
  const [only] = terms
  if (terms.length === 1 && only?.min === 1 && only.max === 1) return [{ ...only, min, max }]
  if (terms.length * min > maxTerms) throw new NotFollowed()
  return Array.from({ length: min }, () => terms).flat()
}
