import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { touchedComponents } from '../../src/openapi/touched-components.js'

/** Up to eight components, `0` … `7`, which refer to each other and to themselves. */
const graph = fc
  .uniqueArray(fc.integer({ min: 0, max: 7 }), { maxLength: 8 })
  .chain((names) =>
    fc.tuple(
      ...names.map((name) => fc.record({ pointer: fc.constant(String(name)), references: refs })),
    ),
  )
const refs = fc.uniqueArray(fc.integer({ min: 0, max: 7 }).map(String), { maxLength: 3 })

test('touched is what differs, and all from which references lead to it', () => {
  fc.assert(
    fc.property(graph, refs, (components, differing) => {
      const referencesOf = new Map(components.map((one) => [one.pointer, one.references]))
      const reached = (from: string, met = new Set<string>()): Set<string> => {
        if (met.has(from)) return met
        met.add(from)
        for (const next of referencesOf.get(from) ?? []) reached(next, met)
        return met
      }
      const expected = new Set(
        [...differing, ...referencesOf.keys()].filter((pointer) =>
          [...reached(pointer)].some((one) => differing.includes(one)),
        ),
      )
      expect(touchedComponents(differing, components)).toEqual(expected)
    }),
  )
})
