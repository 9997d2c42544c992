import { serveStdio as serve } from '@modelcontextprotocol/server/stdio'
import type { App } from '../app/app.js'
import { localPrincipal } from '../catalog/principal.js'
import type { Logger } from '../log.js'
import { createServer } from './create-server.js'
import { createStdioTransport } from './stdio/stdio-transport.js'

/**
 * Serves MCP over this process's stdin and stdout until the client ends it or `signal` aborts. The
 * handshake is answered at once; the database opens meanwhile.
 */
export async function serveStdio(app: App, log: Logger, signal: AbortSignal): Promise<void> {
  const transport = createStdioTransport(process.stdin, process.stdout)
  const handle = serve(() => createServer({ app, principal: localPrincipal, log }), {
    transport,
    onerror: (error) => log.debug({ err: error }, error.message),
  })
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
  await Promise.race([transport.ended, stopped])
  await handle.close()
}
