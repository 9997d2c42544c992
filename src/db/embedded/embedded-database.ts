import { randomUUID } from 'node:crypto'
import { EventEmitter, once } from 'node:events'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError, UnavailableError, messageOf } from '../../errors.js'
import type { Database, Queryable, Role } from '../database.js'
import { schemaOf } from '../migrate.js'
import { queryableOf } from '../values.js'
import { Attached, SILENCE_LIMIT_MS, silenceOf } from './attached.js'
import { BackendGone, type Backend } from './backend.js'
import { explainTargetError, refuseUnfitTarget } from './backup-target.js'
import { ensureDataDirectory, explainDirectoryError } from './data-directory.js'
import { elect } from './election.js'
import { Owner, type OwnerOptions } from './owner.js'
import { hasReceipt, leaveReceipt } from './receipts.js'

/** Between two attempts to open a database that does not open. */
const RETRY_MS = 1_000
/** After an owner that went before it let us in: enough that this can be no busy loop. */
const GONE_MS = 20

export interface EmbeddedOptions extends OwnerOptions {
  onRole: (role: Role) => void
  signal?: AbortSignal | undefined
}

/** What keeps calls waiting. */
interface Obstacle {
  /** A sentence for those who wait too long. */
  text: () => string
  /** When there was last a sign that it will pass, in milliseconds since the epoch. */
  lastSign: () => number
}

/**
 * The embedded database as all of this program's processes on one data directory share it. Each
 * has a backend: the engine itself in one of them, a connection to that one in the others.
 *
 * A loop (`#keepBackend`) joins: it is elected and opens the engine, or attaches to whoever was.
 * When its backend is gone it joins again. Calls wait for a backend, and are made again at the
 * next when theirs went away before it answered, so nobody notices but by the delay. They give up
 * only when there is no sign of life for a while.
 */
export class EmbeddedDatabase implements Database {
  readonly kind = 'embedded'
  hasVectors = false
  readonly #options: EmbeddedOptions
  readonly #listeners = new Map<string, Set<(payload: string) => void>>()
  readonly #events = new EventEmitter<{ change: [] }>()
  readonly #stop = new AbortController()
  readonly #keeping: Promise<void>
  #backend: Backend | null = null
  #hasOpened = false
  #obstacle: Obstacle | null = null
  /** Why this process can have no backend any more. */
  #refusal: unknown = null

  private constructor(options: EmbeddedOptions) {
    this.#options = options
    this.#events.setMaxListeners(0) // as many as there are calls
    this.#keeping = this.#keepBackend()
  }

  /** Settles when there is a backend. Throws InputError or UnavailableError where there can be none. */
  static async open(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
    const dataDir = resolve(options.dataDir)
    await ensureDataDirectory(dataDir)
    const database = new EmbeddedDatabase({ ...options, dataDir })
    const abandon = (): void => void database[Symbol.asyncDispose]()
    options.signal?.addEventListener('abort', abandon)
    try {
      await database.#available()
      return database
    } catch (error) {
      await database[Symbol.asyncDispose]()
      options.signal?.throwIfAborted()
      throw error
    } finally {
      options.signal?.removeEventListener('abort', abandon)
    }
  }

  async query<Row extends object>(sql: string, params?: readonly unknown[]): Promise<Row[]> {
    return await this.#withBackend((backend) => queryableOf(backend.run).query<Row>(sql, params))
  }

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const receipt = randomUUID()
    // Set while it is not known whether the commit was done.
    let committing: { result: T } | null = null
    return await this.#withBackend(async (backend) => {
      if (committing && (await hasReceipt(backend.run, receipt))) return committing.result
      committing = null
      const transaction = await backend.begin()
      let result: T
      try {
        result = await work(queryableOf(transaction.run))
        await leaveReceipt(transaction.run, receipt)
      } catch (error) {
        await transaction.rollback().catch(() => {}) // the error that counts is the first
        throw error
      }
      committing = { result }
      await transaction.commit().catch(sayUncertain)
      return result
    })
  }

  async listen(channel: string, onMessage: (payload: string) => void): Promise<AsyncDisposable> {
    const listeners = this.#listeners.get(channel) ?? new Set()
    this.#listeners.set(channel, listeners)
    listeners.add(onMessage)
    await this.#withBackend((backend) => backend.listen(channel))
    return { [Symbol.asyncDispose]: async () => void listeners.delete(onMessage) }
  }

  /** Writes a backup to the absolute path `file`. Throws InputError where that cannot be. */
  async backup(file: string): Promise<void> {
    try {
      await refuseUnfitTarget(file, this.#options.dataDir)
      await this.#withBackend((backend) => backend.backup(file))
    } catch (error) {
      throw explainTargetError(error, file)
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#events.emit('change')
    await this.#backend?.[Symbol.asyncDispose]()
    await this.#keeping
  }

  /** Joined: until the backend is gone. Not joined: tries, until it is, or refused, or stopped. */
  async #keepBackend(): Promise<void> {
    let makesRoom = false
    while (!this.#stop.signal.aborted) {
      try {
        const backend = await this.#join(makesRoom)
        if (this.#stop.signal.aborted) return await backend[Symbol.asyncDispose]()
        this.#take(backend)
        const madeRoomFor = await backend.gone
        this.#lose(backend)
        makesRoom = madeRoomFor !== null && madeRoomFor > schemaOf(this.#options.migrations)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        if (error instanceof BackendGone) await this.#pause(GONE_MS)
        else await this.#stumble(error)
      }
    }
  }

  async #join(makesRoom: boolean): Promise<Backend> {
    const { dataDir, programVersion, migrations } = this.#options
    const { signal } = this.#stop
    this.#obstacle = null
    const election = await elect({ dataDir, version: programVersion, makesRoom, signal })
    if (election.kind === 'won') {
      this.#obstacle = { text: () => 'The database is being opened.', lastSign: () => Date.now() }
      return await Owner.open(election.seat, this.#options, signal)
    }
    const program = { version: programVersion, schema: schemaOf(migrations) }
    const attached = new Attached(election.socket, election.claim, program)
    this.#obstacle = { text: () => silenceOf(election.claim), lastSign: () => attached.heardAt }
    const leave = (): void => void attached[Symbol.asyncDispose]()
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    try {
      await attached.welcome
      return attached
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  #take(backend: Backend): void {
    backend.onNotification = (channel, payload) => {
      for (const onMessage of this.#listeners.get(channel) ?? []) onMessage(payload)
    }
    for (const channel of this.#listeners.keys()) backend.listen(channel).catch(() => {})
    this.hasVectors = backend.hasVectors
    this.#hasOpened = true
    this.#backend = backend
    this.#obstacle = null
    this.#options.log.debug({ role: backend.role }, 'joined the data directory')
    this.#options.onRole(backend.role)
    this.#events.emit('change')
  }

  #lose(backend: Backend): void {
    this.#backend = null
    this.#options.log.debug({ role: backend.role }, 'left the data directory')
    if (backend.role === 'owner' && !this.#stop.signal.aborted) this.#options.onRole('attached')
  }

  /** Refused for good, or at the first attempt: over. Else it is tried again after a pause. */
  async #stumble(failure: unknown): Promise<void> {
    const explained = explainDirectoryError(failure, this.#options.dataDir)
    if (explained instanceof InputError || !this.#hasOpened) {
      this.#refusal = explained
      this.#stop.abort()
      this.#events.emit('change')
      return
    }
    const reason = messageOf(explained)
    this.#options.log.warn({ reason }, 'the embedded database does not open')
    this.#obstacle = {
      text: () => `The embedded database does not open: ${reason}`,
      lastSign: () => 0,
    }
    await this.#pause(RETRY_MS)
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, null, { signal: this.#stop.signal }).catch(() => {})
  }

  async #withBackend<T>(use: (backend: Backend) => Promise<T>): Promise<T> {
    for (;;) {
      const backend = await this.#available()
      try {
        return await use(backend)
      } catch (error) {
        if (!(error instanceof BackendGone)) throw error
        await backend.gone
      }
    }
  }

  async #available(): Promise<Backend> {
    const since = Date.now()
    for (;;) {
      if (this.#refusal !== null) throw this.#refusal
      if (this.#stop.signal.aborted) throw new UnavailableError('The database is closed.')
      if (this.#backend) return this.#backend
      const lastSign = Math.max(since, this.#obstacle?.lastSign() ?? 0)
      const left = lastSign + SILENCE_LIMIT_MS - Date.now()
      if (left <= 0) throw new UnavailableError(this.#obstacle?.text() ?? 'No database.')
      await once(this.#events, 'change', { signal: AbortSignal.timeout(left) }).catch(() => {})
    }
  }
}

/** An owner that hangs may still do what was sent to it. */
function sayUncertain(error: unknown): never {
  if (!(error instanceof UnavailableError)) throw error
  const message = `${error.message} The change may be stored: look before you try again.`
  throw new UnavailableError(message, { cause: error })
}
