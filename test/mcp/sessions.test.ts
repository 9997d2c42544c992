import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { pino } from 'pino'
import { App } from '../../src/app/app.js'
import type { Principal } from '../../src/catalog/principal.js'
import { readConfig } from '../../src/config.js'
import { catalogServers } from '../../src/mcp/catalog-servers.js'
import { McpEndpoint } from '../../src/mcp/mcp-endpoint.js'
import { storageSettings } from '../setup/server.js'

const REVISION = '2025-11-25'
const HALF_AN_HOUR_MS = 30 * 60_000
const ann: Principal = { tenant: 'default', name: 'ann', scope: 'write', sources: [] }
const bob: Principal = { ...ann, name: 'bob' }

let app: App
let stopping: AbortController
let endpoint: McpEndpoint

beforeAll(async () => {
  const log = pino({ level: 'silent' })
  const config = readConfig({}, await storageSettings())
  app = new App({ config, log, worker: false })
  return () => app[Symbol.asyncDispose]()
})

beforeEach(() => {
  stopping = new AbortController()
  endpoint = openEndpoint()
})
afterEach(() => endpoint[Symbol.asyncDispose]())

function openEndpoint(): McpEndpoint {
  const log = pino({ level: 'silent' })
  return new McpEndpoint(catalogServers(app, log), { log, stopping: stopping.signal })
}

interface Asked {
  session?: string | undefined
  caller?: Principal
  at?: McpEndpoint
  signal?: AbortSignal
}

function ask(method: string, body: object | null, asked: Asked = {}): Promise<Response> {
  const { session, caller = ann, at = endpoint, signal } = asked
  const request = new Request('http://localhost/mcp', {
    method,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': REVISION,
      ...(session === undefined ? {} : { 'mcp-session-id': session }),
    },
    body: body && JSON.stringify(body),
    ...(signal ? { signal } : {}),
  })
  return at.answer(request, caller)
}

const rpc = (method: string, params: object = {}, id = 1) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
})

const initialize = rpc('initialize', {
  protocolVersion: REVISION,
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
})

/** Opens a session, and gives its id. */
async function begin(asked: Asked = {}): Promise<string | undefined> {
  const response = await ask('POST', initialize, asked)
  expect(response.status).toBe(200)
  expect(await response.text()).toContain('"protocolVersion"')
  return response.headers.get('mcp-session-id') ?? undefined
}

/** The status of a call, and the names of the tools that it was answered with. */
async function listTools(asked: Asked = {}): Promise<{ status: number; count: number }> {
  const response = await ask('POST', rpc('tools/list'), asked)
  const text = await response.text()
  return { status: response.status, count: text.split('"inputSchema"').length - 1 }
}

const SERVED = { status: 200, count: 8 }

test('a session is answered in, ended by its client, and gone then', async () => {
  const session = await begin()
  expect(session).toMatch(/^[0-9a-f-]{36}$/)
  expect(await listTools({ session })).toEqual(SERVED)
  expect((await ask('DELETE', null, { session })).status).toBe(200)
  const after = await ask('POST', rpc('tools/list'), { session })
  expect(after.status).toBe(404)
  expect(await after.json()).toMatchObject({
    error: { code: -32_001, message: 'This session has ended. Initialize a new one.' },
  })
  expect((await ask('GET', null, { session })).status).toBe(404)
  expect((await ask('DELETE', null, { session })).status).toBe(404)
})

test('every client gets a session of its own', async () => {
  expect(await begin()).not.toBe(await begin())
})

describe('a session that this process does not know', () => {
  const session = '00000000-0000-4000-8000-000000000000'

  test('is served, call by call', async () => {
    expect(await listTools({ session })).toEqual(SERVED)
  })

  test('has nothing to listen to and nothing to end', async () => {
    expect((await ask('GET', null, { session })).status).toBe(405)
    expect((await ask('DELETE', null, { session })).status).toBe(405)
  })

  test('cannot subscribe, and is told so', async () => {
    const uri = 'catalog://default'
    const response = await ask('POST', rpc('resources/subscribe', { uri }), { session })
    expect(await response.text()).toContain('-32601')
  })

  test('is what it is on another replica, where its calls go on', async () => {
    const other = openEndpoint()
    const known = await begin()
    const replicas = [endpoint, other, endpoint, other]
    for (const at of replicas) expect(await listTools({ session: known, at })).toEqual(SERVED)
    await other[Symbol.asyncDispose]()
  })
})

describe("somebody else's session", () => {
  test('is as unknown, and stays what it is to its owner', async () => {
    const session = await begin()
    const stranger = { session, caller: bob }
    expect((await ask('GET', null, stranger)).status).toBe(405)
    expect((await ask('DELETE', null, stranger)).status).toBe(405)
    const readOnly: Principal = { ...bob, scope: 'read' }
    expect(await listTools({ session, caller: readOnly })).toEqual({ status: 200, count: 5 })
    expect(await listTools({ session })).toEqual(SERVED)
    expect((await ask('DELETE', null, { session })).status).toBe(200)
    expect(await listTools(stranger)).toEqual(SERVED)
  })

  test('of the same name in another tenant is as unknown', async () => {
    const session = await begin()
    const namesake = { session, caller: { ...ann, tenant: 'other' } }
    expect((await ask('DELETE', null, namesake)).status).toBe(405)
  })
})

describe('a session that is idle', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    return () => vi.useRealTimers()
  })

  test('gives up what it holds; its calls are served all the same', async () => {
    const session = await begin()
    const uri = 'catalog://default'
    vi.advanceTimersByTime(HALF_AN_HOUR_MS - 1)
    expect((await ask('POST', rpc('resources/list'), { session })).status).toBe(200)
    vi.advanceTimersByTime(HALF_AN_HOUR_MS - 1)
    const gone = new AbortController()
    const stream = await ask('GET', null, { session, signal: gone.signal })
    expect(stream.status).toBe(200)
    vi.advanceTimersByTime(3 * HALF_AN_HOUR_MS)
    expect((await ask('GET', null, { session })).status, 'one stream at a time').toBe(409)
    gone.abort()
    await stream.body?.cancel()
    vi.advanceTimersByTime(HALF_AN_HOUR_MS)
    expect((await ask('GET', null, { session })).status).toBe(405)
    expect(await listTools({ session })).toEqual(SERVED)
    const subscribing = await ask('POST', rpc('resources/subscribe', { uri }), { session })
    expect(await subscribing.text()).toContain('-32601')
  })
})

test('clients beyond the most sessions are served without one', async () => {
  for (let n = 0; n < 1_000; n++) expect(await begin()).toBeDefined()
  const session = await begin()
  expect(session).toBeUndefined()
  expect(await listTools()).toEqual(SERVED)
})

test('streams end when the server begins to stop, and calls are still answered', async () => {
  const session = await begin()
  const stream = await ask('GET', null, { session })
  stopping.abort()
  expect(await stream.text()).toBe('')
  expect(await (await ask('GET', null, { session })).text()).toBe('')
  expect(await listTools({ session })).toEqual(SERVED)
})

test('no session is opened for a body that is none or a bundle of several', async () => {
  const bundle = await ask('POST', [initialize, rpc('tools/list', {}, 2)])
  expect(bundle.status).toBe(400)
  const wrong = await ask('POST', rpc('initialize', { protocolVersion: 5 }))
  expect(wrong.headers.get('mcp-session-id')).toBeNull()
})
