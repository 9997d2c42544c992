import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FIRST_PAGE, keepStrongByWords } from '../../src/search/first-page.js'

const rankings = fc
  .array(
    fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      byWords: fc.option(
        fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), isStrong: fc.boolean() }),
      ),
    }),
    { maxLength: 30 },
  )
  .map((hits) =>
    hits
      .toSorted((a, b) => b.score - a.score)
      .map((hit, op) => ({ ...hit, op, byWords: hit.byWords && { ...hit.byWords, op } })),
  )
const places = fc.integer({ min: -2, max: FIRST_PAGE })

type Ranked = typeof rankings extends fc.Arbitrary<infer Value> ? Value : never

/** Those that are on the first page by words alone, and strong. */
function expectedOn(ranked: Ranked, left: number): number[] {
  return ranked
    .flatMap(({ byWords }) => byWords ?? [])
    .toSorted((a, b) => b.score - a.score || a.op - b.op)
    .slice(0, Math.max(0, left))
    .filter(({ isStrong }) => isStrong)
    .map(({ op }) => op)
}

test('every strong hit of the first page by words is on the first page', () => {
  fc.assert(
    fc.property(rankings, places, (ranked, left) => {
      const page = keepStrongByWords(ranked, left)
        .slice(0, Math.max(0, left))
        .map(({ op }) => op)
      expect(page).toEqual(expect.arrayContaining(expectedOn(ranked, left)))
    }),
  )
})

test('no hit is lost, and those that are not moved stay in their order', () => {
  fc.assert(
    fc.property(rankings, places, (ranked, left) => {
      const after = keepStrongByWords(ranked, left).map(({ op }) => op)
      expect(after.toSorted((a, b) => a - b)).toEqual(ranked.map(({ op }) => op))
      const moved = new Set(expectedOn(ranked, left).filter((op) => op >= left))
      const page = after.slice(0, Math.max(0, left)).filter((op) => !moved.has(op))
      const rest = after.slice(Math.max(0, left))
      expect(page).toEqual(page.toSorted((a, b) => a - b))
      expect(rest).toEqual(rest.toSorted((a, b) => a - b))
    }),
  )
})

test('scores still fall along the ranking', () => {
  fc.assert(
    fc.property(rankings, places, (ranked, left) => {
      const after = keepStrongByWords(ranked, left)
      const scores = after.map(({ score }) => score)
      expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    }),
  )
})

test('hits that words are not sure of stay where they are', () => {
  fc.assert(
    fc.property(rankings, places, (ranked, left) => {
      const unsure = ranked.map(({ byWords, ...hit }) => ({
        ...hit,
        byWords: byWords && { ...byWords, isStrong: false },
      }))
      expect(keepStrongByWords(unsure, left)).toEqual(unsure)
    }),
  )
})
