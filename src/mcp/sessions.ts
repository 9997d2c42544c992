import { randomUUID } from 'node:crypto'
import {
  WebStandardStreamableHTTPServerTransport as SessionTransport,
  type AuthInfo,
  type McpServer,
} from '@modelcontextprotocol/server'
import type { Principal } from '../catalog/principal.js'

/** Each holds a server object of some 50 KB. Clients beyond these are served without a session. */
const MOST_SESSIONS = 1_000
/** What a client holds that went away without a word is given up after this. */
const IDLE_MS = 30 * 60_000
/** Ids of ended sessions that are remembered, to be answered so. */
const MOST_ENDED = 10_000

/** What of a request its handling needs, beside the request itself. */
export interface Handed {
  authInfo: AuthInfo
  /** The body, which has been read; undefined for methods that have none. */
  parsedBody?: unknown
}

interface Session {
  transport: SessionTransport
  server: McpServer
  owner: Principal
  /** Streams on which the client waits for what the server tells by itself. */
  streams: number
  idle: NodeJS.Timeout
}

/**
 * Sessions of clients that speak a revision before 2026-07-28, for what the server tells them by
 * itself. A session's id opens nothing: its key does, with every request, and to another key it is
 * unknown.
 *
 *     initialize ──> open ──DELETE by its owner──> ended: its id is answered with 404
 *                      └──idle, or another process──> unknown: its calls are served one by one
 */
export class Sessions implements AsyncDisposable {
  readonly #open = new Map<string, Session>()
  readonly #ended = new Set<string>()

  /** Is there room for one more? */
  get hasRoom(): boolean {
    return this.#open.size < MOST_SESSIONS
  }

  /** Was it this caller's, and has been ended? */
  hasEnded(id: string, caller: Principal): boolean {
    return this.#ended.has(ownName(id, caller))
  }

  /** Answers `initialize`, and keeps `server` for the session that begins with it. */
  async begin(
    server: McpServer,
    owner: Principal,
    request: Request,
    handed: Handed,
  ): Promise<Response> {
    const transport: SessionTransport = new SessionTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => {
        const idle = setTimeout(() => this.#giveUpIdle(id), IDLE_MS).unref()
        this.#open.set(id, { transport, server, owner, streams: 0, idle })
      },
      onsessionclosed: (id) => {
        this.#forget(id)
        this.#remember(ownName(id, owner))
      },
    })
    await server.connect(transport)
    const response = await transport.handleRequest(request, handed)
    if (transport.sessionId === undefined) await server.close()
    return response
  }

  /** Answers a request of an open session; undefined where this caller has none of that id. */
  async answer(
    id: string,
    caller: Principal,
    request: Request,
    handed: Handed,
  ): Promise<Response | undefined> {
    const session = this.#open.get(id)
    if (!session || ownName(id, session.owner) !== ownName(id, caller)) return undefined
    session.idle.refresh()
    const response = await session.transport.handleRequest(request, handed)
    if (request.method === 'GET' && response.ok) countStream(session, request.signal)
    return response
  }

  /** Ends the streams that have no end of their own; calls that run are answered. */
  endStreams(): void {
    for (const { transport } of this.#open.values()) transport.closeStandaloneSSEStream()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const servers = [...this.#open.values()].map(({ server }) => server)
    for (const id of this.#open.keys()) this.#forget(id)
    await Promise.all(servers.map((server) => server.close()))
  }

  #giveUpIdle(id: string): void {
    const session = this.#open.get(id)
    if (session && session.streams > 0) return void session.idle.refresh()
    this.#forget(id)
    void session?.server.close()
  }

  #forget(id: string): void {
    clearTimeout(this.#open.get(id)?.idle)
    this.#open.delete(id)
  }

  #remember(name: string): void {
    this.#ended.add(name)
    const [oldest] = this.#ended
    if (this.#ended.size > MOST_ENDED && oldest !== undefined) this.#ended.delete(oldest)
  }
}

/** Whoever listens is not idle, until the connection of the stream ends. */
function countStream(session: Session, connection: AbortSignal): void {
  session.streams++
  const ended = (): void => {
    session.streams--
    session.idle.refresh()
  }
  connection.addEventListener('abort', ended, { once: true })
}

/** A session's id together with whose it is. */
function ownName(id: string, { tenant, name }: Principal): string {
  return JSON.stringify([tenant, name, id])
}
