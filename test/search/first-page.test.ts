import { array, assert, double, integer, option, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { FIRST_PAGE, keepBestByWords } from '../../src/search/first-page.js'

const rankings = array(
  record({
    score: double({ min: 0, max: 1, noNaN: true }),
    scoreByWords: option(double({ min: 0, max: 1, noNaN: true })),
  }),
  { maxLength: 30 },
).map((hits) => hits.toSorted((a, b) => b.score - a.score).map((hit, op) => ({ ...hit, op })))
const places = integer({ min: 0, max: FIRST_PAGE })
const always = () => true

test('the best hit by words is on the first page, and all others stay in their order', () => {
  assert(
    property(rankings, places, (ranked, left) => {
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
  assert(
    property(rankings, places, (ranked, left) => {
      const scores = keepBestByWords(ranked, { places: left, isStrong: always }).map(
        ({ score }) => score,
      )
      expect(scores).toEqual(scores.toSorted((a, b) => b - a))
    }),
  )
})

test('a hit that words are not sure of stays where it is', () => {
  assert(
    property(rankings, places, (ranked, left) => {
      expect(keepBestByWords(ranked, { places: left, isStrong: () => false })).toEqual(ranked)
    }),
  )
})
