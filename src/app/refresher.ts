import { setTimeout as delay } from 'node:timers/promises'
import { refreshSpec } from '../catalog/fetch-spec.js'
import { claimStaleOrigin } from '../catalog/spec-origins.js'
import { messageOf } from '../errors.js'
import { fetchSettings } from './refresh-specs.js'
import type { Services } from './services.js'

/** A spec is looked for so often at least, and no more often than every second. */
const LONGEST_REST_MS = 60_000
const RESTS_PER_PERIOD = 20

/**
 * Keeps the specs that come from URLs up to date while it lives: each is asked for about every
 * `everyMs`, by one process at a time however many share the database. The period varies by a
 * tenth, so that many servers do not ask at the same moment.
 */
export class Refresher implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #running: Promise<void>

  constructor(services: () => Promise<Services>, everyMs: number) {
    this.#running = this.#run(services, everyMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the program stops'))
    await this.#running
  }

  async #run(open: () => Promise<Services>, everyMs: number): Promise<void> {
    const { signal } = this.#stop
    const restMs = Math.min(LONGEST_REST_MS, Math.max(1_000, everyMs / RESTS_PER_PERIOD))
    while (!signal.aborted) {
      const isDone = await open()
        .then((services) => this.#refreshNext(services, jittered(everyMs)))
        .catch(() => true) // The database is away: it is said elsewhere.
      if (isDone) await delay(jittered(restMs), undefined, { signal }).catch(() => undefined)
    }
  }

  /** Refreshes the spec that has waited longest; true where none is due. */
  async #refreshNext(services: Services, everyMs: number): Promise<boolean> {
    const { db, log } = services
    const origin = await claimStaleOrigin(db, everyMs)
    if (!origin) return true
    const { signal } = this.#stop
    const spec = `${origin.catalog}/${origin.name}`
    try {
      const report = await refreshSpec(db, origin, { ...fetchSettings(services, signal), everyMs })
      services.validator.add(report)
      log.info({ spec, outcome: report.outcome, revision: report.revision }, 'refreshed')
    } catch (error) {
      if (!signal.aborted) log.warn({ spec }, `not refreshed: ${messageOf(error)}`)
    }
    return false
  }
}

function jittered(ms: number): number {
  return ms * (0.9 + 0.2 * Math.random())
}
