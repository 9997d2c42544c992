import { App } from '../../app/app.js'
import { readConfig } from '../../config.js'
import { messageOf } from '../../errors.js'
import { createLog } from '../../log.js'
import { serveStdio } from '../../mcp/serve-stdio.js'
import type { Flags } from '../run-command.js'

/** What is left of a stop ends within this, whatever hangs. */
const STOP_MS = 900

/** Serves MCP over stdio until stdin ends, SIGINT or SIGTERM. */
export async function serve(flags: Flags, { worker }: { worker: boolean }): Promise<void> {
  const config = readConfig(flags)
  const log = createLog(config.logLevel)
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => stop.abort(new Error(signal)))
  }
  if (process.stdin.isTTY) {
    process.stderr.write(
      'This is an MCP server that speaks over stdin and stdout: an MCP client starts it. ' +
        'Commands for people: api-catalog-mcp --help\n',
    )
  }
  const app = new App({ config, log, worker })
  const serving = serveStdio(app, log, stop.signal)
  // After the handshake's turn of the event loop: clients wait for it, nobody for the database.
  setImmediate(() => app.keepOpen())
  await serving
  // Whatever does not close in time is left to the system; leases end by themselves.
  setTimeout(() => process.exit(0), STOP_MS).unref()
  try {
    await app[Symbol.asyncDispose]()
  } catch (error) {
    log.warn({ err: error }, `while stopping: ${messageOf(error)}`)
  }
}
