import { setMaxListeners } from 'node:events'
import PQueue from 'p-queue'
import type { Database } from '../db/database.js'
import { refreshStatistics } from '../db/refresh-statistics.js'
import { messageOf } from '../errors.js'
import type { Metrics } from '../metrics/create-metrics.js'
import { SnoozeJob, YieldJob, type ClaimedJob } from '../queue/jobs.js'
import { startProgress } from '../queue/lease.js'
import { isSomeoneWaiting } from '../queue/turns.js'
import type { BatchPace } from './batch-pace.js'
import { checkVectors } from './check-vectors.js'
import {
  BadVectors,
  BatchFailed,
  BatchTooLarge,
  ProviderUnavailable,
  TextRefused,
  type Embedder,
  type SpaceIdentity,
} from './embedder.js'
import { countEmbedded, type MissingText } from './missing.js'
import type { Questions } from './questions.js'
import { isSameSpace, spaceById } from './spaces.js'
import { stallLimit } from './stall-limit.js'
import { storeVectors, type Settled } from './store-vectors.js'
import { TextSource } from './text-source.js'

export interface EmbedContext {
  db: Database
  embedder: Embedder
  pace: BatchPace
  questions: Questions
  metrics: Metrics
  settings: { stallMs: number }
}

/**
 * A job goes on for so long before it makes way for others that wait. Time and not batches, because
 * a batch takes milliseconds or minutes: whoever waits waits this long and a batch. A turn costs
 * two statements, some milliseconds.
 */
const TURN_MS = 1_000
/** How long a job waits before it asks a changed provider, or one without a breaker, again. */
const SNOOZE_MS = 15_000
/** When more texts than this have failed, it is not the texts. */
const MOST_LEFT_OUT = 100

/**
 * The work of an embedding job: embeds what its spec misses by content, batch by batch, each
 * written at once, until nothing is missing. A batch that is too large is halved; a text that is
 * refused alone is set aside; a text that fails otherwise is left out and, when all others are
 * done, fails the job. Throws YieldJob when its turn is over and others wait, SnoozeJob when the
 * provider cannot answer, LeaseLost when another worker has the job.
 */
export async function embedOperations(
  context: EmbedContext,
  job: ClaimedJob,
  signal: AbortSignal,
): Promise<void> {
  using stall = stallLimit(context.settings.stallMs)
  const space = await spaceById(context.db, job.spaceId)
  const stop = AbortSignal.any([signal, stall.signal])
  const run = new EmbedRun(context, { job, space, stop, onWritten: stall.reset })
  const reused = await countEmbedded(context.db, job)
  await startProgress(context.db, job, reused)
  if (!job.isResumed) context.metrics.texts.inc({ result: 'reused' }, reused)
  await run.untilNothingIsMissing()
}

class EmbedRun {
  readonly #context: EmbedContext
  readonly #job: ClaimedJob
  readonly #space: SpaceIdentity
  readonly #onWritten: () => void
  readonly #texts: TextSource
  /** Aborts with the first error that concerns all texts. */
  readonly #failing = new AbortController()
  readonly #signal: AbortSignal
  readonly #calls = new PQueue()
  readonly #beganAt = performance.now()
  #written = 0
  #isYielding = false
  /** Texts that failed, by hash, and the error of the last one. */
  readonly #leftOut: Set<string>
  #lastError: string | null

  constructor(
    context: EmbedContext,
    {
      job,
      space,
      stop,
      onWritten,
    }: { job: ClaimedJob; space: SpaceIdentity; stop: AbortSignal; onWritten: () => void },
  ) {
    this.#context = context
    this.#job = job
    this.#space = space
    this.#signal = AbortSignal.any([stop, this.#failing.signal])
    // Each call in flight listens to it, in more than one place.
    setMaxListeners(0, this.#signal)
    this.#onWritten = onWritten
    this.#texts = new TextSource(context.db, job)
    this.#leftOut = new Set(job.leftOut)
    this.#lastError = job.leftOut.length > 0 ? job.lastError : null
    this.#texts.leaveOut(job.leftOut)
  }

  /** One line more than there are calls: one writes while the others embed. */
  async untilNothingIsMissing(): Promise<void> {
    const lines = Array.from({ length: this.#context.pace.concurrency + 1 }, () => this.#line())
    await Promise.all(lines)
    if (this.#signal.aborted) throw asOutcome(this.#signal.reason)
    if (this.#isYielding) throw new YieldJob([...this.#leftOut], this.#lastError)
    if (this.#leftOut.size > 0) throw this.#leftOutError()
  }

  /** Embeds batch after batch. What is embedded is written, whatever became of other batches. */
  async #line(): Promise<void> {
    try {
      while (!this.#signal.aborted && !(await this.#isTurnOver())) {
        await this.#context.questions.letEnd()
        const batch = await this.#texts.take(this.#context.pace.batchSize)
        if (batch.length === 0) return
        await this.#embedBatch(batch)
      }
    } catch (error) {
      this.#failing.abort(error)
    }
  }

  /** Once the turn is over it is so as soon as anybody waits; each turn gets something done. */
  async #isTurnOver(): Promise<boolean> {
    const isShort = this.#written === 0 || performance.now() - this.#beganAt < TURN_MS
    if (!this.#isYielding && !isShort) {
      this.#isYielding = await isSomeoneWaiting(this.#context.db, this.#job)
    }
    return this.#isYielding
  }

  async #embedBatch(texts: MissingText[]): Promise<void> {
    const { pace } = this.#context
    try {
      this.#calls.concurrency = pace.concurrency
      const settled = await this.#calls.add(() => this.#embed(texts))
      await this.#write(settled)
    } catch (error) {
      if (error instanceof ProviderUnavailable) pace.refused()
      if (this.#signal.aborted || concernsAll(error)) throw error
      if (error instanceof BadVectors) await this.#checkSpace()
      if (error instanceof BatchTooLarge) pace.failed(texts.length, error.reason)
      if (texts.length === 1) return this.#setAside(texts[0] as MissingText, error)
      const half = Math.ceil(texts.length / 2)
      await this.#embedBatch(texts.slice(0, half))
      await this.#embedBatch(texts.slice(half))
    }
  }

  /** Nothing once the job yields: what is not embedded yet stays missing. */
  async #embed(texts: MissingText[]): Promise<Settled[]> {
    this.#signal.throwIfAborted()
    if (this.#isYielding) return []
    const { embedder, pace } = this.#context
    const began = performance.now()
    const vectors = await embedder.embedOperations(texts, this.#signal)
    await this.#checkSpace()
    checkVectors(vectors, texts.length, this.#space.dimensions)
    pace.passed(texts.length, performance.now() - began)
    return texts.map((text, index) => {
      const vector = vectors[index]
      return vector ? { text, vector } : { text, state: 'unembeddable', error: null }
    })
  }

  /** Vectors of a model that was replaced in the midst of the job belong to another space. */
  async #checkSpace(): Promise<void> {
    const now = await this.#context.embedder.space(this.#signal)
    if (isSameSpace(this.#space, now)) return
    throw new SnoozeJob('the model was replaced meanwhile; its own space is filled next', SNOOZE_MS)
  }

  async #write(settled: Settled[]): Promise<void> {
    if (settled.length === 0) return
    await storeVectors(this.#context.db, this.#job, settled)
    const { texts } = this.#context.metrics
    for (const one of settled) texts.inc({ result: 'vector' in one ? 'embedded' : one.state })
    this.#texts.settled(settled.map(({ text }) => text))
    this.#written++
    this.#onWritten()
    if (isPowerOfTwo(this.#written)) await refreshStatistics(this.#context.db)
  }

  /** A refusal settles the text; anything else leaves it missing and fails the job in the end. */
  async #setAside(text: MissingText, error: unknown): Promise<void> {
    const isRefusal =
      error instanceof TextRefused ||
      (error instanceof BatchTooLarge && error.reason === 'too_long')
    if (isRefusal) return this.#write([{ text, state: 'refused', error: messageOf(error) }])
    this.#leftOut.add(text.textHash)
    this.#lastError = messageOf(error)
    if (this.#leftOut.size > MOST_LEFT_OUT) throw this.#leftOutError()
  }

  #leftOutError(): Error {
    const count = this.#leftOut.size === 1 ? '1 text' : `${this.#leftOut.size} texts`
    return new Error(`${count} could not be embedded: ${this.#lastError}`)
  }
}

/** Then a spec's vectors may be twice as many as before. */
function isPowerOfTwo(count: number): boolean {
  return Number.isInteger(Math.log2(count))
}

/** Errors that no smaller batch can mend: all but those about the texts themselves. */
function concernsAll(error: unknown): boolean {
  return ![BatchTooLarge, BatchFailed, TextRefused, BadVectors].some(
    (kind) => error instanceof kind,
  )
}

/** A provider that cannot answer is nobody's fault. */
function asOutcome(error: unknown): unknown {
  if (!(error instanceof ProviderUnavailable)) return error
  return new SnoozeJob(error.message, error.waitMs ?? SNOOZE_MS, { cause: error })
}
