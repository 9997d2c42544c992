import { clausesOf } from '../../src/embedding/clauses.js'
import { splitFirstSentence } from '../../src/catalog/words/first-sentence.js'
import type { OperationText } from '../../src/embedding/embedder.js'
import { cosines, type DenseIndex } from './dense.js'
import { combineParts } from './rank.js'
import { USE_LITE_DIMENSIONS, type UseLiteVectors } from './use-lite-vectors.js'

/**
 * The Universal Sentence Encoder (lite), for comparison: an operation as one text (summary, path,
 * first sentence), a question by the same clauses. Its questions must be told beforehand.
 */
export async function useLiteIndex(
  vectors: UseLiteVectors,
  operations: readonly OperationText[],
  questions: readonly string[],
): Promise<DenseIndex> {
  const matrix = await vectors.embed(operations.map(textOf))
  const partsOf = new Map<string, Float32Array>()
  for (const query of questions) {
    partsOf.set(query, await vectors.embed([query, ...clausesOf(query)]))
  }
  return (query) => {
    const parts = partsOf.get(query)!
    const scores: Float32Array[] = []
    for (let start = 0; start < parts.length; start += USE_LITE_DIMENSIONS) {
      scores.push(cosines(matrix, parts.subarray(start, start + USE_LITE_DIMENSIONS)))
    }
    return combineParts(scores)
  }
}

/** It refuses an empty text and is slow on long ones. */
function textOf({ summary, method, path, description }: OperationText): string {
  return [summary, `${method} ${path}`, splitFirstSentence(description ?? '')[0].slice(0, 300)]
    .filter(Boolean)
    .join('. ')
}
