import type { Socket } from 'node:net'
import type { TextResult } from '../values.js'
import { BackendGone, type Backend } from './backend.js'
import type { Door } from './door.js'
import { describeError } from './engine-error.js'
import {
  Link,
  PROTOCOL,
  type FromClient,
  type FromOwner,
  type Hello,
  type Request,
} from './protocol.js'
import type { OpenTransaction } from './session.js'

/** Whoever holds a transaction holds up everybody. */
const IDLE_LIMIT_MS = 30_000

export interface ClientsOptions {
  /** Settles when the database is open. */
  backend: Promise<Backend>
  version: string
  schema: number
  token: string
  /** A newer program, with this schema, asks for the data directory. */
  onNewer: (schema: number) => void
}

/** The attached processes, as the owner sees them. */
export class Clients {
  readonly #clients = new Set<Client>()
  #isGoing = false

  constructor(door: Door, options: ClientsOptions) {
    door.receive((socket) => {
      if (this.#isGoing) return // waits until the door closes, and finds the next owner
      const client = new Client(socket, options)
      this.#clients.add(client)
      socket.once('close', () => this.#clients.delete(client))
    })
  }

  notify(channel: string, payload: string): void {
    for (const client of this.#clients) client.notify(channel, payload)
  }

  /** Tells all that the owner goes, to make room for a program with this schema or just so. */
  tellGoing(schema: number | null): void {
    this.#isGoing = true
    for (const client of this.#clients) client.tellGoing(schema)
  }
}

/**
 * One attached process. Unwelcome until its `hello` is accepted and the database is open; until
 * then it may only ping. What it leaves open when it goes is rolled back.
 */
class Client {
  readonly #options: ClientsOptions
  readonly #link: Link<FromClient, FromOwner>
  readonly #channels = new Set<string>()
  readonly #transactions = new Map<number, ClientTransaction>()
  #backend: Backend | null = null
  #isGone = false
  #isGoing = false

  constructor(socket: Socket, options: ClientsOptions) {
    this.#options = options
    this.#link = new Link(socket)
    this.#link.on('message', (message) => {
      if (message.kind === 'hello') void this.#greet(message)
      else void this.#answer(message)
    })
    this.#link.once('close', () => {
      this.#isGone = true
      for (const transaction of this.#transactions.values()) transaction.abandon()
    })
  }

  notify(channel: string, payload: string): void {
    if (this.#channels.has(channel)) this.#link.send({ kind: 'notification', channel, payload })
  }

  tellGoing(schema: number | null): void {
    this.#isGoing = true
    this.#link.send({ kind: 'going', schema })
  }

  async #greet({ token, schema, protocol }: Hello): Promise<void> {
    const options = this.#options
    const link = this.#link
    if (token !== options.token) {
      link.close()
    } else if (schema < options.schema || protocol < PROTOCOL) {
      link.send({ kind: 'refused', version: options.version })
      link.end()
    } else if (schema > options.schema || protocol > PROTOCOL) {
      options.onNewer(schema)
    } else {
      const backend = await options.backend.catch(() => null)
      if (!backend || this.#isGoing) return // the door is about to close
      this.#backend = backend
      link.send({ kind: 'welcome', hasVectors: backend.hasVectors })
    }
  }

  async #answer({ id, ...request }: Request & { id: number }): Promise<void> {
    try {
      const result = request.kind === 'ping' ? null : await this.#perform(id, request)
      this.#link.send({ kind: 'done', id, ...(result && { result }) })
    } catch (error) {
      // The door is about to close, and the client will ask whoever comes next.
      if (error instanceof BackendGone) return
      this.#link.send({ kind: 'failed', id, error: describeError(error) })
    }
  }

  async #perform(
    id: number,
    request: Exclude<Request, { kind: 'ping' }>,
  ): Promise<TextResult | null> {
    const backend = this.#backend
    if (!backend) throw new Error('Say hello first, and wait for the welcome.')
    if (request.kind === 'run') {
      const { sql, values, transaction } = request
      const session = transaction === undefined ? backend : this.#transaction(transaction)
      return await session.run(sql, values)
    }
    await this.#command(id, request, backend)
    return null
  }

  async #command(
    id: number,
    request: Exclude<Request, { kind: 'ping' | 'run' }>,
    backend: Backend,
  ): Promise<void> {
    switch (request.kind) {
      case 'begin':
        await this.#begin(id, backend)
        break
      case 'commit':
      case 'rollback':
        await this.#transaction(request.transaction).end(request.kind)
        break
      case 'listen':
        this.#channels.add(request.channel)
        await backend.listen(request.channel)
        break
      case 'backup':
        await backend.backup(request.file)
        break
    }
  }

  async #begin(id: number, backend: Backend): Promise<void> {
    const open = await backend.begin()
    const forget = (): void => void this.#transactions.delete(id)
    const transaction = new ClientTransaction(open, forget)
    this.#transactions.set(id, transaction)
    if (this.#isGone) transaction.abandon()
  }

  #transaction(id: number): ClientTransaction {
    const transaction = this.#transactions.get(id)
    if (transaction) return transaction
    throw new Error(
      `The transaction was idle for more than ${IDLE_LIMIT_MS / 1000} s and is rolled back.`,
    )
  }
}

/** A client's transaction. Rolled back when the client is gone, or idle for too long. */
class ClientTransaction {
  readonly #open: OpenTransaction
  readonly #forget: () => void
  #running = 0
  #isOver = false
  #idle: NodeJS.Timeout

  constructor(open: OpenTransaction, forget: () => void) {
    this.#open = open
    this.#forget = forget
    this.#idle = this.#startIdling()
  }

  async run(sql: string, values: Parameters<OpenTransaction['run']>[1]): Promise<TextResult> {
    clearTimeout(this.#idle)
    this.#running++
    try {
      return await this.#open.run(sql, values)
    } finally {
      this.#running--
      if (this.#running === 0 && !this.#isOver) this.#idle = this.#startIdling()
    }
  }

  async end(how: 'commit' | 'rollback'): Promise<void> {
    clearTimeout(this.#idle)
    this.#isOver = true
    this.#forget()
    await this.#open[how]()
  }

  abandon(): void {
    this.end('rollback').catch(() => {}) // the database is gone, and the transaction with it
  }

  #startIdling(): NodeJS.Timeout {
    return setTimeout(() => this.abandon(), IDLE_LIMIT_MS).unref()
  }
}
