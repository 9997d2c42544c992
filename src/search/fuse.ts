/** One operation's place in both rankings and what they make together. */
export interface FusedHit {
  op: number
  /** 0–1. */
  score: number
  /** Place in the ranking by words, from 1; null where no word fits. */
  rankLexical: number | null
  /** Place in the ranking by meaning, from 1; null where it has no vector or was not compared. */
  rankSemantic: number | null
}

/** Share of meaning in the fused score, of few operations. */
const MEANING_SHARE = 0.4
/**
 * Among more operations it falls, to a half for eight times as many: the more there are, the more
 * of them are near to any question, and words and names tell them apart. With the full share hybrid
 * is up to .015 nDCG@10 worse than words alone among 80,000 operations, so at most .004.
 */
const MANY_OPERATIONS = 10_000
/** The similarities of so many nearest operations set the scale. */
const SCALE_DEPTH = 200

/** How much of the fused score is by meaning, for a question asked of so many operations. */
export function meaningShare(operations: number): number {
  return MEANING_SHARE * Math.min(1, Math.cbrt(MANY_OPERATIONS / operations))
}

/**
 * Convex combination of both arms, each scaled to 0–1 within this question: words by their best
 * score, similarities by the range of the nearest ones. An operation that one arm cannot know — it
 * has no vector yet — takes the other arm's value for both, so it is neither buried nor favoured;
 * one that shares no word with the question has 0 from words.
 */
export function fuse(
  lexical: readonly { op: number; score: number }[],
  /** By operation, nearest first. */
  semantic: ReadonlyMap<number, number>,
  /** In scope. */
  operations: number,
): FusedHit[] {
  const share = meaningShare(operations)
  const best = lexical[0]?.score ?? 1
  const similarities = [...semantic.values()]
  const [top, low] = [
    similarities[0] ?? 1,
    similarities[SCALE_DEPTH - 1] ?? similarities.at(-1) ?? 0,
  ]
  const scaled = (value: number) => (top > low ? Math.max(0, (value - low) / (top - low)) : 1)

  const rankLexical = new Map(lexical.map(({ op }, index) => [op, index + 1]))
  const rankSemantic = new Map([...semantic.keys()].map((op, index) => [op, index + 1]))
  const words = new Map(lexical.map(({ op, score }) => [op, score / best]))

  const ops = new Set([...words.keys(), ...semantic.keys()])
  return [...ops]
    .map((op) => {
      const byWords = words.get(op) ?? 0
      const near = semantic.get(op)
      const byMeaning = near === undefined ? byWords : scaled(near)
      return {
        op,
        score: share * byMeaning + (1 - share) * byWords,
        rankLexical: rankLexical.get(op) ?? null,
        rankSemantic: rankSemantic.get(op) ?? null,
      }
    })
    .toSorted((a, b) => b.score - a.score || a.op - b.op)
}
