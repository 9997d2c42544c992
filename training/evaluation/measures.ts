import type { IndexedOperation, Question } from './sets.js'

/** How well one question was answered. */
export interface Measures {
  recall1: number
  recall5: number
  recall10: number
  /** 1 / rank of the first right answer among the first ten. */
  mrr: number
  /** Of the first ten, with binary gains. */
  ndcg: number
}

/** `ranked`: operations, best first; duplicates count once, at their first place. */
export function measure(ranked: readonly IndexedOperation[], question: Question): Measures {
  const gold = new Set(question.gold.map(keyOf))
  const seen = new Set<string>()
  const ranks: number[] = []
  for (const operation of ranked) {
    const key = keyOf(operation)
    if (seen.has(key)) continue
    seen.add(key)
    if (gold.has(key)) ranks.push(seen.size)
  }
  const recall = (k: number): number => ranks.filter((rank) => rank <= k).length / gold.size
  const gain = (rank: number): number => 1 / Math.log2(rank + 1)
  const top = ranks.filter((rank) => rank <= 10)
  const ideal = Array.from({ length: Math.min(10, gold.size) }, (_, i) => gain(i + 1))
  return {
    recall1: recall(1),
    recall5: recall(5),
    recall10: recall(10),
    mrr: top[0] === undefined ? 0 : 1 / top[0],
    ndcg: sum(top.map(gain)) / sum(ideal),
  }
}

export function meanOf(measures: readonly Measures[], name: keyof Measures): number {
  return sum(measures.map((one) => one[name])) / measures.length
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}

/** Spec file names are the same in every case, as the labelled sets have them. */
export function keyOf(operation: { spec: string; method: string; path: string }): string {
  return `${operation.spec.toLowerCase()}\n${operation.method.toUpperCase()}\n${operation.path}`
}
