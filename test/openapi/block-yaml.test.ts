import * as fc from 'fast-check'
import { dump, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { readBlockYaml } from '../../src/openapi/block-yaml.js'

const MAX_DEPTH = 200

/** What the library says, and in which order; undefined where it refuses. */
function byLibrary(text: string): string | undefined {
  try {
    return shown(load(text, { maxDepth: MAX_DEPTH, maxAliases: 0 }))
  } catch {
    return undefined
  }
}

/** Unlike JSON, with `.inf` and `-0`. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) => {
    if (typeof one !== 'number') return one
    return Object.is(one, -0) ? '-0' : `${one}`
  })
}

/** Texts that are written in every way there is. */
const TEXTS = [
  '',
  'string',
  "it's",
  'a: b',
  'a #b',
  '- a',
  'a:b#c',
  '"quoted"',
  'two\nlines\n',
  '  indented\nand not\n',
  '\nafter a blank line\n\n\n',
  'spaces at the end \nof lines \n',
  'a\ttab',
  'null',
  'True',
  '0x1f',
  '1e3',
  '.inf',
  '~',
  'é — ü',
  '😀 and more',
  'many words '.repeat(12),
  `${'many words '.repeat(12)}\n  ${'indented words '.repeat(8)}`,
]
const KEYS = [
  'a',
  'type',
  '200',
  '/pets/{id}',
  'two words',
  'true',
  '~',
  'x:y',
  '#a',
  '- a',
  'é',
  '',
]

const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<unknown>(...TEXTS, null, true, false, 0, -1.5, 1e21),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 4 }),
  ),
}))

const STYLES = [
  {},
  { indent: 4 },
  { seqNoIndent: true },
  { lineWidth: 30 },
  { lineWidth: -1 },
  { flowLevel: 3 },
]

/** A document as the library writes it, with its lines ended in one of two ways. */
const written = fc
  .tuple(
    fc.dictionary(fc.constantFrom(...KEYS), value, { minKeys: 1, maxKeys: 4 }),
    fc.constantFrom(...STYLES),
    fc.constantFrom('\n', '\r\n'),
  )
  .map(([document, style, lineEnd]) => dump(document, style).replaceAll('\n', lineEnd))

/** What makes something else of YAML, wherever it stands: single signs, and several. */
const SIGNS = ' \n\t\r-:#\'"\\[]{},%@`~a0é\u00A0\u0085\u2028\uFEFF\u0007\uD800'
const PHRASES = [
  '\n\n',
  '\n  ',
  ': ',
  '- ',
  ' #',
  '\n# c\n',
  '|\n',
  '|-\n',
  '|+\n',
  '>2\n',
  '&a ',
  '*a',
  '!t ',
  '!!str ',
  '<<: ',
  '? ',
  '---\n',
  '...\n',
  'b: c\n',
  '__proto__: ',
  '[a, {b: c}]',
  '"\\u00e9" ',
]

interface Change {
  at: number
  removed: number
  piece: string
}

const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    at: fc.nat({ max: 10_000 }),
    removed: fc.nat({ max: 3 }),
    piece: fc.constantFrom('', ...SIGNS.split(''), ...PHRASES),
  }),
  { maxLength: 3 },
)

function changed(text: string, { at, removed, piece }: Change): string {
  const from = at % (text.length + 1)
  return text.slice(0, from) + piece + text.slice(from + removed)
}

describe('YAML in block style', () => {
  it('is what the library makes of it, or is left to that, with whatever fault', () => {
    fc.assert(
      fc.property(written, changes, (text, list) => {
        const faulty = list.reduce(changed, text)
        const read = readBlockYaml(faulty, MAX_DEPTH)
        if (read !== null) expect(shown(read)).toBe(byLibrary(faulty))
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['keys of every kind', 'a: 1\n"b": 2\n\'200\': 3\n404: 4\ntrue: 5\n~: 6\n1.0: 7\n"é\\n" : 8\n'],
    ['what has no value', 'a:\nb: # nothing\nc: null\nd: ~\n'],
    ['the names that objects have', 'constructor: a\n__proto__:\n  toString: b\n'],
    [
      'lists in the column of their key, and nested',
      'a:\n- b\n- - c\n  - d\n-\n  e: f\n- g: h\n  i:\n  - j\n',
    ],
    ['values in lines of their own', 'a:\n  text\nb:\n  "quoted"\nc:\n  - |\n    block\n'],
    ['text that goes on', 'a: one\n  two\n\n  three\nb: "one\n  \\\n  two"\nc: \'one\n\n  two\'\n'],
    ['blocks of text', 'a: |\n  b\n   c\n\nd: >-\n  e\n  f\n\ng: |2+\n   h\n\ni: >\n\nj: |-\n  k'],
    ['comments', '# a\n---\n# b\na: b # c\n  # d\ne: # f\n  - g # h: i\n  # j\n  - k\n'],
    ['brackets in one line', 'a: [b, {c: d}]\ne: {f: [1, 2]} # g\nh: []\ni: {}\nj:\n  - [k]\n'],
    ['JSON in a line', 'a: {"b":1, "c": "\\n [", "d e": []} # f\n'],
    ['signs in brackets', "a: [read:user, /pets, $ref, -1, 'it''s', 1e3, true]\n"],
    ['line ends of Windows', 'a: b\r\nc: |\r\n  d\r\n  e\r\nf:\r\n- g\r\n'],
    ['signs that are none', 'a: -b\nc: ?d\ne: :f\ng: h:i#j\nk: l - m [n] {o} & * !\n'],
    ['no line end at the end', 'a:\n  - b: c'],
  ])('is read without the library: %s', (_, text) => {
    const read = readBlockYaml(text, MAX_DEPTH)
    expect(read).not.toBeNull()
    expect(shown(read)).toBe(byLibrary(text))
  })

  it.each([
    ['anchors', 'a: &b c\n'],
    ['aliases', 'a: *b\n'],
    ['tags', 'a: !b c\n'],
    ['merge keys', 'a:\n  <<: {b: c}\n'],
    ['merge keys in quotes', 'a:\n  "<<": {b: c}\n'],
    ['merge keys in escapes', 'a: {"\\x3c<": {b: c}}\n'],
    ['tags on nothing in brackets', 'a: [!!seq , !!map ]\n'],
    ['keys given twice', 'a: b\na: c\n'],
    ['keys given twice in brackets', 'a: {b: c, b: d}\n'],
    ['several documents', 'a: b\n---\nc: d\n'],
    ['the end of a document', 'a: b\n...\n'],
    ['directives', '%YAML 1.2\n---\na: b\n'],
    ['keys with a mark', '? a\n: b\n'],
    ['tabs outside of quotes', 'a:\tb\n'],
    ['brackets over several lines', 'a: [b,\n  c]\n'],
    ['control characters', 'a: b\u0007\n'],
    ['halves of characters', 'a: \uD800\n'],
    ['what is no object', '- a\n'],
    ['nothing', '# a\n'],
    ['odd indentation', 'a:\n    b: c\n  d: e\n'],
    ['what is deeper than allowed', 'a:\n  b:\n    c: [[d]]\n', 5],
  ])('is left to the library: %s', (_, text, maxDepth = MAX_DEPTH) => {
    expect(readBlockYaml(text, maxDepth)).toBeNull()
  })
})
