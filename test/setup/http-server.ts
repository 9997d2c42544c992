import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { afterAll } from 'vitest'
import { App } from '../../src/app/app.js'
import type { Principal } from '../../src/catalog/principal.js'
import { readConfig } from '../../src/config.js'
import { createRoutes } from '../../src/http/create-routes.js'
import { HttpServer } from '../../src/http/http-server.js'
import { catalogServers } from '../../src/mcp/catalog-servers.js'
import type { Servers } from '../../src/mcp/servers.js'
import { environment, type Settings } from './server.js'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
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
  /** For each principal a port of its own, on which everybody without a key is that principal. */
  as?: readonly Partial<Principal>[]
}

/** A server of this process, and its app to look into. */
export interface OpenServer extends AsyncDisposable {
  /** `http://127.0.0.1:port` */
  url: string
  /** One for each principal that was asked for. */
  urls: string[]
  app: App
  /** Asks for a path under `url`. */
  ask: (path: string, init?: RequestInit) => Promise<Response>
}

/** Listens, in this process, on a port that is free. It is closed with the test file at the latest. */
export async function openHttpServer(
  settings: Settings,
  { worker = false, as = [{}], servers: served }: ServeOptions = {},
): Promise<OpenServer> {
  const config = readConfig({}, settings)
  const log = pino({ level: 'silent' })
  const app = new App({ config, log, worker, allowPrivateUrls: true })
  const servers: HttpServer[] = []
  for (const principal of as) {
    servers.push(
      await HttpServer.open({
        app,
        config,
        log,
        address: '127.0.0.1:0',
        routes: (context) =>
          createRoutes(
            { ...context, anyone: { ...context.anyone, ...principal } },
            served ?? catalogServers(app, log),
          ),
      }),
    )
  }
  app.keepOpen()
  const urls = servers.map(({ url }) => url)
  const url = urls[0]!
  const server: OpenServer = {
    url,
    urls,
    app,
    ask: (path, init) => fetch(`${url}${path}`, init),
    async [Symbol.asyncDispose]() {
      open.delete(server)
      for (const one of servers) await one[Symbol.asyncDispose]()
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
