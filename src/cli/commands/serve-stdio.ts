import { App } from '../../app/app.js'
import { serveStdio as speakStdio } from '../../mcp/serve-stdio.js'
import type { Flags } from '../run-command.js'
import { close, refresherOf, settingsOf, SIGNALS, type ServeOptions } from './serve.js'

/** Serves MCP over stdio until stdin ends, SIGINT or SIGTERM. */
export async function serveStdio(flags: Flags, options: ServeOptions): Promise<void> {
  const { config, log } = settingsOf(flags)
  const stop = new AbortController()
  for (const signal of SIGNALS) process.once(signal, () => stop.abort(new Error(signal)))
  if (process.stdin.isTTY) {
    process.stderr.write(
      'This is an MCP server that speaks over stdin and stdout: an MCP client starts it. ' +
        'Commands for people: api-catalog-mcp --help\n',
    )
  }
  const app = new App({ config, log, ...options })
  const serving = speakStdio(app, log, stop.signal)
  // After the handshake's turn of the event loop: clients wait for it, nobody for the database.
  setImmediate(() => app.keepOpen())
  const refresher = refresherOf(app, options)
  await serving
  await refresher?.[Symbol.asyncDispose]()
  await close(app, log)
}
