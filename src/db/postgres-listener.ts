import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, escapeIdentifier, type ClientConfig } from 'pg'
import { UnavailableError, messageOf } from '../errors.js'
import type { Logger } from '../log.js'
import { oneAtATime } from './one-at-a-time.js'
import { withResolvers } from './with-resolvers.js'

const SELF_TEST_LIMIT_MS = 3_000
const HEARTBEAT_MS = 30_000
/** A connection that has not answered by then is half open, and is made anew. */
const ANSWER_LIMIT_MS = 10_000
const FIRST_RECONNECT_MS = 250
const LONGEST_RECONNECT_MS = 30_000

type OnMessage = (payload: string) => void

export interface ListenerOptions {
  /** Settings of the listener's own connection. */
  client: ClientConfig
  /** Sends a message on a channel, over another connection. */
  notify: (channel: string, payload: string) => Promise<unknown>
  log: Logger
}

/**
 * LISTEN on a connection of its own. It is made at the first `listen` and proves itself with a
 * message to itself, since a pooler in transaction mode takes LISTEN and never delivers. When it
 * is lost it is made again, after a growing delay, with all its channels.
 */
export class PostgresListener implements AsyncDisposable {
  readonly #options: ListenerOptions
  readonly #channels = new Map<string, Set<OnMessage>>()
  readonly #stop = new AbortController()
  readonly #inOrder = oneAtATime()
  #client: Client | null = null
  #started: Promise<void> | null = null

  constructor(options: ListenerOptions) {
    this.#options = options
  }

  /** Throws UnavailableError where messages do not arrive. */
  async listen(channel: string, onMessage: OnMessage): Promise<AsyncDisposable> {
    this.#started ??= this.#start()
    await this.#started.catch((error: unknown) => {
      this.#started = null
      throw error
    })
    const listeners = this.#channels.get(channel) ?? new Set()
    this.#channels.set(channel, listeners)
    listeners.add(onMessage)
    await this.#tell('listen', channel)
    return {
      [Symbol.asyncDispose]: async () => {
        listeners.delete(onMessage)
        if (listeners.size > 0 || this.#channels.get(channel) !== listeners) return
        this.#channels.delete(channel)
        await this.#tell('unlisten', channel)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    this.#channels.clear()
    this.#client?.connection.stream.destroy()
    await this.#started?.catch(() => {})
  }

  async #start(): Promise<void> {
    const client = await this.#connect()
    try {
      await this.#selfTest(client)
    } catch (error) {
      client.connection.stream.destroy()
      throw error
    }
    this.#client = client
    void this.#keepConnected(client)
  }

  async #connect(): Promise<Client> {
    const client = new Client({ ...this.#options.client, query_timeout: ANSWER_LIMIT_MS })
    client.on('error', () => {}) // 'end' follows, and is what we act on
    client.on('notification', ({ channel, payload }) => this.#deliver(channel, payload ?? ''))
    await client.connect()
    return client
  }

  async #selfTest(client: Client): Promise<void> {
    const channel = `self_test_${randomUUID()}`
    const { promise: arrived, resolve } = withResolvers<void>()
    client.on('notification', (message) => message.channel === channel && resolve())
    await client.query(`listen ${escapeIdentifier(channel)}`)
    await this.#options.notify(channel, '')
    const limit = new AbortController()
    const late = delay(SELF_TEST_LIMIT_MS, 'late', { signal: limit.signal }).catch(() => 'over')
    const outcome = await Promise.race([arrived, late])
    limit.abort()
    if (outcome === 'late') {
      throw new UnavailableError(
        'Postgres delivers no notifications on this connection, as behind a pooler in ' +
          'transaction mode; work is found by polling.',
      )
    }
    await client.query(`unlisten ${escapeIdentifier(channel)}`)
  }

  #deliver(channel: string, payload: string): void {
    for (const onMessage of this.#channels.get(channel) ?? []) onMessage(payload)
  }

  /** Errors are left to the loop that makes the connection anew with all its channels. */
  async #tell(verb: 'listen' | 'unlisten', channel: string): Promise<void> {
    const sql = `${verb} ${escapeIdentifier(channel)}`
    await this.#inOrder(async () => this.#client?.query(sql)).catch(() => {})
  }

  /** Connected: heartbeats until the connection is lost. Lost: tries until connected or stopped. */
  async #keepConnected(first: Client): Promise<void> {
    const { log } = this.#options
    let client = first
    while (!this.#stop.signal.aborted) {
      await this.#untilLost(client)
      this.#client = null
      if (this.#stop.signal.aborted) return
      log.warn('lost the connection that listens for notifications; polling until it is back')
      const again = await this.#reconnect()
      if (!again) return
      client = again
      log.info('listening for notifications again')
    }
  }

  async #untilLost(client: Client): Promise<void> {
    const { promise: lost, resolve } = withResolvers<void>()
    client.once('end', resolve)
    if (!client.connection.stream.writable) resolve()
    const heartbeat = setInterval(() => {
      this.#inOrder(() => client.query('select 1')).catch(() => client.connection.stream.destroy())
    }, HEARTBEAT_MS)
    await lost
    clearInterval(heartbeat)
  }

  async #reconnect(): Promise<Client | null> {
    const { signal } = this.#stop
    for (let wait = FIRST_RECONNECT_MS; !signal.aborted; wait *= 2) {
      const capped = Math.min(wait, LONGEST_RECONNECT_MS)
      // Jitter: all replicas lose their connections at once.
      await delay(capped * (0.5 + Math.random()), null, { signal }).catch(() => {})
      if (signal.aborted) return null
      try {
        return await this.#connectWithChannels()
      } catch (error) {
        this.#options.log.debug({ reason: messageOf(error) }, 'cannot listen yet')
      }
    }
    return null
  }

  async #connectWithChannels(): Promise<Client> {
    const client = await this.#connect()
    this.#client = client // what is listened to from now on is told to it
    for (const channel of this.#channels.keys()) {
      await this.#inOrder(() => client.query(`listen ${escapeIdentifier(channel)}`))
    }
    if (this.#stop.signal.aborted) client.connection.stream.destroy()
    return client
  }
}
