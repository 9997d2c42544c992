import { App } from '../../app/app.js'
import { Refresher } from '../../app/refresher.js'
import { chosenEmbedder, readConfig } from '../../config.js'
import { messageOf, UsageError } from '../../errors.js'
import { createLog, type Logger } from '../../log.js'
import { serveStdio } from '../../mcp/serve-stdio.js'
import type { Flags } from '../run-command.js'

/** What is left of a stop ends within this, whatever hangs. */
const STOP_MS = 900

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface ServeOptions {
  worker: boolean
  allowPrivateUrls?: boolean
  /** How often specs from URLs are asked for, in milliseconds; absent: never by itself. */
  refreshEvery?: number
}

/** Serves MCP over stdio until stdin ends, SIGINT or SIGTERM. */
export async function serve(
  flags: Flags,
  { worker, allowPrivateUrls, refreshEvery }: ServeOptions,
): Promise<void> {
  const config = readConfig(flags)
  const log = createLog(config.logLevel)
  const stop = new AbortController()
  for (const signal of SIGNALS) process.once(signal, () => stop.abort(new Error(signal)))
  if (process.stdin.isTTY) {
    process.stderr.write(
      'This is an MCP server that speaks over stdin and stdout: an MCP client starts it. ' +
        'Commands for people: api-catalog-mcp --help\n',
    )
  }
  const app = new App({ config, log, worker, allowPrivateUrls })
  const serving = serveStdio(app, log, stop.signal)
  // After the handshake's turn of the event loop: clients wait for it, nobody for the database.
  setImmediate(() => app.keepOpen())
  const refresher =
    refreshEvery === undefined ? null : new Refresher(() => app.services(), refreshEvery)
  await serving
  await refresher?.[Symbol.asyncDispose]()
  await close(app, log)
}

/**
 * Only embeds what others upload, until SIGINT or SIGTERM; stdin and stdout are left alone. Then it
 * claims nothing more and lets running jobs end for `drainMs`, before it gives the rest back. A
 * second signal ends the process at once; its leases end by themselves. Throws UsageError where
 * there is no embedder to work with.
 */
export async function serveWorkerOnly(flags: Flags): Promise<void> {
  const config = readConfig(flags)
  if (chosenEmbedder(config) === 'none') {
    throw new UsageError('--worker-only needs an embedder: API_CATALOG_EMBEDDER is "none".')
  }
  const log = createLog(config.logLevel)
  const signalled = firstSignal()
  const app = new App({ config, log, worker: true }).keepOpen()
  log.info({ signal: await signalled, drainMs: config.drainMs }, 'letting running jobs end')
  await app.drain(AbortSignal.timeout(config.drainMs))
  await close(app, log)
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

async function close(app: App, log: Logger): Promise<void> {
  // Whatever does not close in time is left to the system; leases end by themselves.
  setTimeout(() => process.exit(0), STOP_MS).unref()
  try {
    await app[Symbol.asyncDispose]()
  } catch (error) {
    log.warn({ err: error }, `while stopping: ${messageOf(error)}`)
  }
}
