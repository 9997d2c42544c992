import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { storageKinds } from '../setup/databases.js'
import { clients, storageSettings, type Connection, type Settings } from '../setup/server.js'

const SPEC = fileURLToPath(
  new URL('../../node_modules/@blockfrost/openapi/openapi.yaml', import.meta.url),
)
const QUESTION = 'all addresses of a stake account'
const CONTENT = `
openapi: 3.1.0
info: { title: Lamps, version: "2" }
servers: [{ url: https://lamps.test/v2 }]
paths:
  /lamps/{lamp_id}/power:
    put:
      operationId: switchLamp
      summary: Turn a lamp on or off
      parameters:
        - { name: lamp_id, in: path, required: true, schema: { type: string } }
      requestBody:
        content: { application/json: { schema: { $ref: '#/components/schemas/Power' } } }
      responses: { '204': { description: done } }
components:
  schemas:
    Power:
      type: object
      required: [is_on]
      properties: { is_on: { type: boolean }, brightness: { type: integer } }
`

const lines = clients.flatMap(([name, connect]) =>
  storageKinds.map((kind) => [name, kind, connect] as const),
)

describe.each(lines)('%s on the %s database', (_name, kind, connect) => {
  let settings: Settings
  let server: Connection

  beforeAll(async () => {
    settings = await storageSettings(kind)
    server = await connect(settings)
  })

  test('uploads a file, and content', async () => {
    const file = await server.call('upload_spec', { path: SPEC })
    expect(file.facts).toMatchObject({
      catalog: 'default',
      spec: 'blockfrost.io-api-documentation',
      outcome: 'created',
      revision: 1,
      job: { status: 'pending' },
    })
    expect(file.facts.operation_count).toBeGreaterThan(100)
    const content = await server.call('upload_spec', { content: CONTENT })
    expect(content.facts).toEqual({
      catalog: 'default',
      spec: 'lamps',
      outcome: 'created',
      revision: 1,
      title: 'Lamps',
      version: '2',
      operation_count: 1,
      changes: { added: 1, removed: 0, changed: 0, unchanged: 0 },
      warnings: [],
      warning_count: 0,
      job: { id: expect.any(Number), status: 'pending' },
    })
  })

  test('searches at once, and is told how it was answered', async () => {
    const { facts, text } = await server.call('search_operations', {
      query: QUESTION,
      ranking: 'lexical',
    })
    expect(facts).toMatchObject({ ranking: 'lexical', coverage: { total: expect.any(Number) } })
    expect(facts.results.slice(0, 3).map((hit: { path: string }) => hit.path)).toContain(
      '/accounts/{stake_address}/addresses',
    )
    expect(text).toContain('by words')
  })

  test('waits until all is embedded, and searches by meaning too', async () => {
    const status = await server.call('embedding_status', { wait_ms: 20_000 })
    const { summary, specs, embedder } = status.facts
    expect(embedder).toMatchObject({ provider: 'bundled', state: 'ready', dimensions: 256 })
    expect(summary).toMatchObject({
      specs_total: 2,
      specs_indexed: 2,
      specs_pending: 0,
      specs_running: 0,
      specs_failed: 0,
      embedding_count: summary.operation_count,
      without_vector_count: 0,
    })
    expect(specs.map((spec: { badge: string }) => spec.badge)).toEqual(['indexed', 'indexed'])
    const { facts } = await server.call('search_operations', { query: QUESTION })
    expect(facts).toMatchObject({ ranking: 'hybrid' })
    expect(facts).not.toHaveProperty('fallback')
    expect(facts.coverage).toEqual({
      embedded: summary.operation_count,
      total: summary.operation_count,
    })
    expect(facts.results.slice(0, 3).map((hit: { path: string }) => hit.path)).toContain(
      '/accounts/{stake_address}/addresses',
    )
  })

  test('reads the contract of what it found', async () => {
    const { facts: found } = await server.call('search_operations', { query: 'switch off a lamp' })
    expect(found.results[0].id).toBe('lamps:switchLamp')
    const { facts, text } = await server.call('get_operation', { ids: [found.results[0].id] })
    expect(facts).toMatchObject({ not_found: [], ambiguous: [] })
    expect(facts.operations).toHaveLength(1)
    const [operation] = facts.operations
    expect(operation).toMatchObject({
      id: 'lamps:switchLamp',
      method: 'PUT',
      path: '/lamps/{lamp_id}/power',
      effect: 'write',
      truncated: false,
    })
    expect(operation.contract).toContain('is_on: boolean')
    expect(operation.contract).toContain('brightness?: integer')
    expect(operation.curl).toMatch(/^curl -X PUT "https:\/\/lamps\.test\/v2\/lamps\//)
    expect(text).toContain(operation.contract)
    expect(text).toContain(operation.curl)
  })

  test('finds everything there after a restart, and nothing is embedded again', async () => {
    const before = await stateOf(server)
    await server.close()
    server = await connect(settings)
    const first = await server.call('search_operations', { query: QUESTION })
    expect(first.facts).toMatchObject({ ranking: 'hybrid' })
    const unchanged = await server.call('upload_spec', { path: SPEC })
    expect(unchanged.facts).toMatchObject({ outcome: 'unchanged', revision: 1, job: null })
    await server.call('embedding_status', { wait_ms: 20_000 })
    expect(await stateOf(server)).toEqual(before)
  })

  test('has a spec embedded again', async () => {
    const before = await stateOf(server)
    const asked = await server.call('reembed_spec', { spec: 'lamps' })
    expect(asked.facts).toEqual({
      catalog: 'default',
      spec: 'lamps',
      job: { id: expect.any(Number), status: 'pending' },
    })
    await server.call('embedding_status', { wait_ms: 20_000 })
    const { jobs } = await stateOf(server)
    expect(jobs).toHaveLength(before.jobs.length + 1)
    expect(jobs[0]).toMatchObject({
      id: asked.facts.job.id,
      spec_name: 'lamps',
      kind: 'manual_retry',
      status: 'succeeded',
      attempts: 0,
    })
  })

  test('lists what there is, and deletes a spec', async () => {
    const listed = await server.call('list_specs')
    expect(listed.facts.catalogs).toEqual([
      {
        name: 'default',
        specs: [
          expect.objectContaining({
            name: 'blockfrost.io-api-documentation',
            revision: 1,
            badge: 'indexed',
            source: SPEC,
          }),
          {
            name: 'lamps',
            title: 'Lamps',
            version: '2',
            revision: 1,
            operation_count: 1,
            badge: 'indexed',
            source: null,
          },
        ],
      },
    ])
    const deleted = await server.call('delete_spec', { spec: 'lamps' })
    expect(deleted.facts).toEqual({
      deleted: { catalog: 'default', spec: 'lamps', revision: 1, operation_count: 1 },
    })
    const { facts } = await server.call('search_operations', { query: 'switch a lamp off' })
    expect(JSON.stringify(facts)).not.toContain('lamps')
    const again = await server.call('delete_spec', { spec: 'lamps' })
    expect(again).toMatchObject({ isError: true, text: expect.stringContaining('blockfrost.io') })
  })
})

/** All that would differ if anything had been embedded again: every job, and when each was touched. */
async function stateOf(server: Connection) {
  const { facts } = await server.call('embedding_status', { jobs: 500 })
  return { specs: facts.specs, jobs: facts.jobs, summary: facts.summary }
}
