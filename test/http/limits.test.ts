import { request, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openHttpServer } from '../setup/http-server.js'
import { RawServer, storageSettings } from '../setup/server.js'

const settings = await storageSettings('embedded')
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
