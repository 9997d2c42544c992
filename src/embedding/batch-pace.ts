import type { BatchTooLarge } from './embedder.js'

export interface PaceSettings {
  /** The most there may be. */
  batchSize: number
  embedConcurrency: number
  /** A question waits behind a batch in flight: longer ones are cut where that helps. */
  unhurriedMs: number
}

/** So many passes in a row before more is tried; doubled, up to the limit, when more then fails. */
const GROW_AFTER = 8
const GROW_AFTER_AT_MOST = 256
/** A smaller batch must save a quarter of the time, or size is not what takes it. */
const HELPS_BELOW = 0.75
/** After so many full batches it is tried again whether smaller ones are quicker. */
const TRY_AGAIN_AFTER = 200

/**
 * How many texts a batch has, and how many batches are in flight, as this process's provider takes
 * them: learnt from each call, shared by all jobs.
 *
 * - Too many (a timeout, an input too long): halved at once; more again, by an eighth of the most,
 *   after a row of passes (AIMD, as TCP does since Jacobson 1988). A timeout, or a provider that is
 *   busy, halves the calls in flight too.
 * - Too slow for a question to wait behind: cut to what passes in `unhurriedMs`, unless the time turns
 *   out not to depend on the size; doubled again when it passes in half of that.
 */
export class BatchPace {
  readonly #settings: PaceSettings
  /** What passes without failing. */
  #passing: number
  /** What passes in time for a question. */
  #quick: number
  #calls: number
  #passes = 0
  #growAfter = GROW_AFTER
  #hasGrown = false
  /** The batch that was too slow, while a smaller one is tried. */
  #slow: { texts: number; ms: number } | null = null
  #untilNextTrial = 0

  constructor(settings: PaceSettings) {
    this.#settings = settings
    this.#passing = settings.batchSize
    this.#quick = settings.batchSize
    this.#calls = settings.embedConcurrency
  }

  /** Texts for the next batch. */
  get batchSize(): number {
    return Math.min(this.#passing, this.#quick)
  }

  /** Calls that a job may have in flight. */
  get concurrency(): number {
    return this.#calls
  }

  /** A call of so many texts passed, in so many milliseconds. */
  passed(texts: number, ms: number): void {
    // Smaller ones, as at a spec's end, say nothing of full ones.
    if (texts < this.batchSize) return
    this.#compareTime(texts, ms)
    if (++this.#passes < this.#growAfter) return
    this.#passes = 0
    this.#grow()
  }

  /** A call of so many texts was too much. */
  failed(texts: number, reason: BatchTooLarge['reason']): void {
    this.#passing = Math.max(1, Math.min(this.#passing, Math.floor(texts / 2)))
    this.#shrunk()
    if (reason === 'timeout') this.#halveCalls()
  }

  /** The provider takes no call now: perhaps there were too many. */
  refused(): void {
    this.#shrunk()
    this.#halveCalls()
  }

  #halveCalls(): void {
    this.#calls = Math.max(1, Math.floor(this.#calls / 2))
  }

  #shrunk(): void {
    this.#passes = 0
    if (this.#hasGrown) this.#growAfter = Math.min(this.#growAfter * 2, GROW_AFTER_AT_MOST)
    this.#hasGrown = false
  }

  #grow(): void {
    const { batchSize, embedConcurrency } = this.#settings
    if (this.#passing === batchSize && this.#calls === embedConcurrency) {
      this.#growAfter = GROW_AFTER
      return
    }
    this.#passing = Math.min(batchSize, this.#passing + Math.max(1, Math.floor(batchSize / 8)))
    this.#calls = Math.min(embedConcurrency, this.#calls + 1)
    this.#hasGrown = true
  }

  #compareTime(texts: number, ms: number): void {
    const { batchSize, unhurriedMs } = this.#settings
    const slow = this.#slow
    this.#slow = null
    if (slow && ms > slow.ms * HELPS_BELOW) {
      this.#quick = slow.texts
      this.#untilNextTrial = TRY_AGAIN_AFTER
    } else if (ms < unhurriedMs / 2) {
      this.#quick = Math.min(batchSize, this.#quick * 2)
    } else if (ms > unhurriedMs && texts > 1 && this.#untilNextTrial-- <= 0) {
      this.#slow = { texts, ms }
      this.#quick = Math.max(1, Math.floor((texts * unhurriedMs) / ms))
    }
  }
}
