import { setTimeout as delay } from 'node:timers/promises'
import { withResolvers } from '../db/with-resolvers.js'
import { specMarks, type SpecMark } from '../embedding/spec-marks.js'
import { messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import type { Services } from './services.js'

/** What became of a spec: what is shown of it is another, or it is new, or gone. */
export interface SpecChange {
  tenant: string
  catalog: string
  spec: string
  what: 'added' | 'changed' | 'removed'
}

/** Changes of one look at the database; of all tenants, so a listener picks its own. */
export type ChangeListener = (changes: readonly SpecChange[]) => void

/** People who watch a number rise need no more; an agent asks by itself. */
const LOOK_EVERY_MS = 1_000
/** A look at a large catalog takes its time, and whoever looks must not keep the worker from work. */
const REST_PER_LOOK = 9

/**
 * Tells of changes to specs, whichever process made them. It looks at the database while anybody
 * listens, and never otherwise.
 *
 *     idle ──first subscribe──> looking ──last unsubscribe or dispose──> idle
 */
export class CatalogWatch implements AsyncDisposable {
  readonly #services: () => Promise<Services>
  readonly #log: Logger
  readonly #listeners = new Set<ChangeListener>()
  #seen: Map<string, SpecMark> | undefined
  #stop: AbortController | undefined
  #looking: Promise<void> = Promise.resolve()
  #firstLook = withResolvers<void>()

  constructor(services: () => Promise<Services>, log: Logger) {
    this.#services = services
    this.#log = log
  }

  /** Calls `listener` with every change from now on, until what is returned is called. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    if (!this.#stop) {
      this.#stop = new AbortController()
      const { signal } = this.#stop
      this.#looking = this.#looking.then(() => this.#look(signal))
    }
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size === 0) this.#rest()
    }
  }

  /** From when on no change is missed; what was read before may be old already. */
  async ready(): Promise<void> {
    await this.#firstLook.promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listeners.clear()
    this.#rest()
    await this.#looking
  }

  #rest(): void {
    this.#stop?.abort()
    this.#stop = undefined
    this.#seen = undefined
    this.#firstLook = withResolvers<void>()
  }

  async #look(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const took = await this.#lookOnce(signal).catch((error: unknown) => {
        this.#log.debug({ reason: messageOf(error) }, 'could not look for changes')
        return 0
      })
      const pause = Math.max(LOOK_EVERY_MS, REST_PER_LOOK * took)
      await delay(pause, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Gives how many milliseconds the database took. */
  async #lookOnce(signal: AbortSignal): Promise<number> {
    const { db } = await this.#services()
    const begun = performance.now()
    const marks = await specMarks(db)
    const took = performance.now() - begun
    this.#compare(marks, signal)
    return took
  }

  #compare(marks: readonly SpecMark[], signal: AbortSignal): void {
    if (signal.aborted) return
    const now = new Map(
      marks.map((mark) => [JSON.stringify([mark.tenant, mark.catalog, mark.spec]), mark]),
    )
    const before = this.#seen
    this.#seen = now
    if (!before) return this.#firstLook.resolve()
    const changes = [
      ...[...now].flatMap(([key, mark]) => {
        const known = before.get(key)
        if (known?.mark === mark.mark) return []
        return [change(mark, known ? 'changed' : 'added')]
      }),
      ...[...before].filter(([key]) => !now.has(key)).map(([, mark]) => change(mark, 'removed')),
    ]
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes)
  }
}

function change({ tenant, catalog, spec }: SpecMark, what: SpecChange['what']): SpecChange {
  return { tenant, catalog, spec, what }
}
