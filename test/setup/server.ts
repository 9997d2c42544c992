import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { Client as ModernClient } from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OlderTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { pino } from 'pino'
import { afterAll, expect } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { openDatabase } from '../../src/db/open-database.js'
import { LineSplitter } from '../../src/mcp/stdio/line-splitter.js'
import { createDataDir, createPostgres, storageKinds } from './databases.js'
import { PROGRAM } from './program.js'

const CLIENT = { name: 'test', version: '1' }
/** Servers that end by themselves take less. */
const END_LIMIT_MS = 5_000

/** Environment variables of the program, by which tests configure it. */
export type Settings = Record<string, string>

/**
 * Settings that lead to a migrated database of this test file's own. Of no kind in particular, where
 * a test is about something else: on Postgres where there is one, which a process opens sooner.
 */
export async function storageSettings(kind = storageKinds.at(-1)): Promise<Settings> {
  return kind === 'postgres'
    ? { DATABASE_URL: await createPostgres() }
    : { API_CATALOG_DATA_DIR: await createDataDir() }
}

/** The database of these settings, to look into it. On the embedded one: as one more process. */
export async function openStorage(settings: Settings): Promise<Database> {
  return await openDatabase({
    url: settings['DATABASE_URL'],
    dataDir: settings['API_CATALOG_DATA_DIR'] ?? '',
    poolSize: 2,
    log: pino({ level: 'silent' }),
    programVersion: '0.0.0-test',
  })
}

/**
 * So many processes of a test file write down what they ran, where coverage is asked for. That takes
 * a fifth of a process's time, and later ones run what these did.
 */
const COVERED_PROCESSES = 6
let processes = 0

/** The environment of the tests without any setting of the program, and with these. */
export function environment(settings: Settings): Settings {
  const isSetting = /^(?:DATABASE_URL|OLLAMA_HOST|API_CATALOG_.*|PG[A-Z]+|XDG_DATA_HOME)$/
  const inherited = Object.entries(process.env).filter(([name]) => !isSetting.test(name))
  const coverage = process.env['COVERAGE_OF_PROCESSES']
  const isCovered = coverage !== undefined && ++processes <= COVERED_PROCESSES
  return Object.fromEntries([
    ...inherited,
    ...(isCovered ? [['NODE_V8_COVERAGE', coverage]] : []),
    ...Object.entries(settings),
  ]) as Settings
}

export interface ToolResult {
  isError: boolean
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect to be there
  facts: any
}

export interface ListedTool {
  name: string
  title?: string | undefined
  description?: string | undefined
  annotations?: object | undefined
  inputSchema: object
  outputSchema?: object | undefined
}

/** What all clients can do with a server. */
export interface Connection {
  call(tool: string, args?: object): Promise<ToolResult>
  listTools(): Promise<ListedTool[]>
  /** Ends the server as this client does, and waits until it has ended. */
  close(): Promise<void>
}

/** A client: starts a server of its own, and connects. */
export type Connect = (settings: Settings) => Promise<Connection>

/** By the name of the client. */
export const clients: [name: string, connect: Connect][] = [
  ['the older client', connectOlder],
  ['the modern client', connectModern],
]

/** What ends a server that a test has left behind. */
const ends = new Set<() => Promise<void>>()

afterAll(async () => {
  await Promise.all([...ends].map((end) => end()))
})

async function connectOlder(settings: Settings): Promise<Connection> {
  const client = new OlderClient(CLIENT)
  await client.connect(new OlderTransport({ ...command(settings), stderr: 'ignore' }))
  expect(client.getServerVersion()).toMatchObject({ name: 'api-catalog-mcp' })
  return connection({
    call: async (tool, args) => await client.callTool({ name: tool, arguments: { ...args } }),
    listTools: async () => (await client.listTools()).tools,
    close: async () => client.close(),
  })
}

async function connectModern(settings: Settings): Promise<Connection> {
  const client = new ModernClient(CLIENT, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
  await client.connect(new ModernTransport({ ...command(settings), stderr: 'ignore' }))
  expect(client.getProtocolEra()).toBe('modern')
  return connection({
    call: async (tool, args) => await client.callTool({ name: tool, arguments: { ...args } }),
    listTools: async () => (await client.listTools()).tools,
    close: async () => client.close(),
  })
}

/** How to start the program on stdio. */
export function command(settings: Settings) {
  return { command: process.execPath, args: [PROGRAM], env: environment(settings) }
}

function connection(client: {
  call: (tool: string, args?: object) => Promise<object>
  listTools: () => Promise<ListedTool[]>
  close: () => Promise<void>
}): Connection {
  const close = async () => {
    ends.delete(close)
    await client.close()
  }
  ends.add(close)
  return {
    call: async (tool: string, args?: object) => toolResult(await client.call(tool, args)),
    listTools: client.listTools,
    close,
  }
}

interface Message {
  jsonrpc: '2.0'
  id?: number | string | null
  method?: string
  result?: Record<string, unknown>
  error?: { code: number; message: string }
}

/**
 * A server and its pipes, spoken to in plain JSON-RPC. Whatever it writes to stdout that is no
 * JSON-RPC fails the next wait for it, and its end.
 */
export class RawServer implements Connection {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #exited: Promise<[code: number | null, signal: string | null]>
  readonly #waiting = new Map<number, (message: Message | Error) => void>()
  readonly #noise: string[] = []
  #lastId = 0
  /** What it logged until now. */
  log = ''

  constructor(settings: Settings, args: readonly string[] = []) {
    this.#child = spawn(process.execPath, [PROGRAM, ...args], { env: environment(settings) })
    this.#exited = once(this.#child, 'close') as Promise<[number | null, string | null]>
    this.#child.stderr.setEncoding('utf8').on('data', (chunk) => (this.log += chunk))
    this.#child.stdin.on('error', () => {}) // a server that has ended takes no more requests
    const lines = new LineSplitter(64 * 1024 * 1024)
    this.#child.stdout.on('data', (chunk: Buffer) => {
      for (const line of lines.push(chunk)) this.#receive(String(line))
    })
    const end = () => this.#end()
    ends.add(end)
    void this.#exited.then(() => {
      ends.delete(end)
      for (const settle of this.#waiting.values()) settle(new Error('The server has ended.'))
    })
  }

  /** Starts a server and shakes hands as a client of 2025 does. */
  static async start(settings: Settings, args: readonly string[] = []): Promise<RawServer> {
    const server = new RawServer(settings, args)
    await server.initialize()
    return server
  }

  async initialize(): Promise<Record<string, unknown>> {
    const { result } = await this.request('initialize', {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: CLIENT,
    })
    this.notify('notifications/initialized')
    return result ?? {}
  }

  async request(method: string, params: object = {}): Promise<Message> {
    const id = ++this.#lastId
    const answered = new Promise<Message | Error>((settle) => this.#waiting.set(id, settle))
    this.#write({ jsonrpc: '2.0', id, method, params })
    const answer = await answered
    this.#waiting.delete(id)
    if (answer instanceof Error) throw answer
    expect(this.#noise).toEqual([])
    return answer
  }

  notify(method: string, params: object = {}): void {
    this.#write({ jsonrpc: '2.0', method, params })
  }

  async call(tool: string, args: object = {}): Promise<ToolResult> {
    const { result, error } = await this.request('tools/call', { name: tool, arguments: args })
    if (error) throw new Error(`${error.code}: ${error.message}`)
    return toolResult(result ?? {})
  }

  async listTools(): Promise<ListedTool[]> {
    return (await this.request('tools/list')).result?.['tools'] as ListedTool[]
  }

  endInput(): void {
    this.#child.stdin.end()
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** How it ended, when it has. */
  async exited(): Promise<{ code: number | null; signal: string | null }> {
    const [code, signal] = await this.#exited
    expect(this.#noise).toEqual([])
    return { code, signal }
  }

  /** Ends it as a client does that goes away. */
  async close(): Promise<void> {
    this.endInput()
    await this.exited()
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL')
    await this.#exited
  }

  /** Ends it surely: one that is frozen, or has only work to do, does not hear that nobody asks. */
  async #end(): Promise<void> {
    this.endInput()
    const limit = setTimeout(() => this.signal('SIGKILL'), END_LIMIT_MS)
    await this.#exited
    clearTimeout(limit)
  }

  #write(message: object): void {
    this.#child.stdin.write(`${JSON.stringify(message)}\n`)
  }

  #receive(line: string): void {
    const message = asMessage(line)
    if (message === null) this.#noise.push(line.slice(0, 500))
    else if (typeof message.id === 'number') this.#waiting.get(message.id)?.(message)
  }
}

/** Null for what is no JSON-RPC message. */
function asMessage(line: string): Message | null {
  try {
    const message = JSON.parse(line) as Message
    return message.jsonrpc === '2.0' ? message : null
  } catch {
    return null
  }
}

/** What a client gets of a tool, checked to be of the form that all tools answer in. */
export function toolResult(result: object): ToolResult {
  const { content, structuredContent, isError } = result as {
    content: { type: string; text: string }[]
    structuredContent?: object
    isError?: boolean
  }
  expect(content).toEqual([{ type: 'text', text: expect.any(String) }])
  return { isError: isError ?? false, text: content[0]?.text ?? '', facts: structuredContent }
}

/** Runs a command of the program to its end. */
export async function runCommand(
  args: readonly string[],
  settings: Settings = {},
  stdin: string | Uint8Array = '',
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: environment(settings) })
  child.stdin.on('error', () => {}) // a command that reads no input may end before it is written
  child.stdin.end(stdin)
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ])
  return { code, stdout, stderr }
}
