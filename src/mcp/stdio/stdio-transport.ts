import type { Readable, Writable } from 'node:stream'
import {
  INVALID_REQUEST,
  PARSE_ERROR,
  parseJSONRPCMessage,
  serializeMessage,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
} from '@modelcontextprotocol/server'
import { parseJsonBody } from '../../app/json-body.js'
import { InputError } from '../../errors.js'
import { LineSplitter } from './line-splitter.js'

/** As large as a spec may be; one that is larger than this as a JSON string goes by its path. */
const MAX_LINE_BYTES = 64 * 1024 * 1024

/** Of ASCII what is up to here shows nothing. */
const SPACE = 0x20

const TOO_LONG =
  `A message of more than ${MAX_LINE_BYTES / 1024 / 1024} MB was skipped. ` +
  'Give upload_spec the `path` of the file instead of its `content`.'

/** How a write fails when the client is gone; on Windows a broken pipe is `EOF`. */
const GONE = new Set(['EPIPE', 'ECONNRESET', 'EOF', 'ERR_STREAM_DESTROYED'])

export interface StdioTransport extends Transport {
  /** Resolves when the client is gone (stdin ended, stdout broken) or the transport was closed. */
  readonly ended: Promise<void>
  /** Hears of each request before it is served, of those too that the SDK answers by itself. */
  onmethod?: (method: string) => void
}

/**
 * MCP over a pair of streams, one JSON-RPC message a line. It stands in for the SDK's transport,
 * which ends without an answer at a line of 10 MiB, and copies all it has read of a line with each
 * chunk. A line that cannot be taken is answered with an error, and the next one is served.
 */
export function createStdioTransport(stdin: Readable, stdout: Writable): StdioTransport {
  return new LineTransport(stdin, stdout)
}

class LineTransport implements StdioTransport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  onmethod?: (method: string) => void
  readonly ended: Promise<void>
  readonly #stdin: Readable
  readonly #stdout: Writable
  readonly #lines = new LineSplitter(MAX_LINE_BYTES)
  #isClosed = false
  #end = (): void => {}

  constructor(stdin: Readable, stdout: Writable) {
    this.#stdin = stdin
    this.#stdout = stdout
    this.ended = new Promise((resolve) => (this.#end = resolve))
  }

  /** The listeners for errors stay for good: a late one must not take the process down. */
  async start(): Promise<void> {
    this.#stdin.on('error', (error) => this.#fail(error))
    this.#stdout.on('error', (error) => this.#fail(error))
    this.#stdin.once('end', () => void this.close())
    this.#stdin.once('close', () => void this.close())
    this.#stdin.on('data', this.#read)
    if (this.#stdin.readableEnded || this.#stdin.destroyed) setImmediate(() => void this.close())
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#isClosed) throw new Error('The connection to the client is closed.')
    await this.#write(serializeMessage(message))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#stdin.off('data', this.#read)
    this.#stdin.pause()
    this.#end()
    this.onclose?.()
  }

  readonly #read = (chunk: Buffer): void => {
    for (const line of this.#lines.push(chunk)) {
      if (this.#isClosed) return
      if (line === null) this.#refuse(INVALID_REQUEST, TOO_LONG)
      else this.#receive(line)
    }
  }

  #receive(line: Buffer): void {
    if (!line.some((byte) => byte > SPACE)) return
    let value: unknown
    let message: JSONRPCMessage
    try {
      value = parseJsonBody(line)
    } catch (error) {
      if (error instanceof InputError) return this.#refuse(INVALID_REQUEST, error.message)
      return this.#refuse(PARSE_ERROR, 'A line was no JSON. Each message is one line of JSON.')
    }
    try {
      message = parseJSONRPCMessage(value)
    } catch {
      return this.#refuse(INVALID_REQUEST, 'A line was no JSON-RPC 2.0 message.', idOf(value))
    }
    if ('method' in message) this.onmethod?.(message.method)
    this.onmessage?.(message)
  }

  #refuse(code: number, message: string, id: RequestId | null = null): void {
    const line = `${JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } })}\n`
    this.#write(line).catch((error: Error) => this.onerror?.(error))
  }

  /**
   * Resolves when the line has been handed to the system, so that whoever awaits it keeps the
   * client's pace. Reading does not wait for it: a client may write all its requests before it
   * reads the first answer, and the two would wait for each other for ever. Nor is it an error that
   * nobody is left to read it.
   */
  #write(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stdout.write(line, (error) => (error && !isGone(error) ? reject(error) : resolve()))
    })
  }

  #fail(error: Error): void {
    if (this.#isClosed) return
    if (!isGone(error)) this.onerror?.(error)
    void this.close()
  }
}

function isGone(error: NodeJS.ErrnoException): boolean {
  return GONE.has(error.code ?? '')
}

/** The id of a request that is otherwise wrong, so that who waits for its answer gets one. */
function idOf(value: unknown): RequestId | null {
  const { id, method } = Object(value) as { id?: unknown; method?: unknown }
  const isId = typeof id === 'string' || Number.isInteger(id)
  return isId && method !== undefined ? (id as RequestId) : null
}
