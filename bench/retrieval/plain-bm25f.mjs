import { wordsOf } from '../../dist/catalog/words/words.js'

/** Lucene's and the literature's usual constants. */
const K1 = 1.2
const B = 0.7

/**
 * BM25F as in the textbook, in memory: our words, all fields with weight 1 and pooled, one idf, no
 * clauses, no pruning. What every other ranking is compared with.
 */
export function plainBm25f(operations) {
  const postings = new Map()
  const lengths = []
  for (const [index, operation] of operations.entries()) {
    const frequencies = new Map()
    const words = operation.fields.flatMap((field) => wordsOf(field))
    for (const word of words) frequencies.set(word, (frequencies.get(word) ?? 0) + 1)
    lengths.push(words.length)
    for (const [word, frequency] of frequencies) {
      if (!postings.has(word)) postings.set(word, [])
      postings.get(word).push([index, frequency])
    }
  }
  const meanLength = lengths.reduce((sum, length) => sum + length, 0) / lengths.length
  return (query, isInScope) => {
    const scores = new Map()
    for (const word of new Set(wordsOf(query))) {
      const posting = postings.get(word) ?? []
      const idf = Math.log(1 + (operations.length - posting.length + 0.5) / (posting.length + 0.5))
      for (const [index, frequency] of posting) {
        if (!isInScope(operations[index])) continue
        const norm = K1 * (1 - B + (B * lengths[index]) / meanLength)
        const score = (idf * frequency * (K1 + 1)) / (frequency + norm)
        scores.set(index, (scores.get(index) ?? 0) + score)
      }
    }
    return [...scores].toSorted(([a, x], [b, y]) => y - x || a - b).map(([index]) => index)
  }
}
