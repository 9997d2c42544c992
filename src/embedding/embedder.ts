import type { IndexedFields } from '../catalog/words/impacts.js'

/** The cleaned fields of one operation. Each embedder makes its vector from them by its own recipe. */
export type OperationText = IndexedFields

/** What makes two vectors comparable. Any difference in it is another embedding space. */
export interface SpaceIdentity {
  provider: string
  model: string
  dimensions: number
  /** SHA-256 (hex) of the weights, or the provider's digest of the model. */
  weights: string
  /** Names the way from fields to vector, with its version: `fields-1`, `nomic-text-1`. */
  recipe: string
}

export type EmbedderState = 'ready' | 'loading' | 'unreachable' | 'model_missing' | 'none'

/**
 * Makes vectors. Every vector it gives is finite, of the space's length and not all zero; `null`
 * stands for a text without a known word. Errors are of the classes below; any other is a bug.
 */
export interface Embedder extends AsyncDisposable {
  readonly provider: 'bundled' | 'ollama'
  readonly model: string
  /** What was last known, without asking the provider. */
  readonly state: EmbedderState
  /** The space of its vectors; asks the provider where needed. */
  space(signal: AbortSignal): Promise<SpaceIdentity>
  /** One vector per operation, in their order. */
  embedOperations(
    operations: readonly OperationText[],
    signal: AbortSignal,
  ): Promise<(Float32Array | null)[]>
  /**
   * The query as a whole first, then its clauses where it is long enough to have several. Empty
   * when the query has no known word.
   */
  embedQuery(query: string, signal: AbortSignal): Promise<Float32Array[]>
}

/** The provider cannot answer now (down, busy, loading, no such model): wait, nobody's fault. */
export class ProviderUnavailable extends Error {
  override name = 'ProviderUnavailable'
  readonly state: EmbedderState
  /** Milliseconds until it is asked again, where that is known. */
  readonly waitMs: number | undefined
  constructor(
    message: string,
    state: EmbedderState,
    { waitMs, ...options }: ErrorOptions & { waitMs?: number } = {},
  ) {
    super(message, options)
    this.state = state
    this.waitMs = waitMs
  }
}

/** The provider failed on this batch, while it answers others: fewer texts may pass. */
export class BatchFailed extends Error {
  override name = 'BatchFailed'
}

/** The batch was too much: fewer texts may pass. `reason` tells what a single text's case means. */
export class BatchTooLarge extends Error {
  override name = 'BatchTooLarge'
  readonly reason: 'timeout' | 'too_long'
  constructor(message: string, reason: 'timeout' | 'too_long', options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** The provider refuses these texts whatever the batch's size: alone, such a text is set aside. */
export class TextRefused extends Error {
  override name = 'TextRefused'
}

/** The provider answered something that is no vector of this space (count, length, NaN, zeros). */
export class BadVectors extends Error {
  override name = 'BadVectors'
}
