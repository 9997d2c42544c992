import { readFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { Embedder } from '../embedder.js'
import { clausesOf } from '../clauses.js'
import { composeOperation, composeText, type Model } from './compose.js'
import { stemRows, Vocabulary } from './vocabulary.js'
import { readWeights, WEIGHTS_FILE } from './weights.js'

/** The name that the weights file says in its header, known before it is read. */
const MODEL = 'operations-256d-1'

/** Says how fields become a vector; any change in compose, vocabulary or words is a new name. */
const RECIPE = 'fields-1'

/** So long it may compose before others have their turn: some 40 operations, or in a new process 5. */
const TURN_MS = 8

/**
 * The embedder that needs nothing installed: a vector for each word, from a file in this package,
 * composed by field. It runs in this thread and reads the file (8 MB) on first use.
 */
export function createBundledEmbedder(): Embedder {
  let loading: Promise<Model> | undefined
  const load = (): Promise<Model> => (loading ??= loadModel())

  return {
    provider: 'bundled',
    model: MODEL,
    state: 'ready',
    async space() {
      const { weights } = await load()
      return {
        provider: 'bundled',
        model: weights.header.model,
        dimensions: weights.header.dimensions,
        weights: weights.sha256,
        recipe: RECIPE,
      }
    },
    async embedOperations(operations, signal) {
      const model = await load()
      const vectors: (Float32Array | null)[] = []
      let turnEnds = -Infinity
      for (const operation of operations) {
        if (performance.now() >= turnEnds) {
          await othersTurn(signal)
          turnEnds = performance.now() + TURN_MS
        }
        vectors.push(composeOperation(model, operation))
      }
      return vectors
    },
    async embedQuery(query) {
      const model = await load()
      return [query, ...clausesOf(query)]
        .map((text) => composeText(model, text))
        .filter((vector) => vector !== null)
    },
    async [Symbol.asyncDispose]() {
      loading = undefined
    },
  }
}

/** In turns: all of it takes some 40 ms of a process that was just started. */
async function loadModel(): Promise<Model> {
  const weights = readWeights(await readFile(WEIGHTS_FILE))
  const stems = stemRows(weights.rowOf)
  for (;;) {
    await othersTurn()
    const step = stems.next()
    if (step.done === true)
      return { weights, vocabulary: new Vocabulary(weights.rowOf, step.value) }
  }
}

/** Lets timers and sockets have their turn: from within one's own, the first `setImmediate` comes before. */
async function othersTurn(signal?: AbortSignal): Promise<void> {
  await setImmediate(undefined, { signal })
  await setImmediate(undefined, { signal })
}
