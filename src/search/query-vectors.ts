import { bothEnds } from '../embedding/clauses.js'
import { messageOf } from '../errors.js'
import {
  BadVectors,
  BatchTooLarge,
  ProviderUnavailable,
  TextRefused,
} from '../embedding/embedder.js'
import type { OpenSpace, SpaceKeeper } from '../embedding/space-keeper.js'
import { isSameSpace } from '../embedding/spaces.js'

/** Why a question could not be compared by meaning. */
export type Fallback =
  | 'no_embedder'
  | 'nothing_embedded'
  | 'provider_error'
  | 'query_timeout'
  | 'no_known_word'
  | 'other_space'

export type QueryVectors =
  | { spaceId: number; parts: Float32Array[] }
  | { fallback: Fallback; message: string }

/** Agents ask the same things again and again; a question's vectors are a few kilobytes. */
const CACHED_QUERIES = 500
/** What is embedded of a long question, of both its ends, in characters. */
const MAX_QUERY_CHARS = 4_000

/** Makes and remembers the vectors of questions, each within a time limit of its own. */
export class QueryEmbedder {
  readonly #spaces: SpaceKeeper
  readonly #timeoutMs: number
  readonly #cache = new Map<string, Float32Array[]>()

  constructor(spaces: SpaceKeeper, timeoutMs: number) {
    this.#spaces = spaces
    this.#timeoutMs = timeoutMs
  }

  async embed(query: string): Promise<QueryVectors> {
    const timeout = AbortSignal.timeout(this.#timeoutMs)
    try {
      const space = await this.#spaces.current(timeout)
      if ('reason' in space) return { fallback: space.reason, message: space.message }
      const parts = await this.#vectors(space, query, timeout)
      if (!parts) return { fallback: 'other_space', message: 'the model was just replaced' }
      if (parts.length > 0) return { spaceId: space.spaceId, parts }
      return { fallback: 'no_known_word', message: 'the embedder knows no word of the question' }
    } catch (error) {
      const isLate = error instanceof BatchTooLarge && error.reason === 'timeout'
      if (timeout.aborted || isLate) {
        return {
          fallback: 'query_timeout',
          message: `the question was not embedded within ${this.#timeoutMs} ms`,
        }
      }
      if (!isProviderError(error)) throw error
      return { fallback: 'provider_error', message: messageOf(error) }
    }
  }

  /** Null when the vectors turn out to be of another model than the space's. */
  async #vectors(
    { spaceId, identity, embedder }: OpenSpace,
    query: string,
    signal: AbortSignal,
  ): Promise<Float32Array[] | null> {
    const text = bothEnds(query, MAX_QUERY_CHARS)
    const key = `${spaceId} ${text}`
    const known = this.#cache.get(key)
    if (known) return known
    const parts = await embedder.embedQuery(text, signal)
    const isOfSpace =
      isSameSpace(identity, await embedder.space(signal)) &&
      parts.every((part) => part.length === identity.dimensions)
    if (!isOfSpace) {
      this.#spaces.forget()
      return null
    }
    const [oldest] = this.#cache.keys()
    if (oldest !== undefined && this.#cache.size >= CACHED_QUERIES) this.#cache.delete(oldest)
    this.#cache.set(key, parts)
    return parts
  }
}

/** Whatever the provider has against a question, words still answer it. */
function isProviderError(error: unknown): boolean {
  return [ProviderUnavailable, BatchTooLarge, TextRefused, BadVectors].some(
    (kind) => error instanceof kind,
  )
}
