import { ProviderUnavailable, type EmbedderState } from './embedder.js'

const FIRST_WAIT_MS = 1_000
/** Whoever starts their provider does not want to wait longer than this for the work to go on. */
const LONGEST_WAIT_MS = 15_000

/**
 * Spares a provider that is down, and those who would call it:
 *
 *     closed ──unavailable──> open, for 1, 2, 4, 8, 15 s ──time over──> probing
 *        ^                      ^                                         │
 *        │                      └───────────────unavailable───────────────┤
 *        └────────────────────────────────answered────────────────────────┘
 *
 * While open, calls fail at once with what the provider said last. While probing they pass, and the
 * first answer decides. The waits start anew when a batch was embedded: a provider that answers
 * questions and takes no batch is not well.
 */
export class Breaker {
  #unavailable: ProviderUnavailable | null = null
  #openUntil = 0
  #failures = 0

  /** Why it is not closed; null when it is. */
  get state(): EmbedderState | null {
    return this.#unavailable?.state ?? null
  }

  /** Throws ProviderUnavailable while it is open. */
  check(): void {
    const waitMs = this.#openUntil - performance.now()
    if (this.#unavailable && waitMs > 0) throw this.#unavailableFor(waitMs)
  }

  /** Gives the error on, with the time until it is asked again. Calls that fail together count once. */
  failed(error: ProviderUnavailable): ProviderUnavailable {
    this.#unavailable = error
    const now = performance.now()
    if (now >= this.#openUntil) {
      this.#openUntil = now + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.#failures++)
    }
    return this.#unavailableFor(this.#openUntil - now)
  }

  answered({ embedded }: { embedded: boolean }): void {
    this.#unavailable = null
    this.#openUntil = 0
    if (embedded) this.#failures = 0
  }

  #unavailableFor(waitMs: number): ProviderUnavailable {
    const { message, state } = this.#unavailable!
    return new ProviderUnavailable(message, state, { cause: this.#unavailable, waitMs })
  }
}
