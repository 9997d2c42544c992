import { setTimeout as delay } from 'node:timers/promises'
import type { Config } from '../config.js'
import type { Database, Role } from '../db/database.js'
import { measuredDatabase } from '../db/measured-database.js'
import { openDatabase } from '../db/open-database.js'
import { createEmbedder, createStandIn } from '../embedding/create-embedder.js'
import type { Embedder } from '../embedding/embedder.js'
import { messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import { createMetrics, type Metrics } from '../metrics/create-metrics.js'
import { takeAllLeases } from '../queue/reap.js'
import type { QueueWorker } from '../queue/worker.js'
import { CatalogWatch } from './catalog-watch.js'
import { servicesOn, type Services } from './services.js'
import { version } from './version.js'

export interface AppOptions {
  config: Config
  log: Logger
  /** Embed in the background. */
  worker: boolean
  /** Fetch documents from private and loopback addresses too. */
  allowPrivateUrls?: boolean | undefined
}

/**
 * A worker has one write under way, and beside it a heartbeat now and then: a connection each, and two
 * for all else. One worker and a search, which asks for several things at once, want five.
 */
const SPARE_CONNECTIONS = 2
const FEWEST_CONNECTIONS = 5

/** A command that leaves the work to others does not read it. */
const backgroundWork = () =>
  Promise.all([import('./start-worker.js'), import('./keep-words-current.js')])

/**
 * The program from its settings to its services: opens storage and embedder when first needed,
 * runs the background worker, and closes all of it.
 *
 *     closed ──services()──> opening ──> open ──dispose──> disposed
 *               ^               │ failed
 *               └───────────────┘ (the next call, or keepOpen's loop, tries again)
 */
export class App implements AsyncDisposable {
  readonly #options: AppOptions
  readonly #stop = new AbortController()
  readonly #embedder: Embedder | null
  readonly #standIn: Embedder | null
  readonly metrics: Metrics = createMetrics()
  /** Changes of specs, for whoever shows them. */
  readonly watch: CatalogWatch
  #opening: Promise<Services> | undefined
  #keeping: Promise<void> = Promise.resolve()
  #role: Role = 'attached'
  #worker: QueueWorker | undefined
  #isDraining = false
  /** Words of specs that an older version indexed. */
  #reindexing: Promise<void> | undefined
  /** Role changes take turns. */
  #turns: Promise<void> = Promise.resolve()

  constructor(options: AppOptions) {
    this.#options = options
    this.watch = new CatalogWatch(() => this.services(), options.log)
    this.#embedder = createEmbedder(options.config, options.log, this.metrics)
    this.#standIn = createStandIn(options.config, this.metrics)
  }

  /** Storage and embedder, opened by the first call. Throws the sentence why it cannot be. */
  async services(): Promise<Services> {
    this.#stop.signal.throwIfAborted()
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return this.#opening
  }

  /** Opens in the background, again and again until it succeeds; returns at once. */
  keepOpen(): this {
    this.#keeping = this.#openEventually()
    return this
  }

  /** Takes no more jobs, and waits until those that run have ended or the signal aborts. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#isDraining = true
    await this.#turns
    await this.#worker?.drain(signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error('the program stops'))
    await this.#keeping
    await this.watch[Symbol.asyncDispose]()
    const services = await this.#opening?.catch(() => undefined)
    await this.#turns
    await this.#reindexing
    await this.#worker?.[Symbol.asyncDispose]()
    await this.#embedder?.[Symbol.asyncDispose]()
    await this.#standIn?.[Symbol.asyncDispose]()
    if (services) await closeAll(services)
  }

  async #open(): Promise<Services> {
    const { config, log, worker } = this.#options
    if (worker) void backgroundWork() // is read while the database opens
    const db = await openDatabase({
      url: config.databaseUrl ?? undefined,
      dataDir: config.dataDir,
      poolSize: Math.max(config.workers + SPARE_CONNECTIONS, FEWEST_CONNECTIONS),
      log,
      programVersion: version,
      signal: this.#stop.signal,
      onRole: (role) => {
        this.#role = role
        this.#opening
          ?.then((services) => this.#followRole(services))
          .catch((error: unknown) => log.error({ err: error }, messageOf(error)))
      },
    })
    const services = this.#servicesOn(measuredDatabase(db, this.metrics))
    try {
      await this.#followRole(services)
      return services
    } catch (error) {
      await closeAll(services)
      throw error
    }
  }

  #servicesOn(db: Database): Services {
    const { config, log, allowPrivateUrls = false } = this.#options
    return servicesOn({
      config,
      log,
      db,
      embedder: this.#embedder,
      standIn: this.#standIn,
      metrics: this.metrics,
      allowPrivateUrls,
    })
  }

  /** A new owner gives the leases of the one before it back, and all go on working. */
  #followRole(services: Services): Promise<void> {
    const turn = this.#turns.then(async () => {
      if (!this.#options.worker) return
      const [{ startWorker }, { keepWordsCurrent }] = await backgroundWork()
      if (this.#isDraining || this.#stop.signal.aborted) return
      if (this.#role === 'owner') await giveBackDeadLeases(services)
      if (!this.#worker && services.embedder && services.db.hasVectors) {
        this.#worker = startWorker(services, () => this.#role)
      }
      if (this.#role === 'owner' || services.db.kind === 'postgres') {
        this.#reindexing ??= keepWordsCurrent(services, this.#stop.signal)
      }
    })
    this.#turns = turn.catch(() => undefined)
    return turn
  }

  async #openEventually(): Promise<void> {
    const { log } = this.#options
    for (let failures = 1; !this.#stop.signal.aborted; failures++) {
      try {
        await this.services()
        return
      } catch (error) {
        if (this.#stop.signal.aborted) return
        log.error({ err: error }, messageOf(error))
        const wait = Math.min(30_000, 1_000 * 2 ** failures)
        await delay(wait, undefined, { signal: this.#stop.signal }).catch(() => undefined)
      }
    }
  }
}

async function closeAll({ validator, spaces, db }: Services): Promise<void> {
  await validator[Symbol.asyncDispose]()
  await spaces[Symbol.asyncDispose]()
  await db[Symbol.asyncDispose]()
}

/**
 * The owner of a data directory that is gone held most leases in it. An attached worker that loses
 * its lease here stops that job, and whoever claims it goes on where it was.
 */
async function giveBackDeadLeases({ db, log }: Services): Promise<void> {
  if (db.kind !== 'embedded') return
  const taken = await takeAllLeases(db)
  if (taken > 0) log.info({ taken }, 'work of the owner before goes on')
}
