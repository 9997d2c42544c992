import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fuse, meaningShare } from '../../src/search/fuse.js'

const lexicalOf = fc
  .uniqueArray(
    fc.record({
      op: fc.integer({ min: 1, max: 60 }),
      score: fc.double({ min: 0.001, max: 50, noNaN: true }),
    }),
    { selector: ({ op }) => op, maxLength: 40 },
  )
  .map((hits) => hits.toSorted((a, b) => b.score - a.score || a.op - b.op))
const semanticOf = fc
  .uniqueArray(
    fc.record({
      op: fc.integer({ min: 1, max: 60 }),
      near: fc.double({ min: -1, max: 1, noNaN: true }),
    }),
    { selector: ({ op }) => op, maxLength: 60 },
  )
  .map((hits) => hits.toSorted((a, b) => b.near - a.near || a.op - b.op))
  .map((hits) => new Map(hits.map(({ op, near }) => [op, near])))

const operationsOf = fc.integer({ min: 1, max: 1_000_000 })

test('every score is from 0 to 1, and no operation is there twice or lost', () => {
  fc.assert(
    fc.property(lexicalOf, semanticOf, operationsOf, (lexical, semantic, operations) => {
      const fused = fuse(lexical, semantic, operations)
      for (const { score } of fused) {
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
      }
      const ops = new Set([...lexical.map(({ op }) => op), ...semantic.keys()])
      expect(fused.map(({ op }) => op).toSorted((a, b) => a - b)).toEqual(
        [...ops].toSorted((a, b) => a - b),
      )
    }),
  )
})

test('the order is by score, then by operation, whatever order equals came in', () => {
  fc.assert(
    fc.property(lexicalOf, semanticOf, operationsOf, (lexical, semantic, operations) => {
      const fused = fuse(lexical, semantic, operations)
      const sorted = fused.toSorted((a, b) => b.score - a.score || a.op - b.op)
      expect(fused).toEqual(sorted)
      expect(fuse(lexical, semantic, operations)).toEqual(fused)
    }),
  )
})

test('the best hit by words that has no vector is first, or level with the first', () => {
  fc.assert(
    fc.property(lexicalOf, semanticOf, operationsOf, (lexical, semantic, operations) => {
      fc.pre(lexical.length > 0 && !semantic.has(lexical[0]!.op))
      const fused = fuse(lexical, semantic, operations)
      const best = fused.find(({ op }) => op === lexical[0]!.op)
      expect(best?.score).toBe(1)
      expect(fused[0]?.score).toBe(1)
    }),
  )
})

test('an operation without a vector stands where its words put it among such operations', () => {
  fc.assert(
    fc.property(lexicalOf, semanticOf, operationsOf, (lexical, semantic, operations) => {
      const withoutVector = lexical.filter(({ op }) => !semantic.has(op))
      const fused = fuse(lexical, semantic, operations).filter(({ op }) => !semantic.has(op))
      const scoreOf = new Map(lexical.map(({ op, score }) => [op, score]))
      const scores = fused.map(({ op }) => scoreOf.get(op)!)
      expect(scores).toHaveLength(withoutVector.length)
      expect(scores.every((score, n) => n === 0 || scores[n - 1]! >= score - 1e-9)).toBe(true)
    }),
  )
})

test('more words or a nearer meaning never cost a place', () => {
  fc.assert(
    fc.property(lexicalOf, semanticOf, operationsOf, (lexical, semantic, operations) => {
      const byOp = new Map(lexical.map(({ op, score }) => [op, score]))
      const fused = fuse(lexical, semantic, operations).filter(
        ({ op }) => byOp.has(op) && semantic.has(op),
      )
      const place = new Map(fused.map(({ op }, index) => [op, index]))
      for (const a of fused) {
        for (const b of fused) {
          const isBetter =
            byOp.get(a.op)! > byOp.get(b.op)! && semantic.get(a.op)! > semantic.get(b.op)!
          const [scoreA, scoreB] = [a.score, b.score]
          if (isBetter && scoreA !== scoreB) {
            expect(place.get(a.op)!).toBeLessThan(place.get(b.op)!)
          }
        }
      }
    }),
  )
})

test('each hit tells its places in both rankings', () => {
  const lexical = [
    { op: 1, score: 4 },
    { op: 2, score: 2 },
  ]
  const semantic = new Map([
    [2, 0.9],
    [3, 0.5],
  ])
  expect(fuse(lexical, semantic, 50)).toEqual([
    { op: 1, score: 1, rankLexical: 1, rankSemantic: null },
    { op: 2, score: 0.7, rankLexical: 2, rankSemantic: 1 },
    { op: 3, score: 0, rankLexical: null, rankSemantic: 2 },
  ])
})

test('with one arm the ranking is that arm’s', () => {
  fc.assert(
    fc.property(lexicalOf, semanticOf, operationsOf, (lexical, semantic, operations) => {
      const byWords = fuse(lexical, new Map(), operations)
      expect(byWords.map(({ rankLexical }) => rankLexical)).toEqual(
        lexical.map((_, index) => index + 1),
      )
      const byMeaning = fuse([], semantic, operations)
      expect(byMeaning.every(({ rankLexical }) => rankLexical === null)).toBe(true)
    }),
  )
})

test('the more operations there are, the less meaning counts, and never more than words', () => {
  fc.assert(
    fc.property(operationsOf, operationsOf, (a, b) => {
      const [few, many] = [Math.min(a, b), Math.max(a, b)]
      expect(meaningShare(many)).toBeLessThanOrEqual(meaningShare(few))
      expect(meaningShare(many)).toBeGreaterThan(0)
      expect(meaningShare(few)).toBeLessThan(0.5)
    }),
  )
})
