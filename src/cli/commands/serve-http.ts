import { App } from '../../app/app.js'
import { chosenEmbedder, type Config } from '../../config.js'
import { UsageError } from '../../errors.js'
import { createProbeRoutes, createRoutes, type Routes } from '../../http/create-routes.js'
import type { HttpContext } from '../../http/http-env.js'
import { HttpServer } from '../../http/http-server.js'
import type { Logger } from '../../log.js'
import { catalogServers } from '../../mcp/catalog-servers.js'
import type { Flags } from '../run-command.js'
import { close, refresherOf, settingsOf, SIGNALS, type ServeOptions } from './serve.js'

/**
 * Serves many over HTTP until SIGINT or SIGTERM. Then it takes no more connections and claims no
 * more jobs, and lets what runs end for `drainMs`. A second signal ends the process at once. Throws
 * what `HttpServer.open` throws.
 */
export async function serveHttp(
  flags: Flags,
  options: ServeOptions & { http: string },
): Promise<void> {
  const { config, log } = settingsOf(flags)
  const signalled = firstSignal()
  const app = new App({ config, log, ...options })
  const routes = (context: HttpContext) => createRoutes(context, catalogServers(app, log))
  const server = await listen(app, { config, log, address: options.http, routes })
  app.keepOpen()
  const refresher = refresherOf(app, options)
  await drained(app, { config, log, signal: await signalled, server })
  await refresher?.[Symbol.asyncDispose]()
  await close(app, log)
}

/**
 * Only embeds what others upload, until SIGINT or SIGTERM; stdin and stdout are left alone. Probes
 * and metrics are served where an address is given. Then it claims nothing more and lets running
 * jobs end for `drainMs`, before it gives the rest back. A second signal ends the process at once;
 * its leases end by themselves. Throws UsageError where there is no embedder to work with.
 */
export async function serveWorkerOnly(flags: Flags, address?: string): Promise<void> {
  const { config, log } = settingsOf(flags)
  if (chosenEmbedder(config) === 'none') {
    throw new UsageError('--worker-only needs an embedder: API_CATALOG_EMBEDDER is "none".')
  }
  const signalled = firstSignal()
  const app = new App({ config, log, worker: true })
  const server =
    address === undefined
      ? undefined
      : await listen(app, { config, log, address, routes: createProbeRoutes })
  app.keepOpen()
  await drained(app, { config, log, signal: await signalled, server })
  await close(app, log)
}

/** Listens, and says where. An app that was not opened yet needs no closing where that fails. */
async function listen(
  app: App,
  options: { config: Config; log: Logger; address: string; routes: (c: HttpContext) => Routes },
): Promise<HttpServer> {
  const server = await HttpServer.open({ app, ...options })
  options.log.info({ url: server.url }, `listening on ${server.url}`)
  return server
}

/** Lets what runs end, for as long as the settings give it. */
async function drained(
  app: App,
  {
    config: { drainMs },
    log,
    signal,
    server,
  }: { config: Config; log: Logger; signal: NodeJS.Signals; server: HttpServer | undefined },
): Promise<void> {
  log.info({ signal, drainMs }, 'letting what runs end')
  const limit = AbortSignal.timeout(drainMs)
  await Promise.all([app.drain(limit), server?.drain(limit)])
  await server?.[Symbol.asyncDispose]()
}

/** The first signal that asks for an end. From then on the next one does what signals do. */
function firstSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const taken = (signal: NodeJS.Signals): void => {
      for (const one of SIGNALS) process.removeListener(one, taken)
      resolve(signal)
    }
    for (const one of SIGNALS) process.on(one, taken)
  })
}
