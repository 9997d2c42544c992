import type { Database } from '../db/database.js'
import { messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import { ProviderUnavailable, type Embedder, type SpaceIdentity } from './embedder.js'
import { activeSpace, explainWaitingJobs, isSameSpace, joinSpace, touchSpace } from './spaces.js'

/** Whether this process can embed in the active space now, or why it cannot. */
export type SpaceAnswer =
  | { spaceId: number; identity: SpaceIdentity }
  | { reason: 'no_embedder' | 'provider_error' | 'other_space'; message: string }

/** A known answer is used again for this long: a search costs no look-up of spaces. */
const FRESH_MS = 5_000
/** Well under the two minutes after which a space counts as abandoned. */
const TOUCH_MS = 30_000

/**
 * What a process is to the embedding spaces of its database, kept while it lives: joins its
 * embedder's space, tells every half minute that it is alive, and answers whether the active space
 * is one it can embed in.
 */
export class SpaceKeeper implements AsyncDisposable {
  readonly #db: Database
  readonly #embedder: Embedder | null
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #known: { answer: SpaceAnswer; at: number } | undefined
  #ownSpace: number | undefined

  constructor(db: Database, embedder: Embedder | null, log: Logger) {
    this.#db = db
    this.#embedder = embedder
    this.#log = log
    this.#timer = setInterval(() => void this.#touch(), TOUCH_MS).unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
  }

  async current(signal: AbortSignal): Promise<SpaceAnswer> {
    const known = this.#known
    if (known && performance.now() - known.at < FRESH_MS) return known.answer
    const answer = await this.#ask(signal)
    const isNews = JSON.stringify(answer) !== JSON.stringify(known?.answer)
    if ('message' in answer && isNews) this.#log.warn(answer.message)
    this.#known = { answer, at: performance.now() }
    return answer
  }

  /** Makes this process's space the active one, whoever else is alive. */
  async takeOver(signal: AbortSignal): Promise<void> {
    if (!this.#embedder) return
    await joinSpace(this.#db, await this.#embedder.space(signal), { force: true })
    this.#known = undefined
  }

  /** The next question is asked anew: what is known has turned out to be wrong. */
  forget(): void {
    this.#known = undefined
  }

  async #ask(signal: AbortSignal): Promise<SpaceAnswer> {
    if (!this.#embedder || !this.#db.hasVectors) {
      return { reason: 'no_embedder', message: noEmbedder(this.#db) }
    }
    try {
      const identity = await this.#embedder.space(signal)
      const known = await activeSpace(this.#db)
      if (known && isSameSpace(known, identity)) {
        await this.#live(known.id)
        return { spaceId: known.id, identity }
      }
      const { spaceId, active } = await joinSpace(this.#db, identity)
      this.#ownSpace = spaceId
      if (active.id === spaceId) return { spaceId, identity }
      const message =
        `the catalog is embedded with ${active.provider} ${active.model}, this process has ` +
        `${identity.provider} ${identity.model}: it searches by words and embeds nothing; ` +
        '`api-catalog-mcp reembed --all` changes the catalog over'
      return { reason: 'other_space', message }
    } catch (error) {
      if (!(error instanceof ProviderUnavailable)) throw error
      const message = messageOf(error)
      await this.#explain(message)
      return { reason: 'provider_error', message }
    }
  }

  /** The first time, so that nobody takes the space for abandoned; then the timer goes on. */
  async #live(spaceId: number): Promise<void> {
    if (this.#ownSpace !== spaceId) await touchSpace(this.#db, spaceId)
    this.#ownSpace = spaceId
  }

  /** Jobs that wait for this process's provider say so; its space is not abandoned meanwhile. */
  async #explain(reason: string): Promise<void> {
    const active = await activeSpace(this.#db)
    const isOurs =
      active?.provider === this.#embedder?.provider && active?.model === this.#embedder?.model
    if (active && isOurs) await this.#live(active.id)
    if (!active || isOurs) await explainWaitingJobs(this.#db, active?.id ?? null, reason)
  }

  async #touch(): Promise<void> {
    if (this.#ownSpace === undefined) return
    await touchSpace(this.#db, this.#ownSpace).catch((error: unknown) =>
      this.#log.debug({ err: error }, 'the space could not be touched'),
    )
  }
}

function noEmbedder(db: Database): string {
  return db.hasVectors
    ? 'no embedder is configured: search is by words'
    : 'this Postgres has no pgvector: search is by words until `create extension vector` was run'
}
