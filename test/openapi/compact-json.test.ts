import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compactJson } from '../../src/openapi/compact-json.js'

const compacted = (text: string) => {
  const bytes = compactJson(Buffer.from(text))
  return bytes === null ? null : Buffer.from(bytes).toString()
}

const parsed = (text: string): { value: unknown } | null => {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return null
  }
}

const PIECES = ['{', '}', '[', ']', ':', ',', '"a"', '"b \\" c"', '1', '-2e3', 'true', '"', '\\']
const SPACES = [' ', '\n', '\r\n', '\t', '   ', '']

describe('JSON without the spaces between its parts', () => {
  it('is what JSON.stringify writes, whatever the indentation was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 1, max: 8 }), (value, indent) => {
        const text = JSON.stringify({ value }, null, indent)
        expect(compacted(text)).toBe(JSON.stringify({ value }))
      }),
    )
  })

  it('never makes JSON of what is none', () => {
    const piece = fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(...SPACES))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = `[ ${pieces.flat().join('')}]`
        const compact = compacted(text)
        if (compact !== null) expect(parsed(compact)).toEqual(parsed(text))
      }),
      { numRuns: 5_000 },
    )
  })

  it.each([
    ['two numbers', '[ 1 2 ]'],
    ['a word in two', '{ "a": tr\n ue }'],
    ['YAML', 'openapi: 3.0.3\ninfo: {}\n'],
    ['JSON without spaces', '{"a":[1,2,{"b":"c d"}]}'],
  ])('is not made of %s', (_, text) => expect(compacted(text)).toBeNull())
})
