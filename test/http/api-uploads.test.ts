import { request, type ClientRequest, type OutgoingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, test } from 'vitest'
import { askJson, openHttpServer, type JsonAnswer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { manyOperations, openApi } from '../setup/specs.js'
import { zipOf } from '../setup/zip.js'

const PETS = openApi('Pets', { 'GET /pets': { id: 'listPets', summary: 'List all pets' } })
const YAML = 'openapi: 3.1.0\ninfo: {title: Pets, version: "1"}\npaths:\n  /pets: {get: {}}\n'
const MAX_BYTES = 24 * 1024 * 1024

let server: OpenServer
beforeAll(async () => {
  server = await openHttpServer({
    ...(await storageSettings()),
    API_CATALOG_EMBEDDER: 'none',
    API_CATALOG_MAX_BYTES: String(MAX_BYTES),
  })
})

let made = 0
/** Puts a document under a name of its own. */
const put = (body: string | Blob | FormData, type?: string, headers = {}): Promise<JsonAnswer> =>
  askJson(server, `/api/v1/catalogs/default/specs/spec-${++made}`, {
    method: 'PUT',
    body,
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
  })
const form = (fields: Record<string, string | Blob>): FormData => {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.append(name, value)
  return data
}

describe('a document is taken', () => {
  const types = ['application/json', 'application/yaml', 'text/plain', 'application/octet-stream']
  test.each([...types, 'application/x-www-form-urlencoded', 'not a type'])(
    'as a body that says it is %s',
    async (type) => {
      const answer = await put(YAML, type)
      expect(answer).toMatchObject({ status: 201, facts: { operation_count: 1, title: 'Pets' } })
    },
  )

  test('as a body that says nothing, and as a zip', async () => {
    expect(await put(new Blob([PETS]))).toMatchObject({ status: 201 })
    const zip = zipOf([{ name: 'api/openapi.yaml', content: YAML }])
    expect(await put(new Blob([zip]), 'application/zip')).toMatchObject({
      status: 201,
      facts: { operation_count: 1 },
    })
  })

  test('as the file of a form, which a browser or curl -F sends', async () => {
    const answer = await put(form({ file: new File([YAML], 'pets.yaml') }))
    expect(answer).toMatchObject({ status: 201, facts: { title: 'Pets', operation_count: 1 } })
  })

  test('in pieces, without saying how long it is', async () => {
    const pieces = new Blob([PETS]).stream()
    const answer = await askJson(server, '/api/v1/catalogs/default/specs/pieces', {
      method: 'PUT',
      body: pieces,
      duplex: 'half',
    })
    expect(answer).toMatchObject({ status: 201, facts: { operation_count: 1 } })
  })

  test('with 20 MB, as a body and as a form, and others are answered meanwhile', async () => {
    const large = manyOperations('large', 100).replace(
      '"info":',
      `"x-large":${JSON.stringify('x'.repeat(20_000_000))},"info":`,
    )
    expect(large.length).toBeGreaterThan(20_000_000)
    const uploads = Promise.all([put(large), put(form({ file: new File([large], 'large.json') }))])
    let isOver = false
    void uploads.finally(() => (isOver = true))
    let answered = 0
    for (; !isOver; answered++) expect((await server.ask('/healthz')).status).toBe(200)
    expect((await uploads).map(({ status, facts }) => [status, facts.operation_count])).toEqual([
      [201, 100],
      [201, 100],
    ])
    expect(answered).toBeGreaterThan(10)
    const back = await server.ask(`/api/v1/catalogs/default/specs/spec-${made}?format=document`)
    expect((await back.arrayBuffer()).byteLength).toBe(large.length)
  })

  test('by its text in JSON', async () => {
    const answer = await askJson(server, '/api/v1/catalogs/text/specs', {
      method: 'POST',
      body: JSON.stringify({ content: YAML }),
    })
    expect(answer).toMatchObject({ status: 201, facts: { spec: 'pets' } })
  })
})

describe('is refused', () => {
  const refusal = (status: number, detail: string | RegExp) => ({
    status,
    facts: {
      type: 'about:blank',
      status,
      detail: expect.stringMatching(detail),
      request_id: expect.stringMatching(/./),
    },
  })

  test('what is no API document, with the reason, and nothing is kept of it', async () => {
    expect(await put('hello')).toMatchObject(refusal(422, /^NOT_OPENAPI/))
    expect(await put('{"openapi": "3.0.0", ')).toMatchObject(refusal(422, /./))
    expect(await put(new Blob([new Uint8Array([0x25, 0x50, 0x44, 0x46])]))).toMatchObject(
      refusal(422, /PDF/),
    )
    const path = `/api/v1/catalogs/default/specs/spec-${made}`
    expect(await askJson(server, path)).toMatchObject({ status: 404 })
  })

  test('a body that is empty', async () => {
    expect(await put('')).toMatchObject(refusal(400, /There is no document/))
    const empty = await put(form({ file: new File([], 'pets.yaml') }))
    expect(empty).toMatchObject(refusal(400, /There is no document/))
  })

  test('a form that is broken, has no file, or more than that', async () => {
    const type = 'multipart/form-data; boundary=x'
    expect(await put('--x\r\nbroken', type)).toMatchObject(refusal(400, /not the form/))
    expect(await put(PETS, 'multipart/form-data')).toMatchObject(refusal(400, /not the form/))
    const file = new File([YAML], 'pets.yaml')
    const forms = [{ file: YAML }, { document: file }, { file, name: 'x' }, {}]
    for (const fields of forms as Record<string, string | Blob>[]) {
      expect(await put(form(fields))).toMatchObject(refusal(400, /one field, `file`/))
    }
  })

  test('a body that is packed, saying so', async () => {
    for (const encoding of ['gzip', 'deflate', 'br', 'gzip, identity']) {
      const packed = new Blob([gzipSync(PETS)])
      const answer = await put(packed, 'application/json', { 'content-encoding': encoding })
      expect(answer).toMatchObject(refusal(415, /without a Content-Encoding/))
      expect(answer.headers.get('accept-encoding')).toBe('identity')
    }
    expect(await put(PETS, 'application/json', { 'content-encoding': 'identity' })).toMatchObject({
      status: 201,
    })
  })

  test('a body that is larger than may be: at once where it says so, else while it comes', async () => {
    expect(await announced(MAX_BYTES + 1_000_000)).toBe(413)
    expect(await inPieces(MAX_BYTES + 1_000_000)).toBe(413)
    // Room is left in a body for what is around a document: then it is the document that is refused.
    expect(await put(' '.repeat(MAX_BYTES + 10))).toMatchObject(refusal(422, /MAX_BYTES/))
  })

  /** The status of the answer to a request that says how long it will be, and sends nothing. */
  const announced = (bytes: number) =>
    statusOf({ 'content-length': bytes }, (asking) => asking.flushHeaders())

  /** … and to one that sends so much without saying it beforehand. */
  const inPieces = (bytes: number) =>
    statusOf({ 'transfer-encoding': 'chunked' }, (asking) => {
      const piece = Buffer.alloc(65_536, ' ')
      for (let sent = 0; sent < bytes; sent += piece.length) asking.write(piece)
      asking.end()
    })

  const statusOf = (
    headers: OutgoingHttpHeaders,
    send: (asking: ClientRequest) => void,
  ): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const url = `${server.url}/api/v1/catalogs/default/specs/too-large`
      const asking = request(url, { method: 'PUT', headers })
      asking.on('error', reject)
      asking.on('response', ({ statusCode }) => {
        resolve(statusCode)
        asking.destroy()
      })
      send(asking)
    })

  test('JSON that is none, or has other fields than there are', async () => {
    const post = (body: string) =>
      askJson(server, '/api/v1/catalogs/default/specs', { method: 'POST', body })
    expect(await post('{')).toMatchObject(refusal(400, /must be JSON/))
    expect(await post('[]')).toMatchObject(refusal(400, /The body must be an object/))
    expect(await post('{"path": "/etc/passwd"}')).toMatchObject(
      refusal(400, /there is no field "path" \(there are content, url, name\)/i),
    )
    expect(await post('{"openapi": "3.1.0", "info": {}, "paths": {}}')).toMatchObject(
      refusal(400, /an API document itself: send it with PUT/),
    )
    expect(await post('{}')).toMatchObject(refusal(400, /`content` .* or `url`, one of them/))
    expect(await post(JSON.stringify({ content: PETS, url: 'https://a.test' }))).toMatchObject(
      refusal(400, /one of them/),
    )
    expect(await post(JSON.stringify({ content: 7 }))).toMatchObject(
      refusal(400, /`content` must be a text/),
    )
  })
})
