import { Worker } from 'node:worker_threads'
import { withResolvers } from '../db/with-resolvers.js'
import { InputError, messageOf } from '../errors.js'
import type { PrepareAnswer, PreparedPart, PrepareRequest } from './prepared-spec.js'

/**
 * A worker thread that reads documents, one after the other. It is used again only where its last
 * document left it whole: one that was refused does.
 */
export class PrepareThread {
  readonly memoryMb: number
  /** False once it has ended, by itself or not. */
  isAlive = true
  readonly #worker: Worker

  constructor(memoryMb: number) {
    this.memoryMb = memoryMb
    this.#worker = new Worker(new URL('./prepare-worker.js', import.meta.url), {
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    })
    this.#worker.on('exit', () => (this.isAlive = false))
    this.#worker.on('error', () => {}) // who asks is told; while it rests, nobody is
  }

  /**
   * Hands the rows of a document to `onPart` as they come, and gives the end of the answer. Throws
   * InputError when reading it takes more memory than it may; then the thread has ended.
   */
  async ask(
    request: PrepareRequest,
    stop: AbortSignal,
    onPart: (part: PreparedPart) => void,
  ): Promise<PrepareAnswer> {
    stop.throwIfAborted()
    const { promise, resolve, reject } = withResolvers<PrepareAnswer>()
    const onStop = () => reject(stop.reason as Error)
    const onMessage = (message: PreparedPart | PrepareAnswer) => {
      if (message.type === 'operations' || message.type === 'components') onPart(message)
      else resolve(message)
    }
    const onError = (error: unknown) => reject(this.#explained(error))
    const onExit = () => reject(new Error('the parsing thread ended without an answer'))
    stop.addEventListener('abort', onStop)
    this.#worker.on('message', onMessage).on('error', onError).on('exit', onExit)
    this.#worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    this.#worker.postMessage(request)
    try {
      return await promise
    } finally {
      stop.removeEventListener('abort', onStop)
      this.#worker.off('message', onMessage).off('error', onError).off('exit', onExit)
    }
  }

  /** While idle it keeps nobody waiting for the end of the program. */
  rest(): void {
    this.#worker.unref()
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }

  #explained(error: unknown): Error {
    if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') {
      return new InputError(
        `TOO_LARGE: reading the document took more than ${this.memoryMb} MB of memory. ` +
          'Split it, or raise API_CATALOG_PARSE_MEMORY_MB.',
        { cause: error },
      )
    }
    return error instanceof Error ? error : new Error(messageOf(error))
  }
}
