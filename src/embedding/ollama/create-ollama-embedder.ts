import type { Ollama } from 'ollama'
import { InputError, messageOf } from '../../errors.js'
import type { Logger } from '../../log.js'
import { clausesOf } from '../clauses.js'
import {
  BadVectors,
  BatchFailed,
  BatchTooLarge,
  ProviderUnavailable,
  TextRefused,
  type Embedder,
  type EmbedderState,
  type OperationText,
  type SpaceIdentity,
} from '../embedder.js'
import { checkedVectors } from './checked-vectors.js'
import { classifyFailure, isUnknownPath, modelMissing } from './classify-failure.js'
import { ollamaClient } from './client.js'
import { AnswerTimedOut, ConnectionFailed } from './exchange.js'
import { cutToBytes, operationText, queryText } from './operation-text.js'
import { recipeOf, type Recipe } from './recipes.js'

export interface OllamaOptions {
  /** As OLLAMA_HOST has it: a URL or `host:port`. */
  host: string
  model: string
  /** For a batch of operations, the loading of the model included. */
  batchTimeoutMs: number
  /** For a query, whose reader waits. */
  queryTimeoutMs: number
  log: Logger
}

/** Questions that need no model are answered at once, also while it embeds. */
const ASK_TIMEOUT_MS = 5000

/** Some 60 to 90 tokens: a window that is too small for them belongs to no model we know. */
const MIN_TEXT_BYTES = 256

/** A model that was pulled anew has other weights under the same name: seen after this long. */
const SPACE_FRESH_MS = 30_000

/**
 * Embeds with a model of an Ollama server, by HTTP. Nothing is asked before the first call. A batch
 * that timed out is BatchTooLarge only if the server still answers a plain question; a query that
 * timed out always is. Throws InputError when the host is no address.
 */
export function createOllamaEmbedder(options: OllamaOptions): Embedder {
  checkHost(options.host)
  return new OllamaEmbedder(options)
}

class OllamaEmbedder implements Embedder {
  readonly provider = 'ollama'
  readonly model: string
  readonly #options: OllamaOptions
  readonly #recipe: Recipe
  readonly #shown: { host: string; model: string }
  readonly #closing = new AbortController()
  #state: EmbedderState = 'loading'
  #space: SpaceIdentity | undefined
  #spaceAskedAt = -Infinity
  #warmUp: Promise<void> | undefined

  constructor(options: OllamaOptions) {
    this.#options = options
    this.model = options.model
    this.#recipe = recipeOf(options.model)
    this.#shown = { host: options.host.replace(/^(.*:\/\/)?.*@/, '$1'), model: options.model }
  }

  get state(): EmbedderState {
    return this.#state
  }

  async space(signal: AbortSignal): Promise<SpaceIdentity> {
    if (this.#space && performance.now() - this.#spaceAskedAt < SPACE_FRESH_MS) return this.#space
    const weights = await this.#digest(signal)
    if (this.#space?.weights !== weights) {
      this.#space = undefined
      const dimensions = await this.#dimensions(signal)
      const { provider, model } = this
      this.#space = { provider, model, dimensions, weights, recipe: this.#recipe.name }
    }
    this.#spaceAskedAt = performance.now()
    return this.#space
  }

  async embedOperations(
    operations: readonly OperationText[],
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const texts = operations.map((operation) => this.#recipe.document + operationText(operation))
    return await this.#embedPatiently(texts, signal)
  }

  async embedQuery(query: string, signal: AbortSignal): Promise<Float32Array[]> {
    if (query.trim() === '') return []
    const texts = [query, ...clausesOf(query)].map((text) => this.#recipe.query + queryText(text))
    try {
      return await this.#embed(texts, this.#options.queryTimeoutMs, signal)
    } catch (error) {
      if (error instanceof BatchTooLarge && error.reason === 'timeout') {
        this.#warmUp ??= this.#loadModel()
      }
      throw error
    }
  }

  /** Calls in flight end by their own signals. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    await this.#warmUp
  }

  /**
   * Ollama stops loading a model when the one who asked hangs up: queries alone, with their short
   * timeout, would never see it loaded. So a query that timed out leaves a patient request behind.
   */
  async #loadModel(): Promise<void> {
    try {
      await this.#embedPatiently(['warm up'], this.#closing.signal)
    } catch (error) {
      this.#options.log.debug({ reason: messageOf(error) }, 'model not loaded')
    } finally {
      this.#warmUp = undefined
    }
  }

  async #digest(signal: AbortSignal): Promise<string> {
    const { models } = await this.#ask((ollama) => ollama.list(), signal)
    const wanted = fullName(this.model)
    const digest = models.find(({ name }) => fullName(name) === wanted)?.digest
    if (digest) return digest
    throw this.#noted(modelMissing(this.#shown))
  }

  /**
   * Of the model's vectors. One word that is refused, too slow, or answered with what is no vector
   * is no fault of any spec.
   */
  async #dimensions(signal: AbortSignal): Promise<number> {
    try {
      const [vector] = await this.#embedPatiently(['dimensions'], signal)
      return vector!.length
    } catch (error) {
      const isSlow = error instanceof BatchTooLarge || error instanceof TextRefused
      if (!isSlow && !(error instanceof BadVectors)) throw error
      const state = isSlow ? 'loading' : 'unreachable'
      throw this.#noted(new ProviderUnavailable(error.message, state, { cause: error }))
    }
  }

  async #ask<T>(question: (ollama: Ollama) => Promise<T>, signal: AbortSignal): Promise<T> {
    const timeoutMs = Math.min(ASK_TIMEOUT_MS, this.#options.batchTimeoutMs)
    try {
      return await question(ollamaClient(this.#options.host, timeoutMs, signal))
    } catch (error) {
      signal.throwIfAborted()
      const isSilent = error instanceof AnswerTimedOut || error instanceof SyntaxError
      const failure = isSilent ? new ConnectionFailed(error.message, { cause: error }) : error
      throw this.#noted(classifyFailure(failure, this.#shown))
    }
  }

  /**
   * A single text that is too long is sent again by halves: in some versions `truncate` has no
   * effect, and dense text fills a small window early.
   */
  async #embedPatiently(texts: string[], signal: AbortSignal): Promise<Float32Array[]> {
    try {
      return await this.#embed(texts, this.#options.batchTimeoutMs, signal)
    } catch (error) {
      if (error instanceof BatchFailed) await this.#probe(signal)
      if (!(error instanceof BatchTooLarge)) throw error
      // Slow, or hung? A server that hangs must not look like one that is given too much.
      if (error.reason === 'timeout') await this.#ask((ollama) => ollama.version(), signal)
      const shorter = error.reason === 'too_long' && texts.length === 1 && halfOf(texts[0]!)
      if (!shorter) throw error
      return await this.#embedPatiently([shorter], signal)
    }
  }

  /** Throws ProviderUnavailable when not even one word passes: then it is not the texts. */
  async #probe(signal: AbortSignal): Promise<void> {
    try {
      await this.#embed(['probe'], this.#options.batchTimeoutMs, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof ProviderUnavailable) throw error
      throw this.#noted(new ProviderUnavailable(messageOf(error), 'unreachable', { cause: error }))
    }
  }

  async #embed(texts: string[], timeoutMs: number, signal: AbortSignal): Promise<Float32Array[]> {
    if (texts.length === 0) return []
    try {
      const embeddings = await this.#embeddings(texts, timeoutMs, signal)
      const vectors = checkedVectors(embeddings, texts.length, this.#space?.dimensions)
      this.#setState('ready')
      return vectors
    } catch (error) {
      signal.throwIfAborted()
      throw this.#noted(classifyFailure(error, this.#shown))
    }
  }

  /**
   * Servers before July 2024 have no `/api/embed` and take one text at a time. That is found out
   * again with each batch, at the price of one small answer, and so never believed for too long.
   */
  async #embeddings(texts: string[], timeoutMs: number, signal: AbortSignal): Promise<unknown> {
    const { host, model } = this.#options
    const deadline = performance.now() + timeoutMs
    try {
      const ollama = ollamaClient(host, timeoutMs, signal)
      return (await ollama.embed({ model, input: texts, truncate: true })).embeddings
    } catch (error) {
      if (!isUnknownPath(error)) throw error
    }
    const embeddings: number[][] = []
    for (const prompt of texts) {
      const ollama = ollamaClient(host, Math.max(deadline - performance.now(), 0), signal)
      embeddings.push((await ollama.embeddings({ model, prompt })).embedding)
    }
    return embeddings
  }

  /** Keeps what an error says about the provider, and gives the error back. */
  #noted(error: unknown): unknown {
    if (error instanceof ProviderUnavailable) this.#setState(error.state, error.message)
    // Another model may be there when it is back, and a vector of another length says it is.
    if (error instanceof ProviderUnavailable || error instanceof BadVectors) this.#space = undefined
    return error
  }

  #setState(state: EmbedderState, reason?: string): void {
    if (state === this.#state) return
    this.#state = state
    const event = { provider: this.provider, model: this.model, state, reason }
    if (state === 'ready') this.#options.log.info(event, 'embedder ready')
    else this.#options.log.warn(event, 'embedder not available')
  }
}

function checkHost(host: string): void {
  const message = 'OLLAMA_HOST is no address. Write host:port or http://host:port.'
  if (/^(?!https?:).*:\/\//.test(host)) throw new InputError(message)
  try {
    ollamaClient(host, 0, new AbortController().signal)
  } catch (error) {
    throw new InputError(message, { cause: error })
  }
}

/** The first half of a text, undefined where that would say too little to be found by. */
function halfOf(text: string): string | undefined {
  const bytes = Math.floor(Buffer.byteLength(text) / 2)
  return bytes < MIN_TEXT_BYTES ? undefined : cutToBytes(text, bytes)
}

/** Ollama takes the tag `latest` where none is said, and does not mind capitals. */
function fullName(model: string): string {
  const name = model.toLowerCase()
  return /:[^/]*$/.test(name) ? name : `${name}:latest`
}
