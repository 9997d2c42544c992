import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { PassThrough, Writable, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { McpServer } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { LineSplitter } from '../../src/mcp/stdio/line-splitter.js'
import { createStdioTransport, type StdioTransport } from '../../src/mcp/stdio/stdio-transport.js'

const MB = 1024 * 1024

afterEach(() => {
  vi.restoreAllMocks()
})

describe('lines', () => {
  test('are those of a plain split, however the bytes arrive', () => {
    const bytes = fc.constantFrom(0x0a, 0x0d, 0x41, 0xe2, 0x82, 0xac)
    const chunk = fc.array(bytes, { maxLength: 12 }).map((numbers) => Buffer.from(numbers))
    const limit = fc.integer({ min: 1, max: 20 })
    fc.assert(
      fc.property(fc.array(chunk, { maxLength: 12 }), limit, (chunks, maxBytes) => {
        const all = Buffer.concat(chunks)
        const expected = naiveLines(all).map((line) => (line.length > maxBytes ? null : line))
        const splitter = new LineSplitter(maxBytes)
        const lines = chunks.flatMap((chunk) => [...splitter.push(chunk)])
        // An unfinished last line is told only if it is too long already.
        const rest = all.length - 1 - all.lastIndexOf(0x0a)
        if (rest > maxBytes) expected.push(null)
        expect(lines).toEqual(expected)
      }),
    )
  })

  test('are copied once, however small the pieces', () => {
    const copied = vi.spyOn(Buffer, 'concat')
    const splitter = new LineSplitter(MB)
    const piece = Buffer.alloc(16, 'x')
    const early = Array.from({ length: MB / piece.length }, () => [...splitter.push(piece)]).flat()
    const [line] = splitter.push(Buffer.from('\n'))
    expect(early).toEqual([])
    expect(line).toHaveLength(MB)
    expect(copied).toHaveBeenCalledTimes(1)
  })

  test('that are too long are not kept', () => {
    const copied = vi.spyOn(Buffer, 'concat')
    const splitter = new LineSplitter(MB)
    const chunk = Buffer.alloc(MB, 'x')
    const lines = Array.from({ length: 100 }, () => [...splitter.push(chunk)]).flat()
    expect(lines).toEqual([null])
    expect([...splitter.push(Buffer.from('x\nshort\n'))]).toEqual([Buffer.from('short')])
    expect(copied).not.toHaveBeenCalled()
  })
})

describe('a client', () => {
  test('is served by the older revision', async () => {
    const client = connect()
    client.write(request(1, 'initialize', INITIALIZE))
    expect(await client.next()).toMatchObject({ id: 1, result: { protocolVersion: '2025-11-25' } })
    client.write({ jsonrpc: '2.0', method: 'notifications/initialized' })
    expect(await client.lengthOf('Grüße, 世界')).toBe(9)
  })

  test('is served by the present revision', async () => {
    const client = connect()
    client.write(request(1, 'server/discover', { _meta: MODERN }))
    const { result } = await client.next()
    expect(result).toMatchObject({ supportedVersions: ['2026-07-28'] })
    client.write(request(2, 'tools/list', { _meta: MODERN }))
    expect(await client.next()).toMatchObject({ id: 2, result: { tools: [{ name: 'length' }] } })
  })

  test('may send its bytes one by one, with a character across several', async () => {
    const client = await initialized()
    const content = 'ä€😀'.repeat(500)
    for (const byte of Buffer.from(`${client.call(content)}\n`)) {
      client.stdin.write(Buffer.from([byte]))
    }
    expect(await client.nextLength()).toBe(content.length)
  })

  test('may send many messages in one piece, blank lines and \\r\\n between them', async () => {
    const client = await initialized()
    const calls = ['a', 'bb', 'ccc'].map((content) => client.call(content))
    client.stdin.write(`\n\r\n${calls.join('\r\n  \n')}\r\n`)
    const answers = [
      await client.nextLength(),
      await client.nextLength(),
      await client.nextLength(),
    ]
    expect(new Set(answers)).toEqual(new Set([1, 2, 3]))
  })

  test('that sends no JSON is told so, and served on', async () => {
    const client = await initialized()
    client.stdin.write('{"jsonrpc":"2.0",\n')
    expect(await client.next()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32700 } })
    expect(await client.lengthOf('x')).toBe(1)
  })

  test('that sends a line of very many parts is told so before it is parsed, and served on', async () => {
    const client = await initialized()
    const parsed = vi.spyOn(JSON, 'parse')
    client.write(
      `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":[${'{},'.repeat(60_000)}{}]}}`,
    )
    expect(await client.next()).toMatchObject({
      id: null,
      error: { code: -32600, message: expect.stringContaining('Send a document as one text') },
    })
    expect(parsed.mock.calls.filter(([line]) => line.length > 1_000)).toEqual([])
    expect(await client.lengthOf('[{},'.repeat(60_000))).toBe(240_000)
  })

  test.each(['[]', '"hello"', 'null', '{"id":7}', '{"jsonrpc":"1.0","method":"ping","id":null}'])(
    'that sends %s, no JSON-RPC, is told so, and served on',
    async (line) => {
      const client = await initialized()
      client.stdin.write(`${line}\n`)
      expect(await client.next()).toMatchObject({ id: null, error: { code: -32600 } })
      expect(await client.lengthOf('x')).toBe(1)
    },
  )

  test('whose request is wrong in form gets the error under its id', async () => {
    const client = await initialized()
    client.stdin.write('{"jsonrpc":"2.0","id":"a","method":"tools/list","params":[]}\n')
    expect(await client.next()).toMatchObject({ id: 'a', error: { code: -32600 } })
  })

  test('that sends its last bytes and goes is closed, once', async () => {
    const client = await initialized()
    client.stdin.end('{"jsonrpc"')
    await client.transport.ended
    await client.transport.close()
    await expect(client.transport.send({ jsonrpc: '2.0', method: 'x' })).rejects.toThrow(/closed/)
  })

  test('that was gone before the start is noticed', async () => {
    const stdin = new PassThrough()
    stdin.destroy()
    const transport = createStdioTransport(stdin, new PassThrough())
    await transport.start()
    await transport.ended
  })

  test('that reads slowly holds up whoever awaits the sending, and no request', async () => {
    const taken: (() => void)[] = []
    const stdout = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) })
    const stdin = new PassThrough()
    const transport = createStdioTransport(stdin, stdout)
    const received: unknown[] = []
    Object.assign(transport, { onmessage: (message: unknown) => received.push(message) })
    await transport.start()
    let isSent = false
    const sending = transport.send({ jsonrpc: '2.0', method: 'x' }).then(() => (isSent = true))
    stdin.write('{"jsonrpc":"2.0","method":"notifications/a"}\n')
    await vi.waitUntil(() => received.length === 1)
    expect(isSent).toBe(false)
    taken.shift()?.()
    await sending
  })

  test('that closed its end of stdout ends the connection without an error', async () => {
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(failure('EPIPE')) })
    const onerror = vi.fn()
    const transport = createStdioTransport(new PassThrough(), stdout)
    Object.assign(transport, { onerror })
    await transport.start()
    await transport.send({ jsonrpc: '2.0', method: 'x' })
    await transport.ended
    expect(onerror).not.toHaveBeenCalled()
  })

  test('whose stdout fails otherwise is an error that is told', async () => {
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(failure('ENOSPC')) })
    const onerror = vi.fn()
    const transport = createStdioTransport(new PassThrough(), stdout)
    Object.assign(transport, { onerror })
    await transport.start()
    await expect(transport.send({ jsonrpc: '2.0', method: 'x' })).rejects.toThrow('ENOSPC')
    await transport.ended
    expect(onerror).toHaveBeenCalledTimes(1)
  })
})

describe('a process', () => {
  test('takes a line of 64 MB, skips one of 65 MB with an answer, and serves on', async () => {
    const child = startProcess()
    const client = new Client(child.stdin, child.stdout)
    await client.initialize()
    const length = 64 * MB - Buffer.byteLength(client.call(''))
    client.write(client.call('x'.repeat(length)))
    expect(await client.nextLength()).toBe(length)
    client.write(client.call('x'.repeat(65 * MB)))
    expect(await client.next()).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32600, message: expect.stringMatching(/64 MB .*upload_spec the `path`/) },
    })
    expect(await client.lengthOf('still here')).toBe(10)
    child.stdin.end()
    expect(await once(child, 'exit')).toEqual([0, null])
  })

  test('ends quietly when its stdout is closed', async () => {
    const child = startProcess()
    const client = new Client(child.stdin, child.stdout)
    await client.initialize()
    const errors = text(child.stderr)
    child.stdout.destroy()
    await once(child.stdout, 'close')
    client.write(client.call('x'))
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await errors).toBe('')
  })
})

const INITIALIZE = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
}

const MODERN = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' },
  'io.modelcontextprotocol/clientCapabilities': {},
}

interface Answer {
  id: unknown
  result?: { content?: { text: string }[] } & Record<string, unknown>
}

/** Writes what it likes, and takes no line on the other side that is not JSON-RPC. */
class Client {
  readonly stdin: Writable
  readonly #lines: AsyncIterator<string>
  #id = 0

  constructor(stdin: Writable, stdout: Readable) {
    this.stdin = stdin
    this.#lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
  }

  write(message: object | string): void {
    this.stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`)
  }

  async next(): Promise<Answer> {
    const answer = JSON.parse((await this.#lines.next()).value) as Answer
    expect(answer).toMatchObject({ jsonrpc: '2.0' })
    return answer
  }

  async initialize(): Promise<void> {
    this.write(request('first', 'initialize', INITIALIZE))
    await this.next()
    this.write({ jsonrpc: '2.0', method: 'notifications/initialized' })
  }

  call(content: string): string {
    const params = { name: 'length', arguments: { content } }
    return JSON.stringify(request(String(++this.#id).padStart(9), 'tools/call', params))
  }

  async nextLength(): Promise<number> {
    return Number((await this.next()).result?.content?.[0]?.text)
  }

  async lengthOf(content: string): Promise<number> {
    this.write(this.call(content))
    return this.nextLength()
  }
}

function connect(): Client & { transport: StdioTransport } {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const transport = createStdioTransport(stdin, stdout)
  serveStdio(lengthServer, { transport })
  return Object.assign(new Client(stdin, stdout), { transport })
}

async function initialized() {
  const client = connect()
  await client.initialize()
  return client
}

function lengthServer(): McpServer {
  const server = new McpServer({ name: 'length', version: '1' })
  server.registerTool('length', { inputSchema: z.object({ content: z.string() }) }, (input) => ({
    content: [{ type: 'text', text: String(input.content.length) }],
  }))
  return server
}

/** The same server as a program; it ends when nothing is left to do. */
function startProcess() {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const program = `
    import { McpServer } from '@modelcontextprotocol/server'
    import { serveStdio } from '@modelcontextprotocol/server/stdio'
    import * as z from 'zod'
    import { createStdioTransport } from './dist/mcp/stdio/stdio-transport.js'
    const transport = createStdioTransport(process.stdin, process.stdout)
    serveStdio(() => {
      const server = new McpServer({ name: 'length', version: '1' })
      server.registerTool('length', { inputSchema: z.object({ content: z.string() }) }, (input) => ({
        content: [{ type: 'text', text: String(input.content.length) }],
      }))
      return server
    }, { transport })
    await transport.ended`
  return spawn(process.execPath, ['--input-type=module', '-e', program], { cwd: root })
}

function request(id: number | string, method: string, params: object): object {
  return { jsonrpc: '2.0', id, method, params }
}

function failure(code: string): Error {
  return Object.assign(new Error(`write ${code}`), { code })
}

function naiveLines(bytes: Buffer): Buffer[] {
  const lines = bytes.toString('latin1').split('\n').slice(0, -1)
  return lines.map((line) => Buffer.from(line, 'latin1'))
}
