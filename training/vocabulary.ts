import { lightStem, wordsOf } from '../src/embedding/bundled/words.js'
import type { CorpusOperation } from './corpus.js'
import type { TrainingData } from './make-weights.js'

/** The words of a model, by falling frequency in the corpus. */
export interface TrainingVocabulary {
  words: string[]
  rowOf: Map<string, number>
  /** Share of each word among all of the corpus' words. */
  frequency: Float64Array
  /** For each word, the number of its stem. */
  stemOf: Int32Array
  stems: number
}

/** Rarer words of the corpus are mostly names and typing errors. */
const LEAST_COUNT = 3
/** A word that general English lacks and only one spec has is a name, or several words in one. */
const LEAST_SPECS = 2

/**
 * The corpus' words, filled up to `size` with the most frequent words of general English; people's
 * and places' names are among them, and help: a question names a person, the answer is about people.
 */
export function chooseVocabulary(data: TrainingData, size: number): TrainingVocabulary {
  const { corpus, english } = data
  const texts = [
    ...corpus.operations.map((operation) => ({ spec: operation.spec, text: textOf(operation) })),
    ...corpus.names.map(({ spec, name, description }) => ({
      spec,
      text: `${name} ${description}`,
    })),
  ]
  const { counts, specs } = countWords(texts)
  const isOwn = (word: string, count: number): boolean =>
    count >= LEAST_COUNT &&
    word.length > 1 &&
    (english.vectorOf(word) !== undefined || specs.get(word)!.size >= LEAST_SPECS)
  const own = [...counts]
    .filter(([word, count]) => isOwn(word, count))
    .sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1))
    .map(([word]) => word)

  const words = new Set(own)
  for (const word of english.words()) {
    if (words.size >= size) break
    if (/^[a-z]{2,}$/.test(word)) words.add(word)
  }
  return numbered([...words].slice(0, size), counts)
}

function numbered(words: string[], counts: ReadonlyMap<string, number>): TrainingVocabulary {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const stems = new Map<string, number>()
  const stemOf = words.map((word) => {
    const stem = lightStem(word)
    if (!stems.has(stem)) stems.set(stem, stems.size)
    return stems.get(stem)!
  })
  return {
    words,
    rowOf: new Map(words.map((word, row) => [word, row])),
    frequency: Float64Array.from(words, (word) => (counts.get(word) ?? 0) / total),
    stemOf: Int32Array.from(stemOf),
    stems: stems.size,
  }
}

function textOf(operation: CorpusOperation): string {
  const { method, path, operationId, summary, description } = operation
  const { tags, parameters, bodyProperties } = operation
  return [method, path, operationId, summary, description, tags, parameters, bodyProperties]
    .flat()
    .join(' ')
}

/** How often each word stands in the texts, and in which specs. */
function countWords(texts: readonly { spec: string; text: string }[]): {
  counts: Map<string, number>
  specs: Map<string, Set<string>>
} {
  const counts = new Map<string, number>()
  const specs = new Map<string, Set<string>>()
  for (const { spec, text } of texts) {
    for (const word of wordsOf(text)) {
      counts.set(word, (counts.get(word) ?? 0) + 1)
      const known = specs.get(word)
      if (known) known.add(spec)
      else specs.set(word, new Set([spec]))
    }
  }
  return { counts, specs }
}
