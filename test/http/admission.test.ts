import { request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { json } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { HttpProcess, openHttpServer } from '../setup/http-server.js'
import { runCommand, storageSettings } from '../setup/server.js'
import { specDocument, things } from '../setup/spec-document.js'

const KEYS = 'reader:let-me-look-around:read, writer:let-me-change-things:write'
const reader = { authorization: 'Bearer let-me-look-around' }
const writer = { authorization: 'Bearer let-me-change-things' }
const asMcp = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
}

const storage = await storageSettings()
const { url } = await openHttpServer(storage)
const {
  ask,
  app,
  url: keyed,
} = await openHttpServer({
  ...(await storageSettings()),
  API_CATALOG_KEYS: KEYS,
})

/** `fetch` chooses some headers itself; this sends them as they are. */
async function answerTo(headers: Record<string, string>, path = '/metrics') {
  const asked = request(`${url}${path}`, { headers, setHost: false }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  answer.resume()
  return answer.statusCode
}

/** A call of MCP, in the older era's words. */
async function rpc(headers: Record<string, string>, method: string, params: object = {}) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const answer = await ask('/mcp', { method: 'POST', headers: { ...asMcp, ...headers }, body })
  const text = await answer.text()
  return { status: answer.status, message: JSON.parse(text.replace(/^[^{]*/, '')) }
}

describe('a request', () => {
  const host = new URL(url).host

  test('to a name that is not the server’s is refused', async () => {
    expect(await answerTo({ host })).toBe(200)
    expect(await answerTo({ host: `evil.example:${new URL(url).port}` })).toBe(403)
    expect(await answerTo({ host: '192.168.0.1' })).toBe(403)
    expect(await answerTo({ host: 'evil.example' }, '/mcp')).toBe(403)
  })

  test('of another origin’s page is refused; one without an origin is not', async () => {
    expect(await answerTo({ host, origin: url })).toBe(200)
    for (const origin of ['https://evil.example', 'null', 'http://localhost:1']) {
      expect(await answerTo({ host, origin })).toBe(403)
      expect(await answerTo({ host, origin }, '/mcp')).toBe(403)
    }
  })

  test('that changes something is refused from a page on another port, also of a host that is named', async () => {
    const settings = { ...storage, API_CATALOG_ALLOWED_HOSTS: 'catalog.example' }
    const { url: named } = await openHttpServer(settings)
    const ask = async (site: string) => {
      const asked = request(`${named}/api/v1/catalogs/default/specs/none`, {
        method: 'DELETE',
        setHost: false,
        headers: {
          host: 'catalog.example',
          origin: 'http://catalog.example:9999',
          'sec-fetch-site': site,
        },
      }).end()
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      answer.resume()
      return answer.statusCode
    }
    expect(await ask('same-site')).toBe(403)
    expect(await ask('cross-site')).toBe(403)
    expect(await ask('same-origin')).toBe(404)
  })

  test('for a probe is answered whatever name it is sent to, without a key', async () => {
    expect(await answerTo({ host: '10.1.2.3:3000' }, '/healthz')).toBe(200)
    expect((await ask('/healthz')).status).toBe(200)
    await app.services()
    expect((await ask('/readyz')).status).toBe(200)
  })
})

describe('with keys', () => {
  test.each([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer let-me-in' }],
    ['part of one', { authorization: 'Bearer let-me-change' }],
    ['another scheme', { authorization: 'Basic bGV0LW1lLWNoYW5nZS10aGluZ3M=' }],
    ['no value', { authorization: 'Bearer ' }],
    ['a cookie of one’s own making', { cookie: 'api_catalog_key=writer' }],
    ['a cookie signed with another secret', { cookie: 'api_catalog_key=writer.c2lnbmVk' }],
  ])('a request with %s is refused', async (_, headers: Record<string, string>) => {
    for (const path of ['/mcp', '/metrics', '/api/v1/events', '/nowhere']) {
      const answer = await ask(path, { headers })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm="/)
      expect(answer.headers.get('content-type')).toBe('application/problem+json')
      expect(await answer.json()).toMatchObject({ status: 401, detail: expect.any(String) })
    }
  })

  test('a token that another server gave out is refused like any wrong key, and none is asked for', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: 'https://login.example', aud: `${keyed}/mcp`, exp: 4_102_444_800 }
    const token = `${part({ alg: 'none' })}.${part(claims)}.c2lnbmVk`
    const answer = await ask('/mcp', { headers: { authorization: `Bearer ${token}` } })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).not.toContain('resource_metadata')
    for (const name of ['oauth-protected-resource', 'oauth-authorization-server']) {
      expect((await ask(`/.well-known/${name}`, { headers: reader })).status).toBe(404)
    }
  })

  test('a state that a caller makes up is that of no call', async () => {
    const list = { name: 'list_specs', arguments: {} }
    const asked = await rpc(reader, 'tools/call', list)
    const madeUp = { requestState: 'bWFkZSB1cA', inputResponses: { sure: { action: 'accept' } } }
    const again = await rpc(reader, 'tools/call', { ...list, ...madeUp })
    expect(again).toEqual(asked)
    const remove = { name: 'delete_spec', arguments: { spec: 'pets' }, ...madeUp }
    const refused = await rpc(reader, 'tools/call', remove)
    expect(refused.message).toMatchObject({ error: expect.anything() })
  })

  test('a key in the address is no key', async () => {
    for (const name of ['key', 'token', 'access_token', 'api_key']) {
      expect((await ask(`/metrics?${name}=let-me-change-things`)).status).toBe(401)
    }
  })

  test('a key is let in, whatever the case of its scheme', async () => {
    expect((await ask('/metrics', { headers: reader })).status).toBe(200)
    const lower = { authorization: 'bearer let-me-look-around' }
    expect((await ask('/metrics', { headers: lower })).status).toBe(200)
  })

  test('a body is not read before the key is known', async () => {
    const asked = request(
      `${(await openHttpServer({ ...storage, API_CATALOG_KEYS: KEYS })).url}/mcp`,
      {
        method: 'POST',
        headers: { 'content-length': '60000000' },
      },
    )
    asked.flushHeaders()
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(401)
    expect(await json(answer)).toMatchObject({ status: 401 })
    asked.destroy()
  })

  test('a reader is shown the tools that change nothing, a writer all', async () => {
    const toolsOf = async (headers: Record<string, string>) =>
      (await rpc(headers, 'tools/list')).message.result.tools.map(
        ({ name }: { name: string }) => name,
      )
    expect(await toolsOf(reader)).toEqual([
      'search_operations',
      'get_operation',
      'list_specs',
      'compare_revisions',
      'embedding_status',
    ])
    expect(await toolsOf(writer)).toEqual(
      expect.arrayContaining(['upload_spec', 'reembed_spec', 'delete_spec']),
    )
  })

  test('a reader sends no documents, so what it sends is short', async () => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'x'.repeat(300_000) })
    // On a connection of its own, which the server ends without reading on.
    const options = { method: 'POST', headers: { ...asMcp, ...reader }, agent: false }
    const asked = request(`${keyed}/mcp`, options).end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    expect(answer.statusCode).toBe(413)
    asked.destroy()
  })

  test('what a key opens is kept by no browser', async () => {
    const answer = await ask('/api/v1/catalogs', { headers: reader })
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })

  test('a reader changes nothing by calling what is not listed', async () => {
    const content = specDocument('api', things(2))
    for (const [name, args] of Object.entries({
      upload_spec: { content },
      delete_spec: { spec: 'api' },
      reembed_spec: { spec: 'api' },
    })) {
      const { message } = await rpc(reader, 'tools/call', { name, arguments: args })
      expect(message.error).toMatchObject({ code: expect.any(Number) })
    }
    const { message } = await rpc(reader, 'tools/call', { name: 'list_specs', arguments: {} })
    expect(
      message.result.structuredContent.catalogs.flatMap((one: { specs: [] }) => one.specs),
    ).toEqual([])
  })
})

describe('a document', () => {
  test('comes in the request: over HTTP no file is read and no URL fetched', async () => {
    const { message } = await rpc(writer, 'tools/list')
    const upload = message.result.tools.find(({ name }: { name: string }) => name === 'upload_spec')
    expect(Object.keys(upload.inputSchema.properties)).toEqual(['content', 'catalog', 'name'])
    for (const args of [{ path: '/etc/hostname' }, { url: 'https://example.com/openapi.json' }]) {
      const call = { name: 'upload_spec', arguments: args }
      const { message: answer } = await rpc(writer, 'tools/call', call)
      expect(JSON.stringify(answer)).toContain(`there is no argument`)
    }
  })

  test('may come from a URL where the settings allow it', async () => {
    const { url: open } = await openHttpServer({ ...storage, API_CATALOG_HTTP_URLS: 'on' })
    const answer = await fetch(`${open}/mcp`, {
      method: 'POST',
      headers: asMcp,
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    })
    expect(await answer.text()).toContain('"url":{')
  })
})

describe('serve --http', () => {
  test('beyond loopback refuses to start without keys, and says what to do', async () => {
    for (const address of ['0.0.0.0:0', '[::]:0', '192.0.2.1:0']) {
      const { code, stderr } = await runCommand(['serve', '--http', address], storage)
      expect(code).toBe(2)
      expect(stderr).toContain('API_CATALOG_KEYS')
    }
  })

  test.each(['', 'abc', '1:2:3', '70000', 'localhost', '-1'])(
    'refuses the address %j with a sentence',
    async (address) => {
      const { code, stderr } = await runCommand(['serve', '--http', address], storage)
      expect(code).toBe(2)
      expect(stderr).toMatch(/^--http takes \[HOST:\]PORT.*\n$/)
    },
  )

  test('says in one sentence that its port is taken', async () => {
    const { port } = new URL(url)
    const { code, stderr } = await runCommand(['serve', '--http', port], storage)
    expect(code).toBe(1)
    expect(stderr).toContain(`Cannot listen on 127.0.0.1:${port}: something else listens there`)
  })

  test('never logs a key, also at the loudest', async () => {
    await using server = await HttpProcess.start(
      { ...storage, API_CATALOG_KEYS: KEYS, API_CATALOG_LOG_LEVEL: 'trace' },
      [],
    )
    await server.ask('/mcp', { method: 'POST', headers: { ...asMcp, ...writer }, body: '{' })
    await server.ask('/metrics?key=let-me-change-things', { headers: writer })
    await server.ask('/metrics', { headers: { authorization: 'Bearer almost-a-key' } })
    await expect.poll(() => server.log).toContain('"status":401')
    expect(server.log).toContain('"caller":"writer"')
    expect(server.log).not.toMatch(/let-me|almost-a-key/)
  })
})
