import PQueue from 'p-queue'
import type { Database } from '../db/database.js'
import { messageOf } from '../errors.js'
import { SnoozeJob, type ClaimedJob } from '../queue/jobs.js'
import { startProgress } from '../queue/lease.js'
import { checkVectors } from './check-vectors.js'
import {
  BadVectors,
  BatchTooLarge,
  ProviderUnavailable,
  TextRefused,
  type Embedder,
  type SpaceIdentity,
} from './embedder.js'
import { countEmbedded, missingTexts, type MissingText } from './missing.js'
import { isSameSpace, spaceById } from './spaces.js'
import { storeVectors, type Settled } from './store-vectors.js'

export interface EmbedContext {
  db: Database
  embedder: Embedder
  settings: { batchSize: number; embedConcurrency: number; stallMs: number }
}

/** Batches asked for at once from the database. */
const BATCHES_PER_PAGE = 8
/** How long a job waits before it asks an unavailable or changed provider again. */
const SNOOZE_MS = 15_000

/**
 * The work of an embedding job: embeds what its spec misses by content, batch by batch, each
 * written at once, until nothing is missing. A batch that is too large is halved; a text that is
 * refused alone is set aside; a text that fails otherwise is left out and, when all others are
 * done, fails the job. Throws SnoozeJob when the provider cannot answer, LeaseLost when another
 * worker has the job.
 */
export async function embedOperations(
  context: EmbedContext,
  job: ClaimedJob,
  signal: AbortSignal,
): Promise<void> {
  using stall = stallLimit(context.settings.stallMs)
  const stop = AbortSignal.any([signal, stall.signal])
  const space = await spaceById(context.db, job.spaceId)
  const run = new EmbedRun(context, space, job, stop, stall.reset)
  await startProgress(context.db, job, await countEmbedded(context.db, job))
  await run.untilNothingIsMissing()
}

class EmbedRun {
  readonly #context: EmbedContext
  readonly #job: ClaimedJob
  readonly #signal: AbortSignal
  readonly #onWritten: () => void
  readonly #failed = new Map<string, unknown>()
  readonly #space: SpaceIdentity

  constructor(
    context: EmbedContext,
    space: SpaceIdentity,
    job: ClaimedJob,
    signal: AbortSignal,
    onWritten: () => void,
  ) {
    this.#context = context
    this.#space = space
    this.#job = job
    this.#signal = signal
    this.#onWritten = onWritten
  }

  async untilNothingIsMissing(): Promise<void> {
    const { db, settings } = this.#context
    const pageSize = settings.batchSize * settings.embedConcurrency * BATCHES_PER_PAGE
    for (;;) {
      this.#signal.throwIfAborted()
      const page = await missingTexts(db, this.#job, pageSize, [...this.#failed.keys()])
      if (page.length === 0) break
      await this.#embedPage(page)
    }
    for (const [, error] of this.#failed) {
      throw new Error(`${this.#failed.size} texts could not be embedded: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }

  async #embedPage(page: MissingText[]): Promise<void> {
    const { batchSize, embedConcurrency } = this.#context.settings
    const failed = new AbortController()
    const signal = AbortSignal.any([this.#signal, failed.signal])
    const queue = new PQueue({ concurrency: embedConcurrency })
    const batches: Promise<void>[] = []
    for (let at = 0; at < page.length; at += batchSize) {
      const batch = page.slice(at, at + batchSize)
      const embedded = queue.add(() =>
        this.#embedBatch(batch, signal).catch((error: unknown) => {
          // Here, because the queue starts the next batch before anybody hears of this one's end.
          failed.abort(error)
          throw error
        }),
      )
      batches.push(embedded)
    }
    try {
      await Promise.all(batches)
    } catch (error) {
      await Promise.allSettled(batches)
      this.#signal.throwIfAborted()
      if (error instanceof ProviderUnavailable) {
        throw new SnoozeJob(error.message, SNOOZE_MS, { cause: error })
      }
      throw error
    }
  }

  async #embedBatch(texts: MissingText[], signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    try {
      await this.#write(await this.#embed(texts, signal))
    } catch (error) {
      if (signal.aborted || concernsAll(error)) throw error
      if (error instanceof BadVectors) await this.#checkSpace(signal)
      if (texts.length === 1) return this.#setAside(texts[0] as MissingText, error)
      const half = Math.ceil(texts.length / 2)
      await this.#embedBatch(texts.slice(0, half), signal)
      await this.#embedBatch(texts.slice(half), signal)
    }
  }

  async #embed(texts: MissingText[], signal: AbortSignal): Promise<Settled[]> {
    const { embedder } = this.#context
    const vectors = await embedder.embedOperations(texts, signal)
    await this.#checkSpace(signal)
    checkVectors(vectors, texts.length, this.#space.dimensions)
    return texts.map((text, index) => {
      const vector = vectors[index]
      return vector ? { text, vector } : { text, state: 'unembeddable', error: null }
    })
  }

  /** Vectors of a model that was replaced in the midst of the job belong to another space. */
  async #checkSpace(signal: AbortSignal): Promise<void> {
    if (isSameSpace(this.#space, await this.#context.embedder.space(signal))) return
    throw new SnoozeJob('the model was replaced meanwhile; its own space is filled next', SNOOZE_MS)
  }

  async #write(settled: Settled[]): Promise<void> {
    await storeVectors(this.#context.db, this.#job, settled)
    this.#onWritten()
  }

  /** A refusal settles the text; anything else leaves it missing and fails the job in the end. */
  async #setAside(text: MissingText, error: unknown): Promise<void> {
    const isRefusal =
      error instanceof TextRefused ||
      (error instanceof BatchTooLarge && error.reason === 'too_long')
    if (isRefusal) await this.#write([{ text, state: 'refused', error: messageOf(error) }])
    else this.#failed.set(text.textHash, error)
  }
}

/** Errors that no smaller batch can mend: all but those about the texts themselves. */
function concernsAll(error: unknown): boolean {
  return !(
    error instanceof BatchTooLarge ||
    error instanceof TextRefused ||
    error instanceof BadVectors
  )
}

/** A signal that aborts when `reset` was not called for `stallMs`. */
function stallLimit(stallMs: number) {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error(`no batch was written for ${stallMs} ms`))
  let timer = setTimeout(abort, stallMs)
  return {
    signal: controller.signal,
    reset: () => {
      clearTimeout(timer)
      timer = setTimeout(abort, stallMs)
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}
