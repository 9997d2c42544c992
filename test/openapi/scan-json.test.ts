import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanJson } from '../../src/openapi/scan-json.js'

/** JSON in which keys may be given twice: objects are lists of their members. */
type Written = number | string | Written[] | { members: [string, Written][] }

const KEY = fc.constantFrom('a', 'b', 'ab', 'ba', 'get', '\\u0067et', 'a\\"b', 'é', '\\u00e9', '')

const { written } = fc.letrec<{ written: Written }>((tie) => ({
  written: fc.oneof(
    { maxDepth: 6 },
    fc.integer(),
    fc.constantFrom('', 'a', '":{"a', '\\\\'),
    fc.array(tie('written'), { maxLength: 3 }),
    fc.record({ members: fc.array(fc.tuple(KEY, tie('written')), { maxLength: 6 }) }),
  ),
}))

function textOf(value: Written): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join(',')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  return `{${value.members.map(([key, inner]) => `"${key}":${textOf(inner)}`).join(',')}}`
}

function countTwice(value: Written): number {
  if (typeof value !== 'object') return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, one) => sum + countTwice(one), 0)
  const keys = value.members.map(([key]) => JSON.parse(`"${key}"`) as string)
  const inside = value.members.map(([, inner]) => countTwice(inner))
  return keys.length - new Set(keys).size + inside.reduce((sum, count) => sum + count, 0)
}

test('every key that an object has twice is found, in whatever way it is written', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(KEY, written), { maxLength: 6 }), (members) => {
      const { duplicates } = scanJson(textOf({ members }), 200, true)
      expect(duplicates.length).toBe(Math.min(countTwice({ members }), 100))
    }),
    { numRuns: 2_000 },
  )
})

test('of an object with many keys too', () => {
  const members = Array.from({ length: 500 }, (_, n) => `"key${n}":${n}`)
  const deep = (list: string[]) => `{"a":{"b":{"c":{"d":{${list.join(',')}}}}}}`
  expect(scanJson(deep(members), 200, true).duplicates).toEqual([])
  const { duplicates } = scanJson(deep([...members, '"key3":0', '"\\u006bey400":0']), 200, true)
  expect(duplicates.map(({ key }) => key)).toEqual(['key3', 'key400'])
})
