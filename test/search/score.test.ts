import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { meanScores, scoreRanking, type Labelled } from '../../src/cli/eval/score.js'

const at = (path: string): Labelled => ({ spec: 'a.json', method: 'GET', path })
const ranking = Array.from({ length: 30 }, (_, n) => at(`/${n + 1}`))

describe('the scores of a ranking', () => {
  test('with the only answer first are all 1', () => {
    expect(new Set(Object.values(scoreRanking(ranking, [at('/1')])))).toEqual(new Set([1]))
  })

  test('with one of two answers at place 3 and the other at 12', () => {
    const scores = scoreRanking(ranking, [at('/3'), at('/12')])
    expect(scores).toMatchObject({
      'recall@1': 0,
      'recall@5': 0.5,
      'recall@10': 0.5,
      'recall@20': 1,
      'hit@1': 0,
      'hit@5': 1,
      'hit@10': 1,
    })
    expect(scores['MRR@10']).toBeCloseTo(1 / 3, 10)
    // 1/log2(4) over 1/log2(2) + 1/log2(3)
    expect(scores['nDCG@10']).toBeCloseTo(0.5 / (1 + 1 / Math.log2(3)), 10)
  })

  test('without any answer in the first 20 are all 0', () => {
    expect(new Set(Object.values(scoreRanking(ranking, [at('/21')])))).toEqual(new Set([0]))
    expect(new Set(Object.values(scoreRanking([], [at('/1')])))).toEqual(new Set([0]))
  })

  test('count a repeated result once, at its first place', () => {
    const repeated = [at('/x'), at('/x'), at('/x'), at('/1')]
    expect(scoreRanking(repeated, [at('/1')])['MRR@10']).toBe(0.5)
  })

  test('do not mind the case of the file and the method, but that of the path', () => {
    const gold = [{ spec: 'A.JSON', method: 'get', path: '/1' }]
    expect(scoreRanking(ranking, gold)['hit@1']).toBe(1)
    expect(scoreRanking([at('/Users')], [at('/users')])['hit@1']).toBe(0)
  })

  test('are from 0 to 1, and recall and hits only grow with the depth', () => {
    const labels = fc.array(fc.constantFrom(...ranking), { maxLength: 30 })
    fc.assert(
      fc.property(labels, labels, (ranked, gold) => {
        fc.pre(gold.length > 0)
        const scores = scoreRanking(ranked, gold)
        for (const score of Object.values(scores)) {
          expect(score).toBeGreaterThanOrEqual(0)
          expect(score).toBeLessThanOrEqual(1 + 1e-12)
        }
        expect(scores['recall@5']).toBeGreaterThanOrEqual(scores['recall@1'])
        expect(scores['recall@20']).toBeGreaterThanOrEqual(scores['recall@10'])
        expect(scores['hit@10']).toBeGreaterThanOrEqual(scores['hit@5'])
      }),
    )
  })
})

test('the mean of several rankings is taken figure by figure', () => {
  const [first, second] = [scoreRanking(ranking, [at('/1')]), scoreRanking(ranking, [at('/30')])]
  expect(meanScores([first, second])['hit@1']).toBe(0.5)
  expect(meanScores([])['hit@1']).toBe(0)
})
