import { once, setMaxListeners } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { App } from '../app/app.js'
import type { Principal } from '../catalog/principal.js'
import type { Config } from '../config.js'
import { UnavailableError, UsageError } from '../errors.js'
import type { Logger } from '../log.js'
import { AllowedHosts, isLoopback } from './allowed-hosts.js'
import type { Routes } from './create-routes.js'
import type { HttpContext } from './http-env.js'
import { observeProcess } from '../metrics/process-instruments.js'
import { KeyRing } from './keys.js'

/** A request's head is small, and whoever needs longer for it holds a connection on purpose. */
const HEAD_LIMIT_MS = 15_000
/** A request must have arrived by then: 64 MB at 2 Mbit/s take 4.5 minutes. */
const REQUEST_LIMIT_MS = 300_000
/** Longer than the 60 s for which common proxies keep a connection, so that they end it, not we. */
const KEEP_ALIVE_MS = 65_000
/** Most systems let a process open 1,024 files. */
const MOST_CONNECTIONS = 900
const MOST_HEAD_BYTES = 16 * 1024
/** Room in a body for what is around a document. */
const ENVELOPE_BYTES = 64 * 1024

export interface HttpServerOptions {
  app: App
  config: Config
  log: Logger
  /** `[HOST:]PORT`; loopback where no host is given. */
  address: string
  routes: (context: HttpContext) => Routes
}

/**
 * One listening server.
 *
 *     open ──drain──> stopping: no new connections, streams end, requests are answered
 *       └────dispose───────┴──> closed: what is left is cut off
 */
export class HttpServer implements AsyncDisposable {
  readonly url: string
  readonly #server: Server
  readonly #routes: Routes
  readonly #stopping: AbortController

  private constructor(server: Server, host: string, routes: Routes, stopping: AbortController) {
    const { port } = server.address() as AddressInfo
    this.url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
    this.#server = server
    this.#routes = routes
    this.#stopping = stopping
  }

  /**
   * Listens. Throws UsageError for an address that is none, and for one beyond loopback where there
   * are no keys; UnavailableError where it cannot be listened on.
   */
  static async open({ app, config, log, address, routes }: HttpServerOptions): Promise<HttpServer> {
    const { host, port } = readAddress(address)
    const sources = config.httpUrls === 'on' ? (['url'] as const) : []
    const keys = config.keys === null ? null : new KeyRing(config.keys, sources)
    if (!keys && !isLoopback(host)) {
      throw new UsageError(
        `Whoever reaches ${host} could use and change the catalog. Give callers keys with ` +
          `API_CATALOG_KEYS, or listen on this machine only: --http ${port}.`,
      )
    }
    if (keys && keys.guessable.length > 0) {
      log.warn({ keys: keys.guessable }, 'keys of fewer than 16 characters can be guessed')
    }
    const stopping = new AbortController()
    setMaxListeners(0, stopping.signal) // as many as there are streams
    const made = routes({
      app,
      log,
      keys,
      anyone: anyone(sources),
      hosts: new AllowedHosts(host, config.allowedHosts),
      maxBodyBytes: config.maxBytes + ENVELOPE_BYTES,
      stopping: stopping.signal,
    })
    const server = createServer(made)
    server.listen(port, host)
    try {
      await once(server, 'listening')
    } catch (error) {
      throw new UnavailableError(`Cannot listen on ${host}:${port}: ${reasonOf(error)}`, {
        cause: error,
      })
    }
    observeProcess(app.metrics)
    return new HttpServer(server, host, made, stopping)
  }

  /** Takes no more connections, and waits until all requests are answered or the signal aborts. */
  async drain(signal: AbortSignal): Promise<void> {
    this.#stopping.abort(new Error('the server stops'))
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    const over = new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
    await Promise.race([closed, over])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort(new Error('the server stops'))
    await this.#routes.close()
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

function createServer(routes: Routes): Server {
  const server = createAdaptorServer({
    fetch: routes.fetch,
    overrideGlobalObjects: false,
    serverOptions: {
      headersTimeout: HEAD_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: MOST_HEAD_BYTES,
    },
  }) as Server
  server.maxConnections = MOST_CONNECTIONS
  return server
}

function anyone(sources: Principal['sources']): Principal {
  return { tenant: 'default', name: 'anyone', scope: 'write', sources }
}

function readAddress(address: string): { host: string; port: number } {
  const found = /^(?:(?<host>\[[^\]]+\]|[^:]+):)?(?<port>\d{1,5})$/.exec(address)?.groups
  const port = Number(found?.['port'])
  if (!found || port > 65_535) {
    throw new UsageError(`--http takes [HOST:]PORT, for example 3000 or 0.0.0.0:3000.`)
  }
  return { host: found['host']?.replace(/^\[(.*)\]$/, '$1') ?? '127.0.0.1', port }
}

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return 'something else listens there; choose another port.'
  if (code === 'EACCES') return 'this user may not; choose a port from 1024 on.'
  return message
}
