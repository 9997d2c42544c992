/** An operation as evaluation sets name it: file name, method and path template. */
export interface Labelled {
  spec: string
  method: string
  path: string
}

/** The figures of one ranking, or their means over many. All 0–1. */
export type Scores = Record<(typeof FIGURES)[number], number>

const FIGURES = [
  'recall@1',
  'recall@5',
  'recall@10',
  'recall@20',
  'hit@1',
  'hit@5',
  'hit@10',
  'MRR@10',
  'nDCG@10',
] as const

/**
 * Scores a ranking, best first, against the operations that answer its question. Recall is not
 * capped by k; gains are binary; a repeated result counts once, at its first rank.
 */
export function scoreRanking(ranking: readonly Labelled[], gold: readonly Labelled[]): Scores {
  const wanted = new Set(gold.map(keyOf))
  const distinct = [...new Set(ranking.map(keyOf))]
  const ranks = distinct.flatMap((key, index) => (wanted.has(key) ? [index + 1] : []))
  const within = (k: number) => ranks.filter((rank) => rank <= k).length
  const recall = (k: number) => within(k) / wanted.size
  const hit = (k: number) => (within(k) > 0 ? 1 : 0)
  const first = ranks[0] ?? Infinity
  return {
    'recall@1': recall(1),
    'recall@5': recall(5),
    'recall@10': recall(10),
    'recall@20': recall(20),
    'hit@1': hit(1),
    'hit@5': hit(5),
    'hit@10': hit(10),
    'MRR@10': first <= 10 ? 1 / first : 0,
    'nDCG@10': ndcg(ranks, wanted.size, 10),
  }
}

export function meanScores(scores: readonly Scores[]): Scores {
  const mean = (figure: keyof Scores) =>
    scores.reduce((sum, one) => sum + one[figure], 0) / Math.max(1, scores.length)
  return Object.fromEntries(FIGURES.map((figure) => [figure, mean(figure)])) as Scores
}

function ndcg(ranks: readonly number[], golds: number, depth: number): number {
  const gain = (rank: number) => 1 / Math.log2(rank + 1)
  let ideal = 0
  for (let rank = 1; rank <= Math.min(golds, depth); rank++) ideal += gain(rank)
  const found = ranks.filter((rank) => rank <= depth).reduce((sum, rank) => sum + gain(rank), 0)
  return found / ideal
}

function keyOf({ spec, method, path }: Labelled): string {
  return `${spec.toLowerCase()}\n${method.toUpperCase()}\n${path}`
}
