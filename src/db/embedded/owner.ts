import { constants } from 'node:fs'
import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError, UnavailableError, messageOf } from '../../errors.js'
import type { Logger } from '../../log.js'
import type { Queryable } from '../database.js'
import { migrate, schemaOf, type Migration } from '../migrate.js'
import { queryableOf, type RunText } from '../values.js'
import { withResolvers } from '../with-resolvers.js'
import { BackendGone, type Backend } from './backend.js'
import { writeWhole } from './backup-target.js'
import { Clients } from './clients.js'
import { clusterOf, explainDirectoryError, withCompleteCluster } from './data-directory.js'
import type { Seat } from './election.js'
import { EMPTY_CLUSTER } from './empty-cluster.js'
import { Engine } from './engine.js'
import { prepareReceipts, pruneReceipts } from './receipts.js'
import { Session, type OpenTransaction } from './session.js'
import { UPKEEP_MS, upkeep } from './upkeep.js'

/** Transactions take milliseconds; one that does not end by then is rolled back. */
const HAND_OVER_LIMIT_MS = 5_000
const PRUNE_MS = 3_600_000
/** The major version of Postgres inside PGlite, which opens no other's files. */
const ENGINE_POSTGRES = 18

export interface OwnerOptions {
  dataDir: string
  programVersion: string
  migrations: readonly Migration[]
  allowDestructive: boolean
  log: Logger
}

/**
 * The engine in this process, which serves the attached processes too. It ends in this order: the
 * clients are told, the engine is closed, and only then the seat is left, so that nobody opens the
 * database twice.
 */
export class Owner implements Backend {
  readonly role = 'owner'
  readonly gone: Promise<number | null>
  readonly hasVectors: boolean
  onNotification: (channel: string, payload: string) => void = () => {}
  readonly #engine: Engine
  readonly #session: Session
  readonly #clients: Clients
  readonly #timers: NodeJS.Timeout[]
  #madeRoomFor: number | null = null

  private constructor(parts: {
    engine: Engine
    session: Session
    clients: Clients
    seat: Seat
    hasVectors: boolean
  }) {
    const { engine, session, clients, seat } = parts
    this.#engine = engine
    this.#session = session
    this.#clients = clients
    this.hasVectors = parts.hasVectors
    this.#timers = [
      setInterval(() => void pruneReceipts(this.run).catch(() => {}), PRUNE_MS).unref(),
      setInterval(() => void upkeep(queryableOf(this.run)).catch(() => {}), UPKEEP_MS).unref(),
    ]
    this.gone = new Promise((resolve) => {
      engine.once('exit', () => {
        for (const timer of this.#timers) clearInterval(timer)
        session.close(new BackendGone('The database was closed.'))
        seat.leave()
        resolve(this.#madeRoomFor)
      })
    })
    engine.on('notification', (channel, payload) => {
      this.onNotification(channel, payload)
      clients.notify(channel, payload)
    })
  }

  /** Opens the database and migrates it; leaves the seat when that fails, or is stopped. */
  static async open(seat: Seat, options: OwnerOptions, stop: AbortSignal): Promise<Owner> {
    const { promise: opened, resolve, reject } = withResolvers<Owner>()
    opened.catch(() => {}) // thrown below, too
    const clients = new Clients(seat.door, {
      backend: opened,
      version: options.programVersion,
      schema: schemaOf(options.migrations),
      token: seat.claim.token,
      onNewer: (schema) => void opened.then((owner) => owner.handOver(schema)).catch(() => {}),
    })
    try {
      const { engine, session, hasVectors } = await openSession(options, stop)
      const owner = new Owner({ engine, session, clients, seat, hasVectors })
      resolve(owner)
      seat.tidy().catch(() => {}) // the next owner will
      return owner
    } catch (error) {
      seat.leave()
      reject(error)
      throw error instanceof BackendGone ? endedEarly(error) : error
    }
  }

  run: RunText = (sql, values) => this.#session.run(sql, values)

  begin(): Promise<OpenTransaction> {
    return this.#session.begin()
  }

  async listen(channel: string): Promise<void> {
    await this.#session.run(`listen ${quoted(channel)}`, [])
  }

  async backup(file: string): Promise<void> {
    await writeWhole(file, async (unfinished) => {
      using _turn = await this.#session.turn()
      await this.#engine.dump(unfinished)
    })
  }

  /** Makes room for a newer program with this schema, between two transactions. */
  async handOver(schema: number): Promise<void> {
    if (this.#madeRoomFor !== null) return
    this.#madeRoomFor = schema
    const turn = this.#session.turn().catch(() => {}) // closed meanwhile
    await Promise.race([turn, delay(HAND_OVER_LIMIT_MS, null, { ref: false })])
    await this[Symbol.asyncDispose]()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#clients.tellGoing(this.#madeRoomFor)
    await this.#engine.close()
    await this.gone
  }
}

/** A name as SQL has it where it may be any text. */
function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

interface OpenSession {
  engine: Engine
  session: Session
  hasVectors: boolean
}

async function openSession(options: OwnerOptions, stop: AbortSignal): Promise<OpenSession> {
  const { dataDir } = options
  await refuseUnusable(dataDir)
  const directory = clusterOf(dataDir)
  const engine = await withCompleteCluster(dataDir, (isNew) =>
    Engine.open(isNew ? { directory, loadFrom: EMPTY_CLUSTER } : { directory }, stop),
  ).catch((error: unknown) => {
    throw explainOpenError(error, dataDir)
  })
  const abandon = (): void => void engine.close()
  stop.addEventListener('abort', abandon)
  if (stop.aborted) abandon()
  try {
    const session = new Session((sql, values) => engine.run(sql, values))
    const { hasVectors } = await migrate(
      { transaction: (work) => transact(session, work) },
      options,
    )
    await prepareReceipts((sql, values) => session.run(sql, values))
    return { engine, session, hasVectors }
  } catch (error) {
    await engine.close()
    throw error
  } finally {
    stop.removeEventListener('abort', abandon)
  }
}

function endedEarly(error: BackendGone): UnavailableError {
  return new UnavailableError('The embedded database ended while it was being opened.', {
    cause: error,
  })
}

function explainOpenError(error: unknown, dataDir: string): unknown {
  const explained = explainDirectoryError(error, dataDir)
  if (explained !== error) return explained
  return new UnavailableError(
    `The database in ${dataDir} does not open (${messageOf(error)}): restore a backup with ` +
      '--force, or move the directory away to begin anew.',
    { cause: error },
  )
}

async function refuseUnusable(dataDir: string): Promise<void> {
  const file = join(clusterOf(dataDir), 'PG_VERSION')
  const version = await readFile(file, 'utf8').catch(() => null)
  if (version === null) return
  // The engine's own error for files of another user does not say so.
  await access(file, constants.W_OK).catch((error: unknown) => {
    throw explainDirectoryError(error, dataDir)
  })
  if (Number(version) === ENGINE_POSTGRES) return
  throw new InputError(
    `The data directory ${dataDir} was made by Postgres ${version.trim()}, and this program has ` +
      `${ENGINE_POSTGRES}: use the version of api-catalog-mcp that made it, or another directory.`,
  )
}

async function transact<T>(session: Session, work: (tx: Queryable) => Promise<T>): Promise<T> {
  const transaction = await session.begin()
  let result: T
  try {
    result = await work(queryableOf(transaction.run))
  } catch (error) {
    await transaction.rollback().catch(() => {}) // the error that counts is the first
    throw error
  }
  await transaction.commit()
  return result
}
