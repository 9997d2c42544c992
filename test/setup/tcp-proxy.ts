import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** Stands between a program and a server, and does to their connections what networks do. */
export interface TcpProxy extends AsyncDisposable {
  port: number
  /** From now on nothing passes in either direction and nobody is told: half-open connections. */
  holdBack(): void
  /** What was held back arrives now, and the rest as before. */
  letPass(): void
  /** Ends all connections and takes no new ones, as a server that is restarting. */
  refuse(): Promise<void>
  /** Takes connections again. */
  accept(): Promise<void>
}

/**
 * Forwards to `target` on a port of loopback that it keeps. `rewrite` may change what the program
 * says, in place: its length must stay, since protocols count bytes.
 */
export async function startTcpProxy(
  target: { host: string; port: number },
  { rewrite = (said: Buffer) => said }: { rewrite?: (said: Buffer) => Buffer } = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let isHeld = false
  const server = createServer((near) => {
    const far = connect(target)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      if (isHeld) from.pause()
      from.on('data', (bytes) => to.write(from === near ? rewrite(bytes) : bytes))
      if (isHeld) from.pause()
      from.on('error', () => {})
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  const listen = async (port: number): Promise<number> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }
  const port = await listen(0)
  const refuse = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    for (const socket of sockets) socket.destroy()
    await once(server, 'close')
  }
  return {
    port,
    holdBack: () => {
      isHeld = true
      for (const socket of sockets) socket.pause()
    },
    letPass: () => {
      isHeld = false
      for (const socket of sockets) socket.resume()
    },
    refuse,
    accept: async () => void (await listen(port)),
    [Symbol.asyncDispose]: refuse,
  }
}

/** A proxy before the server of a database URL, and the URL that leads through it. */
export async function startDatabaseProxy(
  url: string,
  options: Parameters<typeof startTcpProxy>[1] = {},
): Promise<{ proxy: TcpProxy; url: string }> {
  const through = new URL(url)
  const target = { host: through.hostname, port: Number(through.port || 5432) }
  const proxy = await startTcpProxy(target, options)
  through.hostname = '127.0.0.1'
  through.port = String(proxy.port)
  return { proxy, url: through.href }
}
