import PQueue from 'p-queue'
import { Breaker } from './breaker.js'
import {
  ProviderUnavailable,
  type Embedder,
  type EmbedderState,
  type OperationText,
  type SpaceIdentity,
} from './embedder.js'

/** Questions first: somebody waits for the answer. */
const QUESTION = 1
const BATCH = 0

/**
 * The one way of this process to its embedder. No more than `calls` batches are at the provider at
 * once, and one call besides, which is kept for a question; questions that wait go before batches
 * that wait. A provider that is down is spared by a breaker, which its state tells.
 */
export class ProviderGate implements Embedder {
  readonly #embedder: Embedder
  readonly #breaker = new Breaker()
  readonly #provider: PQueue
  readonly #batches: PQueue

  constructor(embedder: Embedder, { calls }: { calls: number }) {
    this.#embedder = embedder
    this.#provider = new PQueue({ concurrency: calls + 1 })
    this.#batches = new PQueue({ concurrency: calls })
  }

  get provider(): Embedder['provider'] {
    return this.#embedder.provider
  }

  get model(): string {
    return this.#embedder.model
  }

  get state(): EmbedderState {
    return this.#breaker.state ?? this.#embedder.state
  }

  async space(signal: AbortSignal): Promise<SpaceIdentity> {
    return this.#guarded(false, () => this.#embedder.space(signal))
  }

  async embedOperations(
    operations: readonly OperationText[],
    signal: AbortSignal,
  ): Promise<(Float32Array | null)[]> {
    const embed = () =>
      this.#guarded(true, () => this.#embedder.embedOperations(operations, signal))
    return this.#batches.add(() => this.#provider.add(embed, { priority: BATCH, signal }), {
      signal,
    })
  }

  async embedQuery(query: string, signal: AbortSignal): Promise<Float32Array[]> {
    const embed = () => this.#guarded(true, () => this.#embedder.embedQuery(query, signal))
    return this.#provider.add(embed, { priority: QUESTION, signal })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#embedder[Symbol.asyncDispose]()
  }

  async #guarded<T>(embeds: boolean, call: () => Promise<T>): Promise<T> {
    this.#breaker.check()
    try {
      const answer = await call()
      this.#breaker.answered({ embedded: embeds })
      return answer
    } catch (error) {
      throw error instanceof ProviderUnavailable ? this.#breaker.failed(error) : error
    }
  }
}
