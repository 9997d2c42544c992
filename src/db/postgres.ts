import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import {
  Client,
  Pool,
  type ClientBase,
  type ClientConfig,
  type CustomTypesConfig,
  type QueryConfig,
  type QueryResult,
} from 'pg'
import { UnavailableError, messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import type { Database, Queryable } from './database.js'
import { KeptStatements } from './kept-statements.js'
import { oneAtATime } from './one-at-a-time.js'
import {
  ConnectionLost,
  explainPostgresError,
  isConflict,
  isTimeout,
  onConnection,
} from './postgres-errors.js'
import { PostgresListener } from './postgres-listener.js'
import { parserOf, toText, type TextValue } from './values.js'
import { withResolvers } from './with-resolvers.js'

const CONNECT_LIMIT_MS = 5_000
/** A statement takes seconds at most: by then its connection is half open, and is given up. */
const ANSWER_LIMIT_MS = 120_000
/**
 * Between two statements of a transaction lie milliseconds. A process that is frozen there, or cut
 * off, would keep its locks for ever: Postgres ends its connection after this long.
 */
const IDLE_LIMIT_MS = 15_000
/** For the transaction alone, so that a pooler's next client does not have it too. */
const BEGIN = `begin; set local idle_in_transaction_session_timeout = ${IDLE_LIMIT_MS}`
/** A restart of Postgres takes about this long; shorter gaps are bridged by trying again. */
const RETRY_LIMIT_MS = 3_000
const FIRST_RETRY_MS = 50
/** Deadlocks are undone by Postgres for one of those involved; more in a row are no accident. */
const CONFLICT_TRIES = 3
/** Clean ends take milliseconds; a server that hangs is left without one. */
const CLOSE_LIMIT_MS = 500

export interface PostgresOptions {
  url: string
  /** Most connections at once; the listener has one besides. */
  poolSize: number
  log: Logger
}

/** `pg` takes a limit for connecting from the pool too, but there it also bounds waiting for a turn. */
class PooledClient extends Client {
  constructor(config: ClientConfig) {
    super({ ...config, connectionTimeoutMillis: CONNECT_LIMIT_MS })
  }
}

/**
 * Postgres through a pool. Nothing depends on a session's settings, and statements are named only
 * where sessions keep them, so a pooler in transaction mode may stand in between.
 */
export class PostgresDatabase implements Database {
  readonly kind = 'postgres'
  hasVectors = false
  readonly #url: string
  readonly #pool: Pool
  readonly #listener: PostgresListener
  readonly #kept = new KeptStatements()
  readonly #sockets = new Set<Socket>()
  /** Ends a call that has not come back when we close: the pool forgets those that wait. */
  readonly #abandon = new Set<(error: Error) => void>()
  readonly #stop = new AbortController()
  #closing: Promise<void> | null = null

  constructor({ url, poolSize, log }: PostgresOptions) {
    this.#url = url
    const client: ClientConfig = {
      connectionString: url,
      application_name: 'api-catalog-mcp',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      types: { getTypeParser: parserOf as CustomTypesConfig['getTypeParser'] },
      stream: () => this.#socket(),
    }
    this.#pool = new Pool({
      ...client,
      max: poolSize,
      Client: PooledClient as unknown as new () => ClientBase,
    })
    // For a client's whole life: where nobody listens, a connection that breaks while it is in nobody's
    // hands, or between two statements, ends the process.
    this.#pool.on('connect', (one) => void one.on('error', () => {}))
    // The pool drops an idle connection that broke and makes another when it is needed.
    this.#pool.on('error', (error) => {
      log.debug({ reason: messageOf(error) }, 'an idle connection to Postgres ended')
    })
    this.#listener = new PostgresListener({
      client: { ...client, connectionTimeoutMillis: CONNECT_LIMIT_MS },
      notify: (channel, payload) => this.query('select pg_notify($1, $2)', [channel, payload]),
      log,
    })
  }

  async query<Row extends object>(
    sql: string,
    params?: readonly unknown[],
    { kept } = { kept: false },
  ): Promise<Row[]> {
    const attempt = (name?: string) => run<Row>(this.#pool, sql, params, name)
    return await this.#retrying(() => (kept ? this.#kept.run(sql, attempt) : attempt()))
  }

  async transaction<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    return await this.#retrying(() => this.#transactionOnce(work))
  }

  async listen(channel: string, onMessage: (payload: string) => void): Promise<AsyncDisposable> {
    try {
      return await onConnection(() => this.#listener.listen(channel, onMessage))
    } catch (error) {
      throw explainPostgresError(error, this.#url)
    }
  }

  connections(): { busy: number; idle: number; waiting: number } {
    const { totalCount, idleCount, waitingCount } = this.#pool
    return { busy: totalCount - idleCount, idle: idleCount, waiting: waitingCount }
  }

  /** Ends in time whatever the server does. What still runs fails. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.#stop.abort()
    const ended = new AbortController()
    await Promise.race([
      Promise.all([this.#listener[Symbol.asyncDispose](), this.#pool.end()]),
      delay(CLOSE_LIMIT_MS, null, { signal: ended.signal }).catch(() => {}),
    ])
    ended.abort()
    for (const socket of this.#sockets) socket.destroy()
    for (const abandon of this.#abandon) abandon(closedError())
  }

  async #unlessClosed<T>(call: Promise<T>): Promise<T> {
    const { promise: closed, reject } = withResolvers<never>()
    this.#abandon.add(reject)
    try {
      return await Promise.race([call, closed])
    } finally {
      this.#abandon.delete(reject)
    }
  }

  #socket(): Socket {
    const socket = new Socket()
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }

  /** Tries again while it is certain, or harmless by contract, that nothing was stored. */
  async #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    const { signal } = this.#stop
    let deadline: number | null = null
    let conflicts = 0
    for (let wait = FIRST_RETRY_MS; ; wait *= 2) {
      if (signal.aborted) throw closedError()
      try {
        return await this.#unlessClosed(attempt())
      } catch (error) {
        if (isConflict(error) && ++conflicts < CONFLICT_TRIES) continue
        deadline ??= Date.now() + RETRY_LIMIT_MS
        const isHopeless = !(error instanceof ConnectionLost) || isTimeout(error)
        if (isHopeless || Date.now() + wait > deadline) throw explainPostgresError(error, this.#url)
        await delay(wait, null, { signal }).catch(() => {})
      }
    }
  }

  async #transactionOnce<T>(work: (tx: Queryable) => Promise<T>): Promise<T> {
    const client = await onConnection(() => this.#pool.connect())
    const inOrder = oneAtATime()
    let isBroken = false
    try {
      await onConnection(() => client.query(limited(BEGIN)))
      const result = await work({
        query: (sql, params) => inOrder(() => run(client, sql, params)),
      })
      await inOrder(() => commit(client))
      return result
    } catch (error) {
      isBroken = !(await inOrder(() => canRollBack(client)))
      throw error
    } finally {
      client.release(isBroken)
    }
  }
}

function closedError(): UnavailableError {
  return new UnavailableError('The connection to the database is closed.')
}

async function run<Row extends object>(
  session: Pool | ClientBase,
  sql: string,
  params: readonly unknown[] = [],
  name?: string,
): Promise<Row[]> {
  const values = params.map(toText)
  // Without values it may be a migration or the building of an index, which take their time.
  const query = values.length > 0 ? { ...limited(sql, values), name } : { text: sql }
  // Of several statements `pg` gives several results.
  const result: QueryResult<Row> | QueryResult<Row>[] = await onConnection(() =>
    session.query<Row>(query),
  )
  return Array.isArray(result) ? (result.at(-1)?.rows ?? []) : result.rows
}

function limited(text: string, values: TextValue[] = []): QueryConfig & { query_timeout: number } {
  return { text, values, query_timeout: ANSWER_LIMIT_MS }
}

async function commit(client: ClientBase): Promise<void> {
  const { command } = await onConnection(() => client.query(limited('commit'))).catch(
    (error: unknown) => {
      if (!(error instanceof ConnectionLost)) throw error
      throw new UnavailableError(
        'The connection to Postgres was lost while a change was being stored: ' +
          'look whether it is there before you try again.',
        { cause: error },
      )
    },
  )
  // Postgres answers COMMIT of a transaction in which a statement failed with a rollback.
  if (command !== 'COMMIT') throw new Error('The transaction had failed and is rolled back.')
}

async function canRollBack(client: ClientBase): Promise<boolean> {
  try {
    await client.query(limited('rollback'))
    return true
  } catch {
    return false
  }
}
