import { setTimeout as delay } from 'node:timers/promises'
import {
  BatchTooLarge,
  ProviderUnavailable,
  TextRefused,
  type Embedder,
  type EmbedderState,
  type OperationText,
  type SpaceIdentity,
} from '../../src/embedding/embedder.js'

/** What a broken provider answers in place of vectors. */
export type Fault = 'short_list' | 'wrong_length' | 'nan' | 'zeros'

/**
 * An embedder that does what a test tells it, and remembers what it was asked. Its vectors are
 * bags of words: texts that share words are near each other. Like a real provider it ends a call
 * when its signal aborts, and tells nothing of its space while it is down.
 */
export class StubEmbedder implements Embedder {
  readonly provider = 'bundled'
  state: EmbedderState = 'ready'
  identity: SpaceIdentity
  isDown = false
  /** Texts that are refused, alone or in company. */
  refused: RegExp | null = null
  /** Texts without a known word. */
  unknown: RegExp | null = null
  /** More texts than this are too many for one call. */
  mostTexts = Infinity
  tooLarge: BatchTooLarge['reason'] = 'timeout'
  /** Texts that get a broken vector, and how it is broken. */
  broken: { texts: RegExp; fault: Fault } | null = null
  delayMs = 0
  queryDelayMs = 0
  /** Called at the start of each batch; it may wait, and what it throws the batch throws. */
  onBatch: ((batch: number, signal: AbortSignal) => Promise<void> | void) | null = null
  onQuery: (() => void) | null = null
  /** The operations of each batch, as `METHOD path`. */
  readonly batches: string[][] = []
  /** Operations that were given a vector, in order, with repeats. */
  readonly embedded: string[] = []

  constructor(identity: Partial<SpaceIdentity> = {}) {
    this.identity = {
      provider: this.provider,
      model: 'stub',
      dimensions: 64,
      weights: 'stub',
      recipe: 'words-1',
      ...identity,
    }
  }

  get model(): string {
    return this.identity.model
  }

  async space(signal: AbortSignal): Promise<SpaceIdentity> {
    signal.throwIfAborted()
    this.#refuseIfDown()
    return this.identity
  }

  async embedOperations(
    operations: readonly OperationText[],
    signal: AbortSignal,
  ): Promise<(Float32Array | null)[]> {
    signal.throwIfAborted()
    this.batches.push(operations.map(keyOf))
    await this.onBatch?.(this.batches.length, signal)
    if (this.delayMs > 0) await delay(this.delayMs, undefined, { signal })
    this.#refuseIfDown()
    if (operations.length > this.mostTexts) throw new BatchTooLarge('too many texts', this.tooLarge)
    const refused = operations.find((operation) => this.refused?.test(textOf(operation)))
    if (refused) throw new TextRefused('this text is refused')
    const vectors = operations.map((operation) => this.#vectorOf(textOf(operation)))
    if (vectors.includes('missing')) return vectors.filter((vector) => vector !== 'missing')
    this.embedded.push(...operations.map(keyOf))
    return vectors as (Float32Array | null)[]
  }

  async embedQuery(query: string, signal: AbortSignal): Promise<Float32Array[]> {
    if (this.queryDelayMs > 0) await delay(this.queryDelayMs, undefined, { signal })
    this.#refuseIfDown()
    this.onQuery?.()
    if (this.unknown?.test(query)) return []
    return [bagOfWords(query, this.identity.dimensions)]
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #refuseIfDown(): void {
    if (this.isDown) throw new ProviderUnavailable('the stub is down', 'unreachable')
  }

  #vectorOf(text: string): Float32Array | null | 'missing' {
    const { dimensions } = this.identity
    if (this.unknown?.test(text)) return null
    if (!this.broken?.texts.test(text)) return bagOfWords(text, dimensions)
    switch (this.broken.fault) {
      case 'short_list':
        return 'missing'
      case 'wrong_length':
        return bagOfWords(text, dimensions + 1)
      case 'nan':
        return new Float32Array(dimensions).fill(NaN)
      case 'zeros':
        return new Float32Array(dimensions)
    }
  }
}

function keyOf({ method, path }: OperationText): string {
  return `${method} ${path}`
}

function textOf({ method, path, operationId, summary, description }: OperationText): string {
  return [method, path, operationId, summary, description].filter((part) => part).join(' ')
}

/** Each word adds one to a place of its own choosing, and the whole a little to every place. */
function bagOfWords(text: string, dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions).fill(0.01)
  for (const word of text.toLowerCase().match(/[a-z]+/g) ?? []) {
    const place = Buffer.from(word).reduce((hash, byte) => (hash * 31 + byte) % 9973, 7)
    vector[place % dimensions]! += 1
  }
  return vector
}
