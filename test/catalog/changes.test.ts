import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { compareRevisions } from '../../src/app/compare-revisions.js'
import { rollBack } from '../../src/app/copy-spec.js'
import { getOperations } from '../../src/app/get-operation.js'
import type { Services } from '../../src/app/services.js'
import { uploadSpec } from '../../src/app/upload-spec.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { startAfresh, workAll } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { specDocument } from '../setup/spec-document.js'
import type { StubEmbedder } from '../fakes/stub-embedder.js'

type Json = Record<string, unknown>

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
const object = (properties: Json, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
})
const text = { type: 'string' }
const loose = object({ child: text })
const strict = object({ child: text }, ['child'])

const sending = (schema: unknown) => ({
  requestBody: { content: { 'application/json': { schema } } },
})

/** `PUT /nodes`, whose body has `n`, and `GET /health`, which refers to nothing. */
function nodes(n: unknown, schemas: Json, more: Json = {}): string {
  const put = { path: '/nodes', method: 'put', ...sending(object({ n })), ...more }
  return specDocument('Nodes', [put, { path: '/health' }], { components: { schemas } })
}

/** What of `Node` changes, and how the body gets to it. */
const REACHED: [string, unknown, (node: Json) => Json][] = [
  ['that the body names', ref('Node'), (node) => ({ Node: node })],
  ['one level down', ref('Tree'), (node) => ({ Tree: object({ root: ref('Node') }), Node: node })],
  [
    'two levels down',
    ref('Forest'),
    (node) => ({
      Forest: { type: 'array', items: ref('Tree') },
      Tree: object({ root: ref('Node') }),
      Node: node,
    }),
  ],
  [
    'in a circle',
    ref('A'),
    (node) => ({
      A: object({ b: ref('B'), self: ref('A') }),
      B: object({ a: ref('A'), node: ref('Node') }),
      Node: node,
    }),
  ],
  [
    'in an allOf',
    ref('Named'),
    (node) => ({ Named: { allOf: [ref('Node'), object({ name: text })] }, Node: node }),
  ],
  ['by a chain of names', ref('Alias'), (node) => ({ Alias: ref('Node'), Node: node })],
]

describe.each(storageKinds)('what an upload says it changed, on %s', (kind) => {
  let db: Database
  let services: Services
  let stub: StubEmbedder

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(async () => {
    ;({ services, stub } = await startAfresh(db))
  })

  const put = async (content: string) =>
    uploadSpec(services, localPrincipal, { content, name: 'nodes' }, { isChecked: false })

  const compared = async () =>
    (await compareRevisions(services, localPrincipal, { spec: 'nodes' })).structured

  /** The changes that the second of two uploads tells. */
  const changesBetween = async (before: string, after: string) => {
    await put(before)
    const { structured } = await put(after)
    expect(structured).toMatchObject({ outcome: 'revised', revision: 2 })
    return structured.changes
  }

  const CHANGED = { added: 0, removed: 0, changed: 1, unchanged: 1 }
  const UNCHANGED = { added: 0, removed: 0, changed: 0, unchanged: 2 }

  test.each(REACHED)('a schema %s counts, as it does in a comparison', async (_, n, schemas) => {
    const changes = await changesBetween(nodes(n, schemas(loose)), nodes(n, schemas(strict)))
    expect(changes).toEqual(CHANGED)
    const { counts, breaking_count: breaking } = await compared()
    expect(counts).toEqual(CHANGED)
    expect(breaking).toBe(1)
  })

  test.each(REACHED)('a schema %s that is the same does not count', async (_, n, schemas) => {
    const before = nodes(n, { ...schemas(loose), Other: loose })
    const changes = await changesBetween(before, nodes(n, { ...schemas(loose), Other: strict }))
    expect(changes).toEqual(UNCHANGED)
    expect((await compared()).counts).toEqual(UNCHANGED)
  })

  test('a schema that only another schema names does not count', async () => {
    const schemas = (node: Json) => ({ Free: object({ node: ref('Node') }), Node: node })
    expect(await changesBetween(nodes(text, schemas(loose)), nodes(text, schemas(strict)))).toEqual(
      UNCHANGED,
    )
    expect((await compared()).counts).toEqual(UNCHANGED)
  })

  test('a schema counts for what leads to it, not for what it leads to', async () => {
    const document = (required: string[]) => {
      const schemas = { Tree: object({ root: ref('Node') }, required), Node: loose }
      const operations = [
        { path: '/node', method: 'put', ...sending(object({ n: ref('Node') })) },
        { path: '/tree', method: 'put', ...sending(object({ n: ref('Tree') })) },
      ]
      return specDocument('Nodes', operations, { components: { schemas } })
    }
    expect(await changesBetween(document([]), document(['root']))).toEqual(CHANGED)
    expect((await compared()).changed).toMatchObject([{ id: 'nodes:PUT /tree', breaking: true }])
  })

  test('a schema that is gone, or was missing before, counts', async () => {
    const tree = { Tree: object({ root: ref('Node') }) }
    const [without, whole] = [
      nodes(ref('Tree'), tree),
      nodes(ref('Tree'), { ...tree, Node: strict }),
    ]
    expect(await changesBetween(without, whole)).toEqual(CHANGED)
    expect((await put(without)).structured.changes).toEqual(CHANGED)
  })

  test('an operation that itself changed counts once', async () => {
    const before = nodes(ref('Node'), { Node: loose })
    const after = nodes(ref('Node'), { Node: strict }, { summary: 'New' })
    expect(await changesBetween(before, after)).toEqual(CHANGED)
  })

  test('a way to be let in that changed counts for the operations that ask for it', async () => {
    const secure = { path: '/nodes', security: [{ key: [] }] }
    const secured = (name: string) =>
      specDocument('Nodes', [secure, { path: '/a' }], {
        components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name } } },
      })
    expect(await changesBetween(secured('X-Key'), secured('X-Token'))).toEqual(CHANGED)
    expect((await compared()).counts).toEqual(CHANGED)
  })

  test('definitions of Swagger 2.0 count likewise', async () => {
    const swagger = (node: Json) =>
      JSON.stringify({
        swagger: '2.0',
        info: { title: 'Nodes', version: '1' },
        paths: {
          '/nodes': {
            put: {
              parameters: [{ in: 'body', name: 'n', schema: { $ref: '#/definitions/Tree' } }],
              responses: {},
            },
            get: { responses: {} },
          },
        },
        definitions: { Tree: object({ root: { $ref: '#/definitions/Node' } }), Node: node },
      })
    expect(await changesBetween(swagger(loose), swagger(strict))).toEqual(CHANGED)
  })

  test('its components are those of the last document, also after going back', async () => {
    const schemas = (node: Json) => ({ Tree: object({ root: ref('Node') }), Node: node })
    const asked = { ids: ['nodes:PUT /nodes'] }
    const contract = async () => (await getOperations(services, localPrincipal, asked)).markdown
    await put(nodes(ref('Tree'), { ...schemas(loose), Gone: text }))
    const before = await contract()
    await put(nodes(ref('Tree'), schemas(strict)))
    expect(await contract()).not.toBe(before)
    await rollBack(services, localPrincipal, { spec: 'nodes', revision: 1 })
    expect(await contract()).toBe(before)
    expect((await compared()).counts).toEqual(CHANGED)
  })

  test('nothing is written or embedded anew for a schema one level down', async () => {
    const rows = () =>
      db.query(`select id, text_hash, definition_hash from api_catalog.operations order by id`)
    const schemas = (node: Json) => ({ Tree: object({ root: ref('Node') }), Node: node })
    await put(nodes(ref('Tree'), schemas(loose)))
    await workAll(services)
    const before = await rows()
    expect(stub.embedded).toHaveLength(2)
    await put(nodes(ref('Tree'), schemas(strict)))
    await workAll(services)
    expect(await rows()).toEqual(before)
    expect(stub.embedded).toHaveLength(2)
  })
})
