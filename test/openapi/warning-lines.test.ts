import * as fc from 'fast-check'
import { dump } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { parseSpec } from '../../src/openapi/parse-spec.js'
import { withLines } from '../../src/openapi/warning-lines.js'

type Tree = { [key: string]: Tree } | Tree[] | string

/** A document in which every key stands once, and the pointers of its keys. */
function document(shape: Tree): { value: Tree; pointers: Map<string, string> } {
  const pointers = new Map<string, string>()
  let count = 0
  const numbered = (tree: Tree, pointer: string): Tree => {
    if (typeof tree === 'string') return tree
    if (Array.isArray(tree)) return tree.map((item, at) => numbered(item, `${pointer}/${at}`))
    const entries = Object.values(tree).map((inner): [string, Tree] => {
      const key = `key/${count++}"~`
      const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`
      pointers.set(at, key)
      return [key, numbered(inner, at)]
    })
    return Object.fromEntries(entries)
  }
  return { value: numbered(shape, ''), pointers }
}

const trees = fc.letrec<{ tree: Tree; object: { [key: string]: Tree } }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('x', 'a: b', '"{[', '- \\', 'two\nlines'),
    tie('object'),
    fc.array(tie('tree'), { maxLength: 4 }),
  ),
  object: fc.dictionary(fc.string({ maxLength: 3 }), tie('tree'), { minKeys: 1, maxKeys: 4 }),
})).object

function lineOf(text: string, key: string): number {
  const quoted = JSON.stringify(key)
  const isHere = (line: string) =>
    line.includes(quoted) || line.includes(`${key}:`) || line.includes(`'${key}'`)
  return text.split('\n').findIndex(isHere) + 1
}

describe('a warning has the line of what it is about', () => {
  it.each([
    ['indented JSON', (value: unknown) => JSON.stringify(value, null, 2)],
    ['JSON with tabs', (value: unknown) => JSON.stringify(value, null, '\t')],
    ['YAML', (value: unknown) => dump(value)],
  ])('in %s, wherever it stands', (_, write) => {
    fc.assert(
      fc.property(trees, (shape) => {
        const { value, pointers } = document(shape)
        const text = write(value)
        fc.pre(text.trimEnd().includes('\n'))
        const warnings = [...pointers.keys()].map((pointer) => ({
          code: 'X',
          pointer,
          message: '',
        }))
        for (const { pointer, line } of withLines(warnings, text)) {
          expect([pointer, line]).toEqual([pointer, lineOf(text, pointers.get(pointer) ?? '')])
        }
      }),
    )
  })

  it.each([
    ['a key given twice: the second', 'a: 1\nb: 2\na: 3\n', '/a', 3],
    ['an item of a list', 'tags:\n  - x\n  - y\n', '/tags/1', 3],
    ['an item of a list in JSON', '{"tags":[\n1,\n{"a":-2.5e3},\n"z"]}', '/tags/2', 4],
    ['nothing that is there', 'a:\n  b: 1\n', '/a/c', undefined],
    ['what an alias stands for', 'a: &x\n  b: 1\nc: *x\n', '/c/b', undefined],
    ['the first document with content', '---\n---\na: 1\n---\na: 2\n', '/a', 3],
    ['of several the API document', 'a: 0\n---\nopenapi: 3.0.0\na: 2\n---\na: 3\n', '/a', 4],
    ['a text of one line', '{"a":1}', '/a', undefined],
  ])('%s', (_, text, pointer, line) => {
    const [warning] = withLines([{ code: 'X', pointer, message: '' }], text)
    expect(warning?.line).toBe(line)
  })

  it('leaves a line that is known, and adds none for the whole document', () => {
    const known = { code: 'X', pointer: '/a', message: '', line: 7 }
    const whole = { code: 'X', pointer: '', message: '' }
    expect(withLines([known, whole], 'a: 1\nb: 2\n')).toEqual([known, whole])
  })

  it('is found in a Swagger 2.0 document, whose pointers are those of what was written', () => {
    const text = 'swagger: "2.0"\ninfo: {title: t, version: "1"}\npaths:\n  /a:\n    get: 5\n'
    const [warning] = withLines(parseSpec(text).warnings, text)
    expect(warning).toMatchObject({ code: 'BAD_TYPE', pointer: '/paths/~1a/get', line: 5 })
  })
})
