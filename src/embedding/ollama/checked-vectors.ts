import { BadVectors } from '../embedder.js'

/**
 * A provider's list of embeddings as unit vectors. Older servers do not normalise theirs, and both
 * ways must give the same vector. Throws BadVectors unless there are `count` of them, all of one
 * length (`dimensions`, where that is known), of finite numbers that are not all zero.
 */
export function checkedVectors(
  embeddings: unknown,
  count: number,
  dimensions: number | undefined,
): Float32Array[] {
  if (!Array.isArray(embeddings)) throw new BadVectors('Ollama answered without embeddings.')
  if (embeddings.length !== count) {
    throw new BadVectors(`Ollama answered ${embeddings.length} vectors for ${count} texts.`)
  }
  const length = dimensions ?? lengthOf(embeddings[0])
  return embeddings.map((embedding) => unitVector(embedding, length))
}

function unitVector(embedding: unknown, length: number): Float32Array {
  if (lengthOf(embedding) !== length || length === 0) {
    throw new BadVectors(
      `Ollama answered a vector of ${lengthOf(embedding)}, not ${length} numbers.`,
    )
  }
  const numbers = embedding as unknown[]
  if (!numbers.every(Number.isFinite)) {
    throw new BadVectors('Ollama answered a vector with something in it that is no finite number.')
  }
  const norm = Math.hypot(...(numbers as number[]))
  if (norm === 0) throw new BadVectors('Ollama answered a vector of zeros.')
  return Float32Array.from(numbers as number[], (number) => number / norm)
}

function lengthOf(embedding: unknown): number {
  return Array.isArray(embedding) ? embedding.length : 0
}
