import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import type { TextResult, TextValue } from '../values.js'
import type { EngineError } from './engine-error.js'

/**
 * What attached processes and the owner of a data directory say to each other: JSON texts, each
 * after its length in four bytes. Values travel in Postgres's text format, so nothing depends on
 * the version of Node on either side.
 *
 * The client begins with `hello`; the owner answers `welcome` once it has opened the database, or
 * `refused` to a program that is too old for it. To a program that is too new it is `going`, as it
 * is when it ends, and closes. Then come requests, each answered by `done` or `failed` with the
 * same `id`. A transaction is named by the `id` of its `begin`.
 */
export const PROTOCOL = 1

/** V8's strings end at about 536 million characters. */
const MAX_FRAME_BYTES = 512 * 1024 * 1024
const HEADER_BYTES = 4

export interface Hello {
  kind: 'hello'
  protocol: number
  version: string
  /** The newest migration that the program knows. */
  schema: number
  /** From the claim, which only the directory's user can read. */
  token: string
}

export type Request =
  | { kind: 'run'; sql: string; values: readonly TextValue[]; transaction?: number }
  | { kind: 'begin' }
  | { kind: 'commit' | 'rollback'; transaction: number }
  | { kind: 'listen'; channel: string }
  | { kind: 'backup'; file: string }
  | { kind: 'ping' }

export type FromClient = Hello | (Request & { id: number })

export type FromOwner =
  | { kind: 'welcome'; hasVectors: boolean }
  /** `version` is the owner's. */
  | { kind: 'refused'; version: string }
  /** `schema` is that of the program it makes room for; null when it just ends. */
  | { kind: 'going'; schema: number | null }
  | { kind: 'done'; id: number; result?: TextResult }
  | { kind: 'failed'; id: number; error: EngineError }
  | { kind: 'notification'; channel: string; payload: string }

/** One end of a connection. Emits `message`, and `close` once. */
export class Link<Incoming, Outgoing> extends EventEmitter<{ message: [Incoming]; close: [] }> {
  /** When the other side was last heard, in milliseconds since the epoch. */
  heardAt = Date.now()
  readonly #socket: Socket
  readonly #frames = new FrameReader()

  constructor(socket: Socket) {
    super()
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
    socket.on('error', () => {}) // 'close' follows
    socket.once('close', () => this.emit('close'))
  }

  send(message: Outgoing): void {
    if (!this.#socket.writable) return
    for (const part of encodeFrame(message)) this.#socket.write(part)
  }

  /** Sends what is still to be sent, then closes. */
  end(): void {
    this.#socket.end()
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(chunk: Buffer): void {
    this.heardAt = Date.now()
    try {
      for (const message of this.#frames.read(chunk)) this.emit('message', message as Incoming)
    } catch {
      this.close() // whoever sends that is no program of ours
    }
  }
}

/** A message as it is sent: header and body. Throws RangeError where it is too long. */
export function encodeFrame(message: unknown): [Buffer, Buffer] {
  const body = Buffer.from(JSON.stringify(message))
  if (body.length > MAX_FRAME_BYTES) throw new RangeError('A statement or result is too long.')
  const header = Buffer.alloc(HEADER_BYTES)
  header.writeUInt32BE(body.length)
  return [header, body]
}

/** Puts messages together from the pieces in which they arrive, in linear time. */
export class FrameReader {
  #chunks: Buffer[] = []
  #size = 0
  #bodyBytes: number | null = null

  /** The messages that `chunk` completes. Throws SyntaxError or RangeError for what is none. */
  read(chunk: Buffer): unknown[] {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    const messages: unknown[] = []
    for (;;) {
      if (this.#bodyBytes === null) {
        if (this.#size < HEADER_BYTES) return messages
        this.#bodyBytes = this.#take(HEADER_BYTES).readUInt32BE()
        if (this.#bodyBytes > MAX_FRAME_BYTES) throw new RangeError('The message is too long.')
      }
      if (this.#size < this.#bodyBytes) return messages
      messages.push(JSON.parse(this.#take(this.#bodyBytes).toString()))
      this.#bodyBytes = null
    }
  }

  #take(bytes: number): Buffer {
    const [first] = this.#chunks
    const all = this.#chunks.length === 1 && first ? first : Buffer.concat(this.#chunks)
    this.#chunks = [all.subarray(bytes)]
    this.#size -= bytes
    return all.subarray(0, bytes)
  }
}
