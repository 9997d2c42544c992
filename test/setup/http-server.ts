import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { pino } from 'pino'
import { afterAll, expect } from 'vitest'
import { App } from '../../src/app/app.js'
import type { Principal } from '../../src/catalog/principal.js'
import { readConfig } from '../../src/config.js'
import { createRoutes, type Routes } from '../../src/http/create-routes.js'
import type { HttpContext } from '../../src/http/http-env.js'
import { HttpServer } from '../../src/http/http-server.js'
import { catalogServers } from '../../src/mcp/catalog-servers.js'
import type { Servers } from '../../src/mcp/servers.js'
import { PROGRAM } from './program.js'
import { environment, type Settings } from './server.js'

/** Servers that stop by themselves take less. */
const STOP_LIMIT_MS = 15_000

/** What is left open by a test ends with its file. */
const open = new Set<AsyncDisposable>()

afterAll(async () => {
  await Promise.all([...open].map((one) => one[Symbol.asyncDispose]()))
})

export interface ServeOptions {
  /** Embed in the background. */
  worker?: boolean
  /** What is served over MCP in the place of the catalog. */
  servers?: Servers
  /** Callers whose requests run on behalf of others than everybody without a key. */
  callers?: readonly Partial<Principal>[]
}

/** Asks a server for a path. */
export type Ask = (path: string, init?: RequestInit) => Promise<Response>

/** A server of this process, and its app to look into. */
export interface OpenServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  url: string
  app: App
  ask: Ask
  /** One for each caller that was named. */
  callers: { ask: Ask }[]
}

/** Says which of the callers a request comes from. */
const CALLER = 'x-test-caller'

/** Listens, in this process, on a port that is free. It is closed with the test file at the latest. */
export async function openHttpServer(
  settings: Settings,
  { worker = false, callers = [], servers }: ServeOptions = {},
): Promise<OpenServer> {
  const config = readConfig({}, settings)
  const log = pino({ level: 'silent' })
  const app = new App({ config, log, worker, allowPrivateUrls: true })
  const routesFor = (context: HttpContext, caller: Partial<Principal>): Routes =>
    createRoutes(
      { ...context, anyone: { ...context.anyone, ...caller } },
      servers ?? catalogServers(app, log),
    )
  const http = await HttpServer.open({
    app,
    config,
    log,
    address: '127.0.0.1:0',
    routes: (context) => {
      const [everybody, ...others] = [{}, ...callers].map((one) => routesFor(context, one))
      return {
        fetch: (request, ...more) =>
          (others[Number(request.headers.get(CALLER) ?? NaN)] ?? everybody!).fetch(
            request,
            ...more,
          ),
        close: async () => {
          for (const routes of [everybody!, ...others]) await routes.close()
        },
      }
    },
  })
  app.keepOpen()
  const ask: Ask = (path, init) => fetch(`${http.url}${path}`, init)
  const server: OpenServer = {
    url: http.url,
    app,
    ask,
    callers: callers.map((_, place) => ({
      ask: (path, init) => {
        const headers = new Headers(init?.headers)
        headers.set(CALLER, String(place))
        return ask(path, { ...init, headers })
      },
    })),
    async [Symbol.asyncDispose]() {
      open.delete(server)
      await http[Symbol.asyncDispose]()
      await app[Symbol.asyncDispose]()
    },
  }
  open.add(server)
  return server
}

/** `serve --http` as users start it: a process of its own, on a port that is free. */
export class HttpProcess implements AsyncDisposable {
  readonly #child: ChildProcess
  readonly #exited: Promise<[code: number | null, signal: string | null]>
  /** What it logged until now. */
  log = ''
  url = ''

  private constructor(settings: Settings, args: readonly string[]) {
    this.#child = spawn(process.execPath, [PROGRAM, 'serve', '--http', '0', ...args], {
      env: environment(settings),
      stdio: ['ignore', 'inherit', 'pipe'],
    })
    this.#exited = once(this.#child, 'close') as Promise<[number | null, string | null]>
    this.#child.stderr?.setEncoding('utf8').on('data', (chunk) => (this.log += chunk))
    open.add(this)
  }

  /** Starts one and waits until it listens; throws what it logged where it ends instead. */
  static async start(settings: Settings, args: readonly string[] = []): Promise<HttpProcess> {
    const server = new HttpProcess(settings, args)
    const ended = server.#exited.then(() => true)
    for (;;) {
      const [, url] = /listening on (http:\S+?)"/.exec(server.log) ?? []
      if (url !== undefined) {
        server.url = url
        return server
      }
      const logged = server.#child.stderr ? once(server.#child.stderr, 'data') : ended
      if ((await Promise.race([ended, logged])) === true) throw new Error(server.log)
    }
  }

  /** Asks for a path of it. */
  ask(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`${this.url}${path}`, init)
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** How it ended, when it has. */
  async exited(): Promise<{ code: number | null; signal: string | null }> {
    const [code, signal] = await this.#exited
    open.delete(this)
    return { code, signal }
  }

  /** Asks it to stop, and ends it where it does not. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal('SIGTERM')
    const limit = setTimeout(() => this.signal('SIGKILL'), STOP_LIMIT_MS)
    await this.exited()
    clearTimeout(limit)
  }
}

/** An answer with its JSON read. */
export interface JsonAnswer {
  status: number
  headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect to be there
  facts: any
}

/** Asks a server for JSON; a `problem+json` counts too. Throws where the answer is none. */
export async function askJson(
  server: Pick<OpenServer, 'ask'>,
  path: string,
  init?: RequestInit,
): Promise<JsonAnswer> {
  const response = await server.ask(path, init)
  expect(response.headers.get('content-type')).toMatch(/^application\/(?:problem\+)?json$/)
  return { status: response.status, headers: response.headers, facts: await response.json() }
}
