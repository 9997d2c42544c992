import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { FIRST_PAGE, keepBestByWords } from '../../src/search/first-page.js'

const rankings = fc
  .array(
    fc.record({
      score: fc.double({ min: 0, max: 1, noNaN: true }),
      scoreByWords: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    }),
    { maxLength: 30 },
  )
  .map((hits) => hits.toSorted((a, b) => b.score - a.score).map((hit, op) => ({ ...hit, op })))
const places = fc.integer({ min: 0, max: FIRST_PAGE })
const always = () => true

test('the best hit by words is on the first page, and all others stay in their order', () => {
  fc.assert(
    fc.property(rankings, places, (ranked, left) => {
      const kept = keepBestByWords(ranked, { places: left, isStrong: always })
      const best = Math.max(...ranked.map(({ scoreByWords }) => scoreByWords ?? -1))
      const at = kept.findIndex(({ scoreByWords }) => scoreByWords === best)
      if (best >= 0) expect(at).toBeLessThan(Math.max(1, left))
      const moved = kept[at]?.op
      const others = (hits: { op: number }[]) =>
        hits.map(({ op }) => op).filter((op) => op !== moved)
      expect(others(kept)).toEqual(others(ranked))
      expect(kept).toHaveLength(ranked.length)
    }),
  )
})

test('scores still fall along the ranking', () => {
  fc.assert(
    fc.property(rankings, places, (ranked, left) => {
      const scores = keepBestByWords(ranked, { places: left, isStrong: always }).map(
        ({ score }) => score,
      )
      expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    }),
  )
})

test('a hit that words are not sure of stays where it is', () => {
  fc.assert(
    fc.property(rankings, places, (ranked, left) => {
      expect(keepBestByWords(ranked, { places: left, isStrong: () => false })).toEqual(ranked)
    }),
  )
})
