import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CreateMessageRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { fixtureServers } from '../conformance/fixtures.js'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { olderPeer, peers } from '../setup/mcp-peers.js'
import { storageSettings, toolResult, type Settings } from '../setup/server.js'
import { manyOperations, openApi } from '../setup/specs.js'

const KEYS = 'ann:key-ann:write,bob:key-bob:write,eve:key-eve:read'

let settings: Settings
let server: OpenServer
let replica: OpenServer

beforeAll(async () => {
  settings = await storageSettings()
  server = await openHttpServer({ ...settings, API_CATALOG_KEYS: KEYS }, { worker: true })
  replica = await openHttpServer({ ...settings, API_CATALOG_KEYS: KEYS })
})

describe.each(peers)('%s over HTTP', (who, connect) => {
  const catalog = who.replaceAll(' ', '-')
  const place = (key = 'key-ann') => ({ url: `${server.url}/mcp`, key })

  test('uploads a document of 13 MB as content, and finds what is in it', async () => {
    const peer = await connect(place())
    const description = 'x'.repeat(13 * 1024 * 1024)
    const content = openApi('Big', { 'GET /bigs': { id: 'listBigs' } }, { 'x-what': description })
    const uploaded = await peer.call('upload_spec', { content, catalog })
    expect(uploaded.facts).toMatchObject({ outcome: 'created', operation_count: 1 })
    const { facts } = await peer.call('search_operations', { query: 'listBigs', catalog })
    expect(facts.results[0]).toMatchObject({ id: `${catalog}/big:listBigs`, match: 'exact' })
    await peer.close()
  })

  test('gets its own answers, however many ask at once', async () => {
    const title = `crossed-${catalog}`
    const both = await Promise.all([connect(place('key-ann')), connect(place('key-bob'))])
    await both[0].call('upload_spec', { content: manyOperations(title, 40), catalog })
    const asked = Array.from({ length: 40 }, (_, n) => `${title}Item${n + 1}`)
    const answers = await Promise.all(
      asked.flatMap((query) =>
        both.map(async (peer) => {
          const { facts } = await peer.call('search_operations', { query, catalog, limit: 1 })
          return { query, id: facts.results[0].id }
        }),
      ),
    )
    expect(answers).toHaveLength(80)
    for (const { query, id } of answers) expect(id).toBe(`${catalog}/${title}:${query}`)
    await Promise.all(both.map((peer) => peer.close()))
  })

  test('with a key that may only read sees and calls what reads', async () => {
    const peer = await connect(place('key-eve'))
    expect(await peer.toolNames()).toEqual([
      'search_operations',
      'get_operation',
      'list_specs',
      'compare_revisions',
      'embedding_status',
    ])
    expect((await peer.call('list_specs')).isError).toBe(false)
    await expect(peer.call('delete_spec', { spec: 'pets' })).rejects.toThrow(/scope.*write/i)
    await peer.close()
  })
})

test('a client of an older revision works through two replicas in turn', async () => {
  const urls = [`${server.url}/mcp`, `${replica.url}/mcp`]
  let requests = 0
  const inTurn = new OlderHttp(new URL(urls[0]!), {
    requestInit: { headers: { authorization: 'Bearer key-ann' } },
    fetch: (_url, init) => fetch(urls[requests++ % urls.length]!, init),
  })
  const errors: Error[] = []
  const client = new OlderClient({ name: 'test', version: '1' })
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's client has none
  client.onerror = (error) => errors.push(error)
  await client.connect(inTurn)
  const call = async (tool: string, args: object) =>
    toolResult(await client.callTool({ name: tool, arguments: { ...args } }))
  for (let n = 1; n <= 6; n++) {
    const spec = `turn-${n}`
    await call('upload_spec', { content: manyOperations(spec, 1), catalog: 'turns' })
    const { facts } = await call('search_operations', { query: `${spec}Item1`, catalog: 'turns' })
    expect(facts.results[0].id).toBe(`turns/${spec}:${spec}Item1`)
    expect((await client.listTools()).tools).toHaveLength(8)
  }
  expect(requests).toBeGreaterThan(18)
  expect(errors).toEqual([])
  await inTurn.terminateSession()
  await client.close()
})

test('who listens at one replica hears of what is uploaded at another', async () => {
  const listener = await olderPeer({ url: `${replica.url}/mcp`, key: 'key-bob' })
  const writer = await olderPeer({ url: `${server.url}/mcp`, key: 'key-ann' })
  const uri = 'catalog://default/elsewhere'
  await listener.hearOf(uri)
  await writer.call('upload_spec', { content: manyOperations('elsewhere', 2) })
  await vi.waitUntil(() => listener.updated.includes(uri), { timeout: 20_000 })
  await Promise.all([listener.close(), writer.close()])
})

describe('a call beyond the scope of its key', () => {
  const call = (name: string, id = 7) => ({
    jsonrpc: '2.0',
    id,
    method: 'tools/call',
    params: { name, arguments: { spec: 'pets' } },
  })
  const ask = (body: object, headers = {}) =>
    server.ask('/mcp', {
      method: 'POST',
      headers: {
        authorization: 'Bearer key-eve',
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
      body: JSON.stringify(body),
    })

  test.each([
    ['alone', call('delete_spec')],
    ['in a batch', [call('list_specs', 6), call('delete_spec')]],
  ])('%s is refused with the scope that it needs', async (_how, body) => {
    const answer = await ask(body)
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^Bearer .*error="insufficient_scope", scope="write"/,
    )
    expect(await answer.json()).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: {
        code: -32_003,
        message: 'delete_spec needs a key with the scope "write"; this one may only read.',
      },
    })
  })

  test('is no call of a tool that there is not', async () => {
    const answer = await ask(call('no_such_tool'))
    expect(answer.status).toBe(200)
    expect(await answer.text()).toContain('Tool no_such_tool not found')
  })
})

test('a body that comes in chunks, without its length, is taken', async () => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' })
  const answer = await server.ask('/mcp', {
    method: 'POST',
    headers: {
      authorization: 'Bearer key-ann',
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: new Blob([body]).stream(),
    duplex: 'half',
  })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('search_operations')
})

test('a session takes a question to the client and its answer back to the call', async () => {
  const fixtures = await openHttpServer(settings, { servers: fixtureServers() })
  const client = new OlderClient({ name: 'test', version: '1' }, { capabilities: { sampling: {} } })
  client.setRequestHandler(CreateMessageRequestSchema, ({ params: { messages } }) => ({
    role: 'assistant',
    model: 'test',
    content: { type: 'text', text: `heard ${JSON.stringify(messages[0]?.content)}` },
  }))
  await client.connect(new OlderHttp(new URL(`${fixtures.url}/mcp`)))
  const { content } = await client.callTool({ name: 'test_sampling', arguments: { prompt: 'hi' } })
  expect(JSON.stringify(content)).toContain('LLM response: heard')
  await client.close()
})
