import { setTimeout as delay } from 'node:timers/promises'
import {
  ProtocolError,
  ProtocolErrorCode,
  type McpServer,
  type ServerEvent,
} from '@modelcontextprotocol/server'
import type { Logger } from '../log.js'
import type { Changes } from './servers.js'

/** A thousand clients that subscribe to as much as they may keep some 60 MB. */
const MOST_URIS = 200
/** `catalog://`, two names of 64 characters, and room. */
const LONGEST_URI = 200
/** What a client is told that wants more. */
export const TOO_MANY =
  `A client subscribes to at most ${MOST_URIS} resources, each of at most ${LONGEST_URI} ` +
  'characters. resources/list_changed tells of all.'
/** A database that is away does not hold up the answer for longer. */
const READY_LIMIT_MS = 2_000

/**
 * What the client of one connection, of a revision before 2026-07-28, is told of by itself: the
 * resources that it subscribed to, and the list from when it has asked for it. It may subscribe to
 * what there is not yet.
 */
export class Subscriptions {
  readonly #server: McpServer
  readonly #changes: Changes
  readonly #log: Logger
  readonly #uris = new Set<string>()
  #hasList = false
  #unsubscribe: (() => void) | undefined

  constructor(server: McpServer, changes: Changes, log: Logger) {
    this.#server = server
    this.#changes = changes
    this.#log = log
    server.server.setRequestHandler('resources/subscribe', async ({ params: { uri } }) => {
      await this.#add(uri)
      return {}
    })
    server.server.setRequestHandler('resources/unsubscribe', ({ params: { uri } }) => {
      this.#uris.delete(uri)
      if (this.#uris.size === 0 && !this.#hasList) this.#end()
      return {}
    })
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's server has none
    server.server.onclose = () => this.#end()
  }

  /** From now on the client is told when the list is another. */
  addList(): void {
    this.#hasList = true
    this.#listen()
  }

  async #add(uri: string): Promise<void> {
    if (this.#uris.size >= MOST_URIS || uri.length > LONGEST_URI) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, TOO_MANY)
    }
    this.#uris.add(uri)
    this.#listen()
    await readyOrLate(this.#changes)
  }

  #listen(): void {
    this.#unsubscribe ??= this.#changes.subscribe((event) => {
      const isWanted = event.kind === 'resource_updated' ? this.#uris.has(event.uri) : this.#hasList
      if (isWanted) tell(this.#server, event, this.#log)
    })
  }

  #end(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
  }
}

/** Does a `subscriptions/listen` of 2026-07-28 ask for more than a client may? */
export function hasManySubscriptions(body: unknown): boolean {
  const { params } = body as { params?: { notifications?: { resourceSubscriptions?: unknown } } }
  const uris = params?.notifications?.resourceSubscriptions
  if (!Array.isArray(uris)) return false
  return uris.length > MOST_URIS || uris.some((uri) => String(uri).length > LONGEST_URI)
}

/** Sends a change to the client of a connection. */
export function tell({ server }: McpServer, event: ServerEvent, log: Logger): void {
  const sent =
    event.kind === 'resource_updated'
      ? server.sendResourceUpdated({ uri: event.uri })
      : server.sendResourceListChanged()
  sent.catch((error: unknown) =>
    log.debug({ err: error }, 'a client could not be told of a change'),
  )
}

/** Waits until subscribers miss nothing, for a while. */
export async function readyOrLate(changes: Changes): Promise<void> {
  await Promise.race([changes.ready(), delay(READY_LIMIT_MS, undefined, { ref: false })])
}
