import type { McpServer } from '@modelcontextprotocol/server'
import { serveStdio as serve } from '@modelcontextprotocol/server/stdio'
import type { App } from '../app/app.js'
import { localPrincipal } from '../catalog/principal.js'
import type { Logger } from '../log.js'
import { catalogServers } from './catalog-servers.js'
import { createStdioTransport } from './stdio/stdio-transport.js'
import { tell } from './subscriptions.js'

/**
 * Serves MCP over this process's stdin and stdout until the client ends it or `signal` aborts. The
 * handshake is answered at once; the database opens meanwhile.
 */
export async function serveStdio(app: App, log: Logger, signal: AbortSignal): Promise<void> {
  const servers = catalogServers(app, log)
  const changes = servers.changesFor(localPrincipal)
  let server: McpServer | undefined
  let endListening: (() => void) | undefined
  const transport = createStdioTransport(process.stdin, process.stdout)
  transport.onmethod = (method) => {
    if (method !== 'subscriptions/listen') return
    // The SDK knows who listens to what, and is given all.
    endListening ??= changes.subscribe((event) => server && tell(server, event, log))
  }
  const handle = serve(
    ({ era }) => {
      server = servers.serverFor(localPrincipal, era === 'modern' ? 'listen' : 'subscribe')
      return server
    },
    { transport, onerror: (error) => log.debug({ err: error }, error.message) },
  )
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([transport.ended, stopped])
  endListening?.()
  await handle.close()
}
