import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { askJson, openHttpServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const SPECS = '/api/v1/catalogs/default/specs'
const PETS = openApi('Pets', { 'GET /pets': { id: 'listPets', summary: 'List all pets' } })
const MORE = openApi('Pets', { 'GET /cats': { id: 'listCats', summary: 'List all cats' } })

/** Somebody's server with a document, which it changes. */
async function documentServer() {
  const state = { document: PETS }
  const server = createServer((_, response) => response.end(state.document))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/openapi.json` }
}

test('a document is taken from a URL where the server is told so, and refreshed from there', async () => {
  await using server = await openHttpServer({
    ...(await storageSettings()),
    API_CATALOG_EMBEDDER: 'none',
    API_CATALOG_HTTP_URLS: 'on',
  })
  const post = (path: string, body: object = {}) =>
    askJson(server, path, { method: 'POST', body: JSON.stringify(body) })
  const { state, url } = await documentServer()
  const made = await post(SPECS, { url })
  expect(made).toMatchObject({ status: 201, facts: { spec: 'pets', operation_count: 1 } })
  expect(made.headers.get('location')).toBe(`${SPECS}/pets`)
  expect((await askJson(server, `${SPECS}/pets`)).facts.source).toBe(url)

  const refresh = () => post(`${SPECS}/pets/refresh`)
  expect(await refresh()).toMatchObject({
    status: 200,
    facts: { catalog: 'default', spec: 'pets', outcome: 'unchanged', revision: 1, error: null },
  })
  state.document = MORE
  expect(await refresh()).toMatchObject({ status: 200, facts: { outcome: 'revised', revision: 2 } })

  state.document = 'gone fishing'
  expect(await refresh()).toMatchObject({
    status: 502,
    facts: { title: 'Bad Gateway', detail: expect.stringContaining('NOT_OPENAPI') },
  })
  const { facts } = await askJson(server, `${SPECS}/pets`)
  expect(facts).toMatchObject({
    revision: 2,
    refresh_error: expect.stringContaining('NOT_OPENAPI'),
  })

  expect(await post(SPECS, { url: 'file:///etc/passwd' })).toMatchObject({ status: 422 })
  expect(await post(SPECS, { url })).toMatchObject({ status: 422 })
})
