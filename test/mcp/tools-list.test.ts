import { beforeAll, describe, expect, test } from 'vitest'
import {
  clients,
  RawServer,
  storageSettings,
  type ListedTool,
  type Settings,
} from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const NAMES = [
  'search_operations',
  'get_operation',
  'list_specs',
  'upload_spec',
  'compare_revisions',
  'embedding_status',
  'reembed_spec',
  'delete_spec',
]
const CHARS_PER_TOKEN = 4

let settings: Settings
let server: RawServer
let tools: ListedTool[]

beforeAll(async () => {
  settings = await storageSettings()
  server = await RawServer.start(settings)
  tools = await server.listTools()
})

test('lists the eight tools', () => {
  expect(tools.map(({ name }) => name)).toEqual(NAMES)
})

test('is the same whatever the catalog holds, to the byte', async () => {
  const empty = await server.request('tools/list')
  await server.call('upload_spec', {
    content: openApi('Pets', { 'GET /pets': { id: 'listPets', tags: ['pets'] } }),
    catalog: 'zoo',
  })
  await server.call('embedding_status', { wait_ms: 20_000 })
  const full = await server.request('tools/list')
  expect(JSON.stringify(full.result)).toBe(JSON.stringify(empty.result))
})

test.each(clients)('is the same for %s', async (_name, connect) => {
  const client = await connect(settings)
  const listed = await client.listTools()
  expect(listed.map(outline)).toEqual(tools.map(outline))
  await client.close()
})

test('keeps its words and inputs until they are changed on purpose', async () => {
  const words = tools.map(({ name, title, description, annotations, inputSchema }) => ({
    name,
    title,
    description,
    annotations,
    inputSchema,
  }))
  await expect(`${JSON.stringify(words, null, 2)}\n`).toMatchFileSnapshot('__snapshots__/tools.txt')
})

test('costs at most 1,500 tokens without output schemas, and 3,600 with', () => {
  const inputs = tools.map(({ outputSchema: _, ...tool }) => tool)
  expect(JSON.stringify(inputs).length / CHARS_PER_TOKEN).toBeLessThanOrEqual(1_500)
  expect(JSON.stringify(tools).length / CHARS_PER_TOKEN).toBeLessThanOrEqual(3_600)
})

describe.each(NAMES)('%s', (name) => {
  let tool: ListedTool

  beforeAll(() => {
    tool = tools.find((one) => one.name === name) as ListedTool
  })

  test('has title, description and all four annotations', () => {
    expect(tool.title).toMatch(/^[A-Z].{5,}/)
    expect(tool.description).toMatch(/^[A-Z].{30,}\.$/)
    expect(tool.annotations).toEqual({
      readOnlyHint: !/^(?:upload|reembed|delete)_/.test(name),
      destructiveHint: name === 'delete_spec',
      idempotentHint: name !== 'delete_spec',
      openWorldHint: name === 'upload_spec',
    })
  })

  test('has a flat input schema without references', () => {
    expect(JSON.stringify(tool)).not.toMatch(/"\$(?:ref|defs)"|"definitions"/)
    const { type, properties } = tool.inputSchema as JsonSchema
    expect(type).toBe('object')
    for (const property of Object.values(properties ?? {})) {
      const parts = [property, property.items ?? {}]
      for (const part of parts) {
        expect(part).not.toHaveProperty('properties')
        expect(part).not.toHaveProperty('anyOf')
      }
    }
  })

  test('refuses an unknown argument by its name', async () => {
    const answer = await server.call(name, { ...REQUIRED[name], favourite_colour: 'green' })
    expect(answer.isError).toBe(true)
    expect(answer.text).toContain('favourite_colour')
  })

  test('has an output schema that is open to more fields', () => {
    const schemas = [...schemasIn(tool.outputSchema as JsonSchema)]
    expect(schemas.length).toBeGreaterThan(3)
    for (const schema of schemas) expect(schema.additionalProperties).not.toBe(false)
  })
})

/** Of each tool, what it asks for. */
const REQUIRED: Record<string, object> = {
  search_operations: { query: 'pets' },
  get_operation: { ids: ['pets:listPets'] },
  upload_spec: { content: '{}' },
  compare_revisions: { spec: 'pets' },
  reembed_spec: { spec: 'pets' },
  delete_spec: { spec: 'pets' },
}

interface JsonSchema {
  type?: string
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  additionalProperties?: unknown
}

function* schemasIn(schema: JsonSchema): Generator<JsonSchema> {
  yield schema
  for (const property of Object.values(schema.properties ?? {})) yield* schemasIn(property)
  if (schema.items) yield* schemasIn(schema.items)
}

/** What every client shows of a tool, whatever it does with the schemas. */
function outline({ name, title, description, annotations, inputSchema }: ListedTool) {
  return {
    name,
    title,
    description,
    annotations,
    properties: (inputSchema as JsonSchema).properties,
  }
}
