import { EventEmitter } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { TextResult, TextValue } from '../values.js'
import { BackendGone } from './backend.js'
import { compileEngine } from './engine-program.js'
import type { EngineOptions, EngineReply, EngineRequest } from './engine-worker.js'
import { toError } from './to-error.js'

/** A clean close writes a checkpoint; a thread that is still in a statement by then is stopped. */
const CLOSE_LIMIT_MS = 800

/**
 * PGlite in its thread: one database session for the whole process. Whoever uses it sees to it that
 * nobody else's statement comes into an open transaction (`session.ts`).
 *
 * Emits `notification` (channel, payload), and `exit` once when the thread is gone.
 */
export class Engine extends EventEmitter<{ notification: [string, string]; exit: [] }> {
  readonly #worker: Worker
  readonly #exited: Promise<unknown>
  readonly #waiting: Waiting[] = []
  #failure: Error | null = null
  #closing: Promise<void> | null = null

  private constructor(options: EngineOptions) {
    super()
    this.#worker = new Worker(new URL('./engine-worker.js', import.meta.url), {
      workerData: options,
      // What the engine prints must not reach stdout, which may belong to a protocol.
      stdout: true,
      stderr: true,
    })
    this.#exited = new Promise((resolve) => {
      this.#worker.once('exit', resolve)
    })
    this.#worker.stdout.resume()
    this.#worker.stderr.resume()
    this.#worker.on('message', (reply: EngineReply) => this.#receive(reply))
    let cause: Error | undefined
    this.#worker.on('error', (error) => {
      cause = error // 'exit' follows
    })
    this.#worker.on('exit', () => {
      this.#end(cause)
      this.emit('exit')
    })
  }

  /**
   * Opens the cluster in `directory`, making it where it is missing. Nobody else may have it open.
   * `stop` gives up, as a crash would.
   */
  static async open(options: EngineOptions, stop?: AbortSignal): Promise<Engine> {
    const engine = new Engine(options)
    const giveUp = (): void => void engine.#worker.terminate()
    stop?.addEventListener('abort', giveUp)
    if (stop?.aborted === true) giveUp()
    try {
      await Promise.all([engine.#load(), engine.#answered()])
      return engine
    } catch (error) {
      await engine.#worker.terminate()
      throw error instanceof BackendGone ? (error.cause ?? new Error(error.message)) : error
    } finally {
      stop?.removeEventListener('abort', giveUp)
    }
  }

  /** Gives the thread its program, which is compiled while the thread starts. */
  async #load(): Promise<void> {
    const program = await compileEngine()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    this.#worker.postMessage(program)
  }

  /** Runs SQL. Without values it may be several statements, and the last one's rows come back. */
  async run(sql: string, values: readonly TextValue[]): Promise<TextResult> {
    const result = await this.#request({ kind: 'run', sql, values })
    return result ?? { fields: [], rows: [], command: '' }
  }

  /** Writes the whole cluster as a gzipped tar into an empty file. Not inside a transaction. */
  async dump(file: string): Promise<void> {
    await this.#request({ kind: 'dump', file })
  }

  /** Ends in time even when a statement hangs: the thread is stopped then, as by a crash. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#request({ kind: 'close' }).catch(() => {})
    this.#failure ??= new BackendGone('The embedded database is being closed.')
    const timer = setTimeout(() => void this.#worker.terminate(), CLOSE_LIMIT_MS)
    await this.#exited
    clearTimeout(timer)
  }

  #request(request: EngineRequest): Promise<TextResult | undefined> {
    if (this.#failure) return Promise.reject(this.#failure)
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    this.#worker.postMessage(request)
    return this.#answered()
  }

  /** The thread answers in the order it was asked. */
  #answered(): Promise<TextResult | undefined> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
  }

  #receive(reply: EngineReply): void {
    switch (reply.kind) {
      case 'notification':
        this.emit('notification', reply.channel, reply.payload)
        break
      case 'done':
        this.#waiting.shift()?.resolve(reply.result)
        break
      case 'failed':
        if (reply.isBroken) this.#abandon()
        this.#waiting.shift()?.reject(toError(reply.error))
        break
    }
  }

  /** Takes no more requests, and stops the thread. */
  #abandon(): void {
    this.#failure ??= new BackendGone('The embedded database broke down.')
    void this.#worker.terminate()
  }

  #end(cause?: unknown): void {
    this.#failure ??= new BackendGone('The embedded database has ended.', { cause })
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure)
  }
}

interface Waiting {
  resolve: (result: TextResult | undefined) => void
  reject: (error: Error) => void
}
