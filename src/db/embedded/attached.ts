import type { Socket } from 'node:net'
import { UnavailableError } from '../../errors.js'
import { newerSchemaError } from '../migrate.js'
import type { RunText, TextResult } from '../values.js'
import { BackendGone, type Backend } from './backend.js'
import type { Claim } from './claim.js'
import { Link, PROTOCOL, type FromClient, type FromOwner, type Request } from './protocol.js'
import type { OpenTransaction } from './session.js'
import { toError } from './to-error.js'

/** An owner answers a ping at once, whatever its database is doing: by then it hangs. */
export const SILENCE_LIMIT_MS = 15_000
const PING_MS = 2_500

interface Pending {
  resolve: (result: TextResult | undefined) => void
  reject: (error: Error) => void
}

/** The database in another process, which owns the data directory. */
export class Attached implements Backend {
  readonly role = 'attached'
  readonly gone: Promise<number | null>
  /** Settles when the owner has opened the database. Rejects where it refuses this program. */
  readonly welcome: Promise<void>
  hasVectors = false
  onNotification: (channel: string, payload: string) => void = () => {}
  readonly #claim: Claim
  readonly #link: Link<FromOwner, FromClient>
  readonly #pending = new Map<number, Pending>()
  #lastId = 0
  readonly #pings: NodeJS.Timeout
  #isPinging = false
  #isWelcome = false
  /** Since when something is asked for without a break. */
  #askingSince = 0
  #isGone = false
  #madeRoomFor: number | null = null
  #settleWelcome: { resolve: () => void; reject: (error: Error) => void } | null = null

  constructor(socket: Socket, claim: Claim, program: { version: string; schema: number }) {
    this.#claim = claim
    this.#link = new Link(socket)
    this.welcome = new Promise((resolve, reject) => {
      this.#settleWelcome = { resolve, reject }
    })
    this.gone = new Promise((resolve) => {
      this.#link.once('close', () => {
        this.#end()
        resolve(this.#madeRoomFor)
      })
    })
    this.#link.on('message', (message) => this.#receive(message))
    this.#link.send({ kind: 'hello', protocol: PROTOCOL, token: claim.token, ...program })
    this.welcome.catch(() => {}) // whoever awaits it hears of it
    this.#ping()
    this.#pings = setInterval(() => this.#watch(), PING_MS)
    this.#pings.unref()
  }

  /** When the owner was last heard, in milliseconds since the epoch. */
  get heardAt(): number {
    return this.#link.heardAt
  }

  run: RunText = async (sql, values) => await this.#ask({ kind: 'run', sql, values })

  async begin(): Promise<OpenTransaction> {
    const transaction = this.#lastId + 1 // the id of the next request
    await this.#ask({ kind: 'begin' })
    return {
      run: (sql, values) => this.#ask({ kind: 'run', sql, values, transaction }),
      commit: async () => void (await this.#ask({ kind: 'commit', transaction })),
      rollback: async () => void (await this.#ask({ kind: 'rollback', transaction })),
    }
  }

  async listen(channel: string): Promise<void> {
    await this.#ask({ kind: 'listen', channel })
  }

  async backup(file: string): Promise<void> {
    await this.#ask({ kind: 'backup', file })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#link.close()
    await this.gone
  }

  async #ask(request: Request): Promise<TextResult> {
    const result = await this.#request(request)
    return result ?? { fields: [], rows: [], command: '' }
  }

  #request(request: Request): Promise<TextResult | undefined> {
    if (this.#isGone) return Promise.reject(new BackendGone('The owner of the database is gone.'))
    const id = ++this.#lastId
    if (this.#pending.size === 0) this.#askingSince = Date.now()
    return new Promise((resolve, reject) => {
      this.#link.send({ id, ...request })
      this.#pending.set(id, { resolve, reject })
    })
  }

  #receive(message: FromOwner): void {
    switch (message.kind) {
      case 'welcome':
        this.hasVectors = message.hasVectors
        this.#isWelcome = true
        this.#settleWelcome?.resolve()
        break
      case 'refused':
        this.#settleWelcome?.reject(newerSchemaError(message.version))
        break
      case 'going':
        this.#madeRoomFor = message.schema
        break
      case 'notification':
        this.onNotification(message.channel, message.payload)
        break
      case 'done':
        this.#take(message.id)?.resolve(message.result)
        break
      case 'failed':
        this.#take(message.id)?.reject(toError(message.error))
        break
    }
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }

  /**
   * While something is asked for, the owner must be heard: a process that was stopped keeps its
   * socket open. Before the welcome we keep waiting, as each new attempt would wait beside the last.
   */
  #watch(): void {
    if (this.#isWelcome && this.#pending.size === 0) return
    const silentSince = Math.max(this.heardAt, this.#askingSince)
    if (!this.#isWelcome || Date.now() - silentSince < SILENCE_LIMIT_MS) this.#ping()
    else this.#giveUp(new UnavailableError(silenceOf(this.#claim)))
  }

  #ping(): void {
    if (this.#isPinging) return
    this.#isPinging = true
    this.#request({ kind: 'ping' })
      .catch(() => {})
      .finally(() => {
        this.#isPinging = false
      })
  }

  #giveUp(error: Error): void {
    for (const { reject } of this.#pending.values()) reject(error)
    this.#pending.clear()
    this.#link.close()
  }

  #end(): void {
    this.#isGone = true
    clearInterval(this.#pings)
    const error = new BackendGone('The owner of the database is gone.')
    this.#settleWelcome?.reject(error)
    this.#giveUp(error)
  }
}

/** The sentence for an owner that is there and does not answer. */
export function silenceOf({ pid, version }: Claim): string {
  return (
    `Process ${pid} (api-catalog-mcp ${version}) has the database open and does not answer: ` +
    'let it go on, or end it, and another process takes over.'
  )
}
