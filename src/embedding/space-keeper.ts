import type { Database } from '../db/database.js'
import { messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import { SnoozeJob } from '../queue/jobs.js'
import { ProviderUnavailable, type Embedder, type SpaceIdentity } from './embedder.js'
import { reconcile } from './reconcile.js'
import { explainWaitingJobs } from './space-jobs.js'
import { activeSpace, isSameSpace, livingSpaces, touchSpace, type SpaceRow } from './spaces.js'
import { finishSwap, joinSpace } from './swap-space.js'

/** A space that this process can embed in, and with what. */
export interface OpenSpace {
  spaceId: number
  identity: SpaceIdentity
  embedder: Embedder
}

/** Whether this process can embed in the active space now, or why it cannot. */
export type SpaceAnswer = OpenSpace | Closed

/** Why a space cannot be embedded in. */
interface Closed {
  reason: 'no_embedder' | 'provider_error' | 'other_space'
  message: string
}

interface Known {
  active: SpaceAnswer
  /** The space of this process's own embedder; closed while it is neither active nor next. */
  own: SpaceAnswer
  /** Spaces whose jobs can be done here: those of the active one come first. */
  toFill: OpenSpace[]
}

/** A known answer is used again for this long: a search costs no look-up of spaces. */
const FRESH_MS = 5_000
/** Well under the two minutes after which a space counts as abandoned. */
const TOUCH_MS = 30_000
/** A job whose space was closed after its claim waits this long. */
const CLOSED_MS = 15_000

/**
 * What a process is to the embedding spaces of its database, kept while it lives: joins its
 * embedder's space, tells every half minute that it is alive, and answers in which of the living
 * spaces it can embed. `standIn` is an embedder that is always at hand: it asks and works in its
 * own space while that is active or next, and never makes it so.
 */
export class SpaceKeeper implements AsyncDisposable {
  readonly #db: Database
  readonly #embedder: Embedder | null
  readonly #standIn: Embedder | null
  readonly #log: Logger
  readonly #timer: NodeJS.Timeout
  #known: (Known & { at: number }) | undefined
  #ownSpace: number | undefined

  constructor(
    db: Database,
    { embedder, standIn }: { embedder: Embedder | null; standIn: Embedder | null },
    log: Logger,
  ) {
    this.#db = db
    this.#embedder = embedder
    this.#standIn = standIn
    this.#log = log
    this.#timer = setInterval(() => void this.#touch(), TOUCH_MS).unref()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
  }

  /** The active space, where questions are asked. */
  async current(signal: AbortSignal): Promise<SpaceAnswer> {
    return (await this.#ask(signal)).active
  }

  /** The space of this process's own embedder, where that is active or next, or why it is not. */
  async own(signal: AbortSignal): Promise<SpaceAnswer> {
    return (await this.#ask(signal)).own
  }

  /** The living spaces whose jobs can be done here, the active one first. */
  async toFill(signal: AbortSignal): Promise<readonly OpenSpace[]> {
    return (await this.#ask(signal)).toFill
  }

  /** What a claimed job is to be done with. Throws SnoozeJob when its space is closed here now. */
  async ofJob(spaceId: number, signal: AbortSignal): Promise<OpenSpace> {
    const open = (await this.toFill(signal)).find((space) => space.spaceId === spaceId)
    if (open) return open
    throw new SnoozeJob('the embedder of this space is not at hand', CLOSED_MS)
  }

  /** Switches to the next space when it is filled. Cheap where there is none. */
  async finishSwap(): Promise<void> {
    if (!(await finishSwap(this.#db))) return
    this.forget()
    const active = await activeSpace(this.#db)
    this.#log.info(`the catalog is now searched with ${active?.provider} ${active?.model}`)
  }

  /**
   * Starts the swap to this process's space, whoever else is alive; where it is the active one
   * already, gives up what was being changed over to. Gives the space's id, and how many specs were
   * queued to be embedded in it. Throws ProviderUnavailable when the provider cannot be asked.
   */
  async takeOver(signal: AbortSignal): Promise<{ spaceId: number; queued: number }> {
    if (!this.#embedder) throw new Error('no embedder to change over to')
    const spaceId = await joinSpace(this.#db, await this.#embedder.space(signal), { force: true })
    this.forget()
    return { spaceId, queued: await reconcile(this.#db, spaceId) }
  }

  /** The next question is asked anew: what is known has turned out to be wrong. */
  forget(): void {
    this.#known = undefined
  }

  async #ask(signal: AbortSignal): Promise<Known> {
    const before = this.#known
    if (before && performance.now() - before.at < FRESH_MS) return before
    const known = await this.#look(signal)
    const { active } = known
    const isNews =
      !before || 'spaceId' in before.active || before.active.message !== messageIn(active)
    if ('message' in active && isNews) this.#log.warn(active.message)
    this.#known = { ...known, at: performance.now() }
    return known
  }

  async #look(signal: AbortSignal): Promise<Known> {
    const embedder = this.#embedder
    if (!embedder || !this.#db.hasVectors) {
      const nobody = { reason: 'no_embedder', message: noEmbedder(this.#db) } as const
      return { active: nobody, own: nobody, toFill: [] }
    }
    try {
      const identity = await embedder.space(signal)
      return await this.#answer(await this.#join(identity), { identity, embedder }, signal)
    } catch (error) {
      if (!(error instanceof ProviderUnavailable)) throw error
      const message = messageOf(error)
      await this.#explain(embedder, message)
      const living = await livingSpaces(this.#db)
      return await this.#answer(living, { reason: 'provider_error', message }, signal)
    }
  }

  /** The living spaces, this process's among them where it may be. */
  async #join(identity: SpaceIdentity): Promise<SpaceRow[]> {
    const living = await livingSpaces(this.#db)
    const own = living.find((space) => isSameSpace(space, identity))
    if (own) {
      await this.#live(own.id)
      return living
    }
    const ownSpace = await joinSpace(this.#db, identity)
    this.#ownSpace = ownSpace
    const joined = await livingSpaces(this.#db)
    const isSwap = living.length > 0 && joined.some(({ id }) => id === ownSpace)
    if (isSwap) await reconcile(this.#db, ownSpace)
    return joined
  }

  async #answer(
    living: readonly SpaceRow[],
    own: Omit<OpenSpace, 'spaceId'> | Closed,
    signal: AbortSignal,
  ): Promise<Known> {
    const open = await Promise.all(living.map((space) => this.#open(space, own, signal)))
    const toFill = open.filter((space) => space !== null)
    const active = living.find(({ isActive }) => isActive)
    const ownOpen = toFill.find(({ embedder }) => embedder === this.#embedder)
    const closed =
      'reason' in own ? own : otherSpace(active, own.identity, { isFilling: !!ownOpen })
    return {
      active: toFill.find(({ spaceId }) => spaceId === active?.id) ?? closed,
      own: ownOpen ?? closed,
      toFill,
    }
  }

  async #open(
    space: SpaceRow,
    own: Omit<OpenSpace, 'spaceId'> | Closed,
    signal: AbortSignal,
  ): Promise<OpenSpace | null> {
    if ('identity' in own && isSameSpace(space, own.identity)) return { spaceId: space.id, ...own }
    const embedder = this.#standIn
    // By name first: most never need it, and its weights are read when it is asked.
    if (embedder?.provider !== space.provider || embedder.model !== space.model) return null
    const identity = await embedder.space(signal)
    return isSameSpace(space, identity) ? { spaceId: space.id, identity, embedder } : null
  }

  /** The first time, so that nobody takes the space for abandoned; then the timer goes on. */
  async #live(spaceId: number): Promise<void> {
    if (this.#ownSpace !== spaceId) await touchSpace(this.#db, spaceId)
    this.#ownSpace = spaceId
  }

  /** Jobs that wait for this process's provider say so; its space is not abandoned meanwhile. */
  async #explain({ provider, model }: Embedder, reason: string): Promise<void> {
    const living = await livingSpaces(this.#db)
    const own = living.find((space) => space.provider === provider && space.model === model)
    if (own) await this.#live(own.id)
    if (own || living.length === 0) await explainWaitingJobs(this.#db, own?.id ?? null, reason)
  }

  async #touch(): Promise<void> {
    if (this.#ownSpace === undefined) return
    await touchSpace(this.#db, this.#ownSpace).catch((error: unknown) =>
      this.#log.debug({ err: error }, 'the space could not be touched'),
    )
  }
}

function messageIn(answer: SpaceAnswer): string | undefined {
  return 'message' in answer ? answer.message : undefined
}

function noEmbedder(db: Database): string {
  return db.hasVectors
    ? 'no embedder is configured: search is by words'
    : 'this Postgres has no pgvector: search is by words until `create extension vector` was run'
}

function otherSpace(
  active: SpaceRow | undefined,
  own: SpaceIdentity,
  { isFilling }: { isFilling: boolean },
): Closed {
  const message =
    `the catalog is embedded with ${active?.provider} ${active?.model}, this process has ` +
    `${own.provider} ${own.model}: it searches by words ` +
    (isFilling
      ? 'until the catalog is changed over to its model, which is under way'
      : 'and embeds nothing; `api-catalog-mcp reembed --all` changes the catalog over')
  return { reason: 'other_space', message }
}
