import { request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openHttpServer } from '../setup/http-server.js'
import { RawServer, storageSettings } from '../setup/server.js'

const settings = await storageSettings()
const { url, ask, app } = await openHttpServer({
  ...settings,
  API_CATALOG_MAX_BYTES: String(12 * 1024 * 1024),
})
const port = Number(new URL(url).port)
const asMcp = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
}

const upload = (content: string) =>
  JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'upload_spec', arguments: { content } },
  })

/** A document of about so many bytes. */
function documentOf(bytes: number): string {
  const description = 'x'.repeat(bytes)
  return JSON.stringify({ openapi: '3.1.0', info: { title: 'big', version: '1', description } })
}

test.each([4.1, 11])('a document of %d MB is taken', async (megabytes) => {
  const body = upload(documentOf(megabytes * 1024 * 1024))
  const answer = await ask('/mcp', { method: 'POST', headers: asMcp, body })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('"outcome":"')
})

test('a body over the limit is refused by a JSON-RPC error that names the limit', async () => {
  const body = upload(documentOf(13 * 1024 * 1024))
  const answer = await ask('/mcp', { method: 'POST', headers: asMcp, body })
  expect(answer.status).toBe(413)
  const { error } = (await answer.json()) as { error: { message: string } }
  expect(error.message).toContain('API_CATALOG_MAX_BYTES')
})

test('a body that does not say how long it is ends at the limit too', async () => {
  const asked = request(`${url}/mcp`, { method: 'POST', headers: asMcp })
  asked.on('error', () => {}) // cut off in the middle
  const piece = 'x'.repeat(1024 * 1024)
  for (let megabytes = 0; megabytes < 14; megabytes++) asked.write(piece)
  asked.end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  expect(answer.statusCode).toBe(413)
  asked.destroy()
})

test('what is no JSON, or no JSON-RPC, is refused as such', async () => {
  for (const body of ['', '{', 'null', '[]', '"text"', '{"jsonrpc":"1.0"}']) {
    const answer = await ask('/mcp', { method: 'POST', headers: asMcp, body })
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(await answer.json()).toMatchObject({
      jsonrpc: '2.0',
      error: { code: expect.any(Number) },
    })
  }
})

test.each([
  ['in its arguments', `{"jsonrpc":"2.0","id":1,"params":{"x":[${'{},'.repeat(60_000)}{}]}}`],
  ['as a list', `[${'{},'.repeat(60_000)}{}]`],
  ['in depth', '['.repeat(100_000)],
])('a body of very many parts, %s, is refused before it is parsed', async (_, body) => {
  const answer = await ask('/mcp', { method: 'POST', headers: asMcp, body })
  expect(answer.status).toBe(413)
  expect(await answer.text()).toContain('at most 50000 lists, objects and items')
  const rest = await ask('/api/v1/catalogs/default/specs', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(rest.status).toBe(400)
})

test('a form of very many fields is refused before it is taken apart', async () => {
  const part = '--b\r\ncontent-disposition: form-data; name="a"; filename="f"\r\n\r\nx\r\n'
  const form = {
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
    body: `${part.repeat(10_000)}--b--`,
  }
  const put = await ask('/api/v1/catalogs/default/specs/many', { method: 'PUT', ...form })
  expect(put.status).toBe(400)
  expect(await put.text()).toContain('A form has at most 20 fields here.')
  const post = await ask('/upload', { method: 'POST', ...form })
  expect(post.status).toBe(400)
})

test.each([
  ['a form without a length', '/login', { method: 'PUT' }],
  ['a form in chunks', '/login', { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }],
  ['a method without a body', '/mcp', { method: 'TRACE' }],
])('%s is no fault of the server', async (_, path, options) => {
  const asked = request(`${url}${path}`, options).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  expect(answer.statusCode).toBeLessThan(500)
})

test('what one client may subscribe to is limited, in both eras', async () => {
  const uris = Array.from({ length: 300 }, (_, n) => `catalog://default/spec-${n}`)
  const listen = await ask('/mcp', {
    method: 'POST',
    headers: {
      ...asMcp,
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'subscriptions/listen',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'subscriptions/listen',
      params: { notifications: { resourceSubscriptions: uris } },
    }),
  })
  expect(listen.status).toBe(400)
  expect(await listen.text()).toContain('at most 200 resources')
})

test('a caller who goes away in the midst of a body is no fault of the server', async () => {
  const asked = request(`${url}/api/v1/catalogs/default/specs/cut`, {
    method: 'PUT',
    headers: { 'content-length': '1000' },
  })
  asked.on('error', () => {})
  await new Promise((sent) => asked.write('{', sent))
  asked.destroy()
  const counted = async () => (await ask('/metrics')).text()
  await expect
    .poll(counted)
    .toContain('method="PUT",route="/api/v1/catalogs/:catalog/specs/:spec",status="499"')
})

test('a head of 20 KB is refused', async () => {
  const answer = await ask('/healthz', { headers: { 'x-long': 'x'.repeat(20_000) } })
  expect(answer.status).toBe(431)
})

test('who sends a head slowly is cut off, and others are answered meanwhile', async () => {
  const slow = connect(port, '127.0.0.1')
  slow.on('error', () => {})
  slow.write('GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: ')
  const drip = setInterval(() => slow.write('x'), 500)
  const answered = text(slow)
  expect((await ask('/healthz')).status).toBe(200)
  expect(await answered).toMatch(/^HTTP\/1.1 408 /)
  clearInterval(drip)
}, 30_000)

test('connections beyond the limit are dropped, and the server goes on', async () => {
  const sockets = await Promise.all(
    Array.from({ length: 1_000 }, async (): Promise<Socket> => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      await Promise.race([once(socket, 'connect'), once(socket, 'close')])
      return socket
    }),
  )
  await expect.poll(() => sockets.filter(({ closed }) => closed).length).toBeGreaterThan(50)
  expect(sockets.filter(({ closed }) => !closed).length).toBeGreaterThan(800)
  for (const socket of sockets) socket.destroy()
  await expect.poll(async () => (await ask('/healthz').catch(() => null))?.status).toBe(200)
})

test('a flood over HTTP does not keep those at the same catalog from being answered over stdio', async () => {
  await app.services()
  const stdio = await RawServer.start(settings)
  const flood = Array.from({ length: 200 }, () =>
    ask('/mcp', { method: 'POST', headers: asMcp, body: upload('{') }),
  )
  expect((await stdio.call('list_specs')).isError).toBe(false)
  await Promise.all(flood.map(async (answer) => (await answer).text()))
  await stdio.close()
})
