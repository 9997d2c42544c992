import * as z from 'zod'
import { beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/openapi/spec-error.js'
import { validateDocument } from '../../src/openapi/validate-document.js'
import { storageKinds } from '../setup/databases.js'
import { askJson, openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'

interface Operation {
  operationId: string
  summary: string
  description: string
  tags: string[]
  parameters: { name: string; in: string; required: boolean; schema: object }[]
  requestBody?: object
  responses: Record<string, { $ref?: string }>
}

interface Document {
  paths: Record<string, Record<string, Operation>>
  servers: { url: string }[]
  security: object[]
  components: { securitySchemes: object; responses: object; schemas: object }
}

describe.each(storageKinds)('the description of the server on %s', (kind) => {
  let server: OpenServer
  let text: string
  let document: Document
  beforeAll(async () => {
    server = await openHttpServer(
      { ...(await storageSettings(kind)), API_CATALOG_EMBEDDER: 'bundled' },
      { worker: true },
    )
    text = await (await server.ask('/openapi.json')).text()
    document = JSON.parse(text) as Document
  })
  const operations = () => Object.values(document.paths).flatMap((item) => Object.values(item))

  test('is a valid OpenAPI document', async () => {
    expect(document).toMatchObject({ openapi: '3.1.0', servers: [{ url: server.url }] })
    expect(await validateDocument(text, DEFAULT_LIMITS)).toEqual([])
  })

  test('names and explains each operation, its parameters and its problems', () => {
    const all = operations()
    expect(all.length).toBeGreaterThanOrEqual(16)
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length)
    for (const { operationId, summary, description, tags, responses } of all) {
      expect(summary.length, operationId).toBeGreaterThan(10)
      expect(description.length, operationId).toBeGreaterThan(30)
      expect(tags).toHaveLength(1)
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '401', '500', '503']))
    }
    const { put, post } = document.paths['/api/v1/catalogs/{catalog}/specs/{spec}']!
    expect(post).toBeUndefined()
    expect(Object.keys(put!.responses)).toEqual(
      expect.arrayContaining(['200', '201', '403', '404', '413', '415', '422']),
    )
    const search = document.paths['/api/v1/search']!['get']!
    expect(search.parameters).toContainEqual({
      name: 'limit',
      in: 'query',
      required: false,
      description: 'default 8',
      schema: { type: 'integer', minimum: 1, maximum: 50 },
    })
    expect(search.parameters.find(({ name }) => name === 'query')).toMatchObject({ required: true })
  })

  test('refers to nothing that it has not', () => {
    const refs = [...text.matchAll(/"\$ref":"#\/components\/(\w+)\/(\w+)"/g)]
    expect(refs.length).toBeGreaterThan(50)
    const { components } = document
    for (const [, kind = '', name = ''] of refs) {
      expect(components[kind as keyof typeof components], `${kind}/${name}`).toHaveProperty(name)
    }
    expect(text.match(/"\$ref"/g)).toHaveLength(refs.length)
  })

  test('is uploaded to the server itself, and its operations are found by search', async () => {
    const path = '/api/v1/catalogs/own/specs/api-catalog'
    const uploaded = await askJson(server, path, { method: 'PUT', body: text })
    expect(uploaded).toMatchObject({
      status: 201,
      facts: { operation_count: operations().length, warnings: [] },
    })
    await askJson(server, '/api/v1/catalogs/own/embedding-status?wait_ms=20000')
    const asked = [
      ['upload an OpenAPI document under a name', 'putSpec'],
      ['download the document of a spec', 'getSpec'],
      ['delete a spec', 'deleteSpec'],
      ['refresh a spec from its url', 'refreshSpec'],
      ['copy a spec to another catalog', 'cloneSpec'],
      ['retry a failed embedding', 'reembedSpec'],
      ['what changed between two revisions', 'compareRevisions'],
      ['which jobs failed and why', 'listEmbeddingJobs'],
      ['find an operation in my own words', 'searchOperations'],
    ]
    for (const [question = '', operationId] of asked) {
      const query = new URLSearchParams({ query: question, catalog: 'own', limit: '3' })
      const { facts } = await askJson(server, `/api/v1/search?${query.toString()}`)
      const found = facts.results.map((hit: { operation_id: string }) => hit.operation_id)
      expect(found, question).toContain(operationId)
    }
    const id = 'own/api-catalog:searchOperations'
    const { facts } = await askJson(server, `/api/v1/operations?id=${id}`)
    expect(facts.operations[0].curl).toContain(`${server.url}/api/v1/search?query=`)
  })
})

test('every route that is described is answered, and with a status that is described', async () => {
  await using server = await openHttpServer({
    ...(await storageSettings()),
    API_CATALOG_EMBEDDER: 'none',
  })
  const { paths } = (await askJson(server, '/openapi.json')).facts as Document
  for (const [path, item] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(item)) {
      const address = path.replace('{catalog}', 'default').replace('{spec}', 'none')
      const answer = await askJson(server, address, { method: method.toUpperCase() })
      const said = `${method} ${path}: ${answer.status} ${answer.facts.detail ?? ''}`
      expect(Object.keys(operation.responses), said).toContain(String(answer.status))
      expect([404, 405].includes(answer.status) && /address/.test(said), said).toBe(false)
    }
  }
})

test('answers are as they are described', async () => {
  await using server = await openHttpServer(
    { ...(await storageSettings()), API_CATALOG_EMBEDDER: 'bundled' },
    { worker: true },
  )
  const document = (await askJson(server, '/openapi.json')).facts as Document
  const specs = '/api/v1/catalogs/default/specs'
  const asDescribed = async (path: string, init?: RequestInit): Promise<void> => {
    const { status, facts } = await askJson(server, path, init)
    const route = Object.keys(document.paths).find((route) =>
      new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path.split('?')[0]!),
    )
    const { responses } = document.paths[route!]![init?.method?.toLowerCase() ?? 'get']!
    const [, name] = /"#\/components\/schemas\/(\w+)"/.exec(JSON.stringify(responses[status])) ?? []
    const schema = document.components.schemas[name as never]
    expect(z.fromJSONSchema(schema).safeParse(facts).error, `${path} ${status}`).toBeUndefined()
    described.add(`${init?.method ?? 'GET'} ${route}`)
  }
  const described = new Set<string>()
  const post = (facts: object = {}) => ({ method: 'POST', body: JSON.stringify(facts) })
  for (const count of [2, 3]) {
    const body = manyOperations('many', count)
    await asDescribed(`${specs}/many`, { method: 'PUT', body })
  }
  await asDescribed(specs, post({ content: manyOperations('other', 1) }))
  await asDescribed(`${specs}/many/clone`, post({ spec: 'copy' }))
  await asDescribed(`${specs}/copy/reembed`, post())
  await asDescribed('/api/v1/catalogs/default/embedding-status?wait_ms=20000')
  await asDescribed('/api/v1/catalogs/default/embedding-health')
  await asDescribed('/api/v1/catalogs/default/embedding-jobs?limit=1')
  await asDescribed('/api/v1/catalogs')
  await asDescribed(specs)
  await asDescribed(`${specs}/many`)
  await asDescribed(`${specs}/many/revisions`)
  await asDescribed(`${specs}/many/diff`)
  await asDescribed('/api/v1/search?query=many&explain=true&limit=1')
  await asDescribed('/api/v1/operations?id=many:manyItem1&id=nothing&id=manyItem1')
  await asDescribed(`${specs}/copy`, { method: 'DELETE' })
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  )
  // A refresh needs somebody else's server: api-urls.test.ts.
  expect(all.filter((one) => !described.has(one))).toEqual([
    'POST /api/v1/catalogs/{catalog}/specs/{spec}/refresh',
  ])
})

test('where there are keys, the description says that one is needed', async () => {
  await using server = await openHttpServer({
    ...(await storageSettings()),
    API_CATALOG_EMBEDDER: 'none',
    API_CATALOG_KEYS: 'look:read',
  })
  const headers = { authorization: 'Bearer look' }
  const { facts } = await askJson(server, '/openapi.json', { headers })
  expect(facts.security).toEqual([{ key: [] }])
  expect(facts.components.securitySchemes.key).toMatchObject({ type: 'http', scheme: 'bearer' })
})
