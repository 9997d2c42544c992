import { splitFirstSentence } from '../src/catalog/words/first-sentence.js'
import type { Vocabulary } from '../src/embedding/bundled/vocabulary.js'
import { wordsOf } from '../src/embedding/bundled/words.js'
import type { CorpusOperation } from './corpus.js'
import type { TrainingData } from './make-weights.js'
import type { Random } from './random.js'

/** Rows of the words of a question, and of a text that answers it. Both are never empty. */
export interface Pair {
  query: Int32Array
  document: Int32Array
}

/** Shares of a batch; the rest is WordNet. */
const OPERATIONS_SHARE = 0.65
const NAMES_SHARE = 0.2
const JARGON_SHARE = 0.03

/** Neighbours from one spec are the hard negatives of each other. */
const RUN_LENGTH = 8
const SHARE_IN_RUNS = 0.5

const SPAN_WORDS = 10
const WORD_DROPOUT = 0.3
const FIELD_DROPOUT = 0.2
/** In this share of pairs the document loses most words that the question has too. */
const HIDING_SHARE = 0.3
const HIDDEN_WORDS = 0.8

type Field = 'summary' | 'firstSentence' | 'rest' | 'operationId' | 'path' | 'tags' | 'names'

/** An operation's texts as rows, in their order and with repeats. */
interface IndexedOperation {
  fields: Record<Field, number[]>
}

/** What the questions are made of, by falling likelihood. */
const QUERY_FIELDS: [Field, share: number][] = [
  ['summary', 0.4],
  ['firstSentence', 0.3],
  ['rest', 0.12],
  ['operationId', 0.1],
  ['path', 0.05],
  ['tags', 0.03],
]

/** Makes batches of pairs out of the corpus and WordNet, without end. */
export class PairSource {
  readonly #bySpec: IndexedOperation[][]
  readonly #operations: IndexedOperation[]
  readonly #names: [query: number[], document: number[]][]
  readonly #senses: number[][][]
  readonly #jargon: number[][][]
  readonly #random: Random

  constructor(data: TrainingData, vocabulary: Vocabulary, random: Random) {
    const { corpus, senses, jargon } = data
    const rows = (text: string): number[] =>
      wordsOf(text).flatMap((word) => vocabulary.rowsOf(word))
    const bySpec = new Map<string, IndexedOperation[]>()
    for (const operation of corpus.operations) {
      const indexed = { fields: indexFields(operation, rows) }
      const siblings = bySpec.get(operation.spec)
      if (siblings) siblings.push(indexed)
      else bySpec.set(operation.spec, [indexed])
    }
    this.#bySpec = [...bySpec.values()]
    this.#operations = this.#bySpec.flat()
    this.#names = corpus.names
      .map(({ name, description }): [number[], number[]] => [
        rows(splitFirstSentence(description)[0]),
        rows(name),
      ])
      .filter(([query, document]) => query.length > 1 && document.length > 0)
    this.#senses = senses
      .map(({ lemmas, gloss, hypernyms }) =>
        [...lemmas.map(rows), rows(gloss), hypernyms.flatMap(rows)].filter((r) => r.length > 0),
      )
      .filter((texts) => texts.length > 1)
    this.#jargon = jargon.map((group) => group.map(rows))
    this.#random = random
  }

  batch(size: number): Pair[] {
    const pairs: Pair[] = []
    const operationsEnd = Math.round(size * OPERATIONS_SHARE)
    const runsEnd = Math.round(operationsEnd * SHARE_IN_RUNS)
    const namesEnd = operationsEnd + Math.round(size * NAMES_SHARE)
    const jargonEnd = namesEnd + Math.round(size * JARGON_SHARE)
    while (pairs.length < runsEnd) {
      // Chosen by operation, so that a spec counts as much as it has operations.
      const spec = this.#specOfRandomOperation()
      const run = this.#random.shuffled(spec).slice(0, RUN_LENGTH)
      for (const operation of run) {
        if (pairs.length < runsEnd) push(pairs, this.#ofOperation(operation))
      }
    }
    while (pairs.length < operationsEnd) {
      push(pairs, this.#ofOperation(this.#random.pick(this.#operations)))
    }
    while (pairs.length < namesEnd) {
      const [description, name] = this.#random.pick(this.#names)
      push(pairs, pairOf(this.#thinned(description), name))
    }
    while (pairs.length < size) {
      const groups = pairs.length < jargonEnd ? this.#jargon : this.#senses
      const [a, b] = this.#random.shuffled(this.#random.pick(groups))
      push(pairs, pairOf(a!, b!))
    }
    return pairs
  }

  #specOfRandomOperation(): IndexedOperation[] {
    let at = this.#random.below(this.#operations.length)
    return this.#bySpec.find((spec) => (at -= spec.length) < 0)!
  }

  #ofOperation({ fields }: IndexedOperation): Pair | null {
    const asked = this.#queryField(fields)
    if (!asked) return null
    let query = fields[asked]
    if (asked === 'rest' && query.length > SPAN_WORDS) {
      const start = this.#random.below(query.length - SPAN_WORDS + 1)
      query = query.slice(start, start + SPAN_WORDS)
    }
    if (this.#random.chance(0.5)) query = this.#thinned(query)
    let document = (Object.keys(fields) as Field[])
      .filter((field) => field !== asked && !this.#random.chance(FIELD_DROPOUT))
      .flatMap((field) => fields[field])
    if (this.#random.chance(HIDING_SHARE)) {
      const shared = new Set(query)
      document = document.filter((row) => !shared.has(row) || !this.#random.chance(HIDDEN_WORDS))
    }
    return pairOf(query, document)
  }

  #queryField(fields: Record<Field, number[]>): Field | undefined {
    let at = this.#random.next()
    const drawn = QUERY_FIELDS.findIndex(([, share]) => (at -= share) < 0)
    const order = [...QUERY_FIELDS.slice(Math.max(drawn, 0)), ...QUERY_FIELDS]
    return order.find(([field]) => fields[field].length > 0)?.[0]
  }

  #thinned(rows: readonly number[]): number[] {
    return rows.filter(() => !this.#random.chance(WORD_DROPOUT))
  }
}

function indexFields(
  operation: CorpusOperation,
  rows: (text: string) => number[],
): Record<Field, number[]> {
  const [firstSentence, rest] = splitFirstSentence(operation.description ?? '')
  return {
    summary: rows(operation.summary ?? ''),
    firstSentence: rows(firstSentence),
    rest: rows(rest.slice(0, 300)),
    operationId: rows(operation.operationId ?? ''),
    path: rows(`${operation.method} ${operation.path}`),
    tags: rows(operation.tags.join(' ')),
    names: rows(`${operation.parameters.join(' ')} ${operation.bodyProperties.join(' ')}`),
  }
}

function pairOf(query: readonly number[], document: readonly number[]): Pair | null {
  if (query.length === 0 || document.length === 0) return null
  return { query: distinct(query), document: distinct(document) }
}

function distinct(rows: readonly number[]): Int32Array {
  return Int32Array.from(new Set(rows)).sort()
}

function push(pairs: Pair[], pair: Pair | null): void {
  if (pair) pairs.push(pair)
}
