import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** So long a process that does not read is given to hear what was last said to it. */
const LAST_WORDS_MS = 200

/** A listening socket. Who comes before anybody is there to receive them waits inside. */
export class Door {
  readonly #server: Server
  readonly #inside = new Set<Socket>()
  #onVisitor: ((socket: Socket) => void) | null = null

  private constructor(server: Server) {
    this.#server = server
    server.on('connection', (socket) => {
      this.#inside.add(socket)
      socket.on('error', () => {})
      socket.once('close', () => this.#inside.delete(socket))
      this.#onVisitor?.(socket)
    })
  }

  static async open(path: string): Promise<Door> {
    const server = createServer()
    const door = new Door(server)
    server.listen(path)
    await once(server, 'listening')
    server.on('error', () => {}) // one visitor failed to come in
    return door
  }

  /** From now on `onVisitor` has everyone who came and comes. */
  receive(onVisitor: (socket: Socket) => void): void {
    this.#onVisitor = onVisitor
    for (const socket of this.#inside) onVisitor(socket)
  }

  /** Nobody comes in any more, and who is inside is sent away. */
  close(): void {
    this.#server.close()
    for (const socket of this.#inside) {
      socket.destroySoon()
      setTimeout(() => socket.destroy(), LAST_WORDS_MS)
    }
  }
}
