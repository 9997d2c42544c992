import { beforeAll, describe, expect, test } from 'vitest'
import { storageKinds } from '../setup/databases.js'
import { RawServer, storageSettings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const CHARS_PER_TOKEN = 4

const SHOP = openApi('Shop', {
  'GET /orders': { id: 'listOrders' },
  'GET /orders/{orderId}': { id: 'getOrder' },
  'DELETE /orders/{orderId}': { id: 'cancelOrder' },
  'GET /twins/a': { id: 'twin' },
  'GET /twins/b': { id: 'twin' },
  'GET /a:b': { id: 'ns:op' },
  'POST /customers': {},
})
const FARM = openApi('Farm', {
  'GET /orders': { id: 'listOrders' },
  'GET /animals/{id}': { id: 'GetAnimal' },
})
const TEAM = openApi('Warehouse', {
  'GET /orders/{orderId}': { id: 'getOrder' },
  'POST /parcels': { id: 'packParcel' },
})

describe.each(storageKinds)('on the %s database', (kind) => {
  let server: RawServer
  const get = async (...ids: string[]) => {
    const answer = await server.call('get_operation', { ids })
    expect(answer).toMatchObject({ isError: false })
    return answer.facts as {
      operations: { id: string; contract: string; truncated: boolean }[]
      not_found: string[]
      ambiguous: { asked: string; candidates: string[] }[]
    }
  }

  beforeAll(async () => {
    server = await RawServer.start({
      ...(await storageSettings(kind)),
      API_CATALOG_EMBEDDER: 'none',
    })
    await server.call('upload_spec', { content: SHOP })
    await server.call('upload_spec', { content: FARM })
    await server.call('upload_spec', { content: TEAM, catalog: 'team' })
  })

  test.each([
    ['shop:getOrder', 'shop:getOrder'],
    ['shop:GET /orders/{orderId}', 'shop:getOrder'],
    ['shop:get /orders/{any_name}', 'shop:getOrder'],
    ['default/shop:getOrder', 'shop:getOrder'],
    ['  shop:getOrder\n', 'shop:getOrder'],
    ['`shop:getOrder`', 'shop:getOrder'],
    [' "shop:GET  /orders/{orderId}" ', 'shop:getOrder'],
    ["'delete   /orders/{orderId}'", 'shop:cancelOrder'],
    ['cancelOrder', 'shop:cancelOrder'],
    ['CANCELORDER', 'shop:cancelOrder'],
    ['shop:CANCELORDER', 'shop:cancelOrder'],
    ['getAnimal', 'farm:GetAnimal'],
    ['DELETE /orders/{orderId}', 'shop:cancelOrder'],
    ['delete /orders/{x}', 'shop:cancelOrder'],
    ['POST /customers', 'shop:POST /customers'],
    ['shop:POST /customers', 'shop:POST /customers'],
    ['/customers', 'shop:POST /customers'],
    ['shop:GET /twins/a', 'shop:GET /twins/a'],
    ['ns:op', 'shop:ns:op'],
    ['shop:ns:op', 'shop:ns:op'],
    ['GET /a:b', 'shop:ns:op'],
    ['team/warehouse:getOrder', 'team/warehouse:getOrder'],
    ['team/warehouse:POST /parcels', 'team/warehouse:packParcel'],
    ['warehouse:getOrder', 'team/warehouse:getOrder'],
    ['packParcel', 'team/warehouse:packParcel'],
  ])('%j is %s', async (asked, id) => {
    const { operations, not_found, ambiguous } = await get(asked)
    expect({ not_found, ambiguous }).toEqual({ not_found: [], ambiguous: [] })
    expect(operations.map((operation) => operation.id)).toEqual([id])
  })

  test.each([
    ['listOrders', ['shop:listOrders', 'farm:listOrders']],
    ['getOrder', ['shop:getOrder', 'team/warehouse:getOrder']],
    ['GET /orders', ['shop:listOrders', 'farm:listOrders']],
    ['/orders/{orderId}', ['shop:getOrder', 'shop:cancelOrder', 'team/warehouse:getOrder']],
    ['twin', ['shop:GET /twins/a', 'shop:GET /twins/b']],
    ['shop:twin', ['shop:GET /twins/a', 'shop:GET /twins/b']],
  ])('%s fits several operations, each of which is named', async (asked, candidates) => {
    const { operations, ambiguous, not_found } = await get(asked)
    expect({ operations, not_found }).toEqual({ operations: [], not_found: [] })
    expect(ambiguous).toEqual([{ asked, candidates: expect.arrayContaining(candidates) }])
    expect(ambiguous[0]?.candidates).toHaveLength(candidates.length)
    for (const candidate of candidates) {
      expect((await get(candidate)).operations.map(({ id }) => id)).toEqual([candidate])
    }
  })

  test.each([
    'nothing',
    'shop:nothing',
    'nowhere:getOrder',
    'nowhere/shop:getOrder',
    'team/shop:getOrder',
    'PATCH /orders',
    '/nothing',
    'order',
    ':',
    '/',
    '',
    ' ',
    '%',
    'shop:',
    '\ud800',
    `shop:${'x'.repeat(100_000)}`,
  ])('%j is not found', async (asked) => {
    const { operations, not_found, ambiguous } = await get(asked)
    expect({ operations, ambiguous }).toEqual({ operations: [], ambiguous: [] })
    expect(not_found).toEqual([asked])
  })

  test.each([
    ['shop:getOrdr', 'shop:getOrder'],
    ['cancelOrders', 'shop:cancelOrder'],
    ['GET /order', 'shop:listOrders'],
    ['warehouse:packParcels', 'team/warehouse:packParcel'],
  ])('%j is not found, and the nearest is suggested', async (asked, id) => {
    const { text, facts } = await server.call('get_operation', { ids: [asked] })
    expect(facts.not_found).toEqual([asked])
    expect(facts.suggestions[0]).toMatchObject({ asked, candidates: expect.arrayContaining([id]) })
    expect(text).toContain(`did you mean \`${facts.suggestions[0].candidates[0]}\``)
  })

  test('what was found stands beside what was not, and the next call is named', async () => {
    const { text } = await server.call('get_operation', {
      ids: ['getAnimal', 'listOrders', 'nothing'],
    })
    expect(text).toContain('## `farm:GetAnimal` (read)')
    expect(text).toContain('`shop:listOrders`')
    expect(text).toContain('Not found: `nothing`')
    expect(text).toContain('`search_operations`')
  })

  test('one id alone is shown as the list that it has to be', async () => {
    const { text, isError } = await server.call('get_operation', { ids: 'shop:addPet' })
    expect(isError).toBe(true)
    expect(text).toContain('must be a list: ["shop:addPet"]')
  })

  test('an operation asked for in two ways is shown once', async () => {
    const asked = ['farm:GetAnimal', 'GET /animals/{id}', 'farm:GetAnimal']
    expect((await get(...asked)).operations.map(({ id }) => id)).toEqual(['farm:GetAnimal'])
  })

  test.each([
    [{ ids: [] }, 'ids'],
    [{ ids: ['1', '2', '3', '4', '5', '6'] }, 'ids'],
    [{ ids: 'shop:getOrder' }, 'ids'],
    [{}, 'ids'],
    [{ ids: ['a\u0000b'] }, 'ids.0'],
    [{ ids: ['shop:getOrder'], max_tokens: 1 }, 'max_tokens'],
    [{ ids: ['shop:getOrder'], include: ['everything'] }, 'include'],
  ])('%j is refused, naming %s', async (args, name) => {
    const answer = await server.call('get_operation', args)
    expect(answer).toMatchObject({ isError: true, text: expect.stringContaining(name) })
  })
})

describe('an answer', () => {
  let server: RawServer
  const names = Array.from({ length: 5 }, (_, n) => `twin${n}${'Named'.repeat(20)}`)

  beforeAll(async () => {
    server = await RawServer.start({
      ...(await storageSettings()),
      API_CATALOG_EMBEDDER: 'none',
    })
    const twins = names.flatMap((id) =>
      Array.from({ length: 12 }, (_, n) => [`GET /${id}/${n}`, { id }] as const),
    )
    const schemes = Array.from({ length: 20 }, (_, n) => `${n}[${'<scheme> '.repeat(20)}`)
    const security = schemes.map((name) => ({ [name]: ['scope'.repeat(30)] }))
    const locked = {
      id: 'locked',
      more: { security, deprecated: true, requestBody: { content: {} } },
    }
    await server.call('upload_spec', {
      content: openApi('Crowd', { ...Object.fromEntries(twins), 'POST /locked': locked }),
    })
  })

  test.each([200, 500, 1_500])(
    'costs at most %i tokens whatever was asked for',
    async (max_tokens) => {
      for (const ids of [
        names,
        ['locked'],
        ['locked', ...names.slice(1)],
        names.map((id) => `no-${id}`),
      ]) {
        const { text } = await server.call('get_operation', { ids, max_tokens })
        expect(text.length / CHARS_PER_TOKEN).toBeLessThanOrEqual(max_tokens)
      }
    },
  )

  test('says what is deprecated, and where it is served', async () => {
    const { text, facts } = await server.call('get_operation', { ids: ['locked'] })
    expect(text).toContain('## `crowd:locked` (write, deprecated)')
    expect(facts.operations[0]).toMatchObject({ deprecated: true, servers: ['https://api.test'] })
  })

  test.each([
    ['errors', '→ 404'],
    ['examples', 'example request'],
    ['schema', 'request schema:'],
    ['typescript', 'type RequestBody ='],
    ['curl', 'page=$page'],
  ])('has what is included: %s', async (name, part) => {
    const more = {
      parameters: [{ name: 'page', in: 'query' }],
      requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
      responses: { 200: { description: 'OK' }, 404: { description: 'None' } },
    }
    await server.call('upload_spec', {
      content: openApi('Rich', { 'POST /rich': { id: 'rich', more } }),
    })
    const usual = await server.call('get_operation', { ids: ['rich'] })
    const included = await server.call('get_operation', { ids: ['rich'], include: [name] })
    expect(usual.text).not.toContain(part)
    expect(included.text).toContain(part)
  })
})

describe('a large operation', () => {
  let server: RawServer

  beforeAll(async () => {
    server = await RawServer.start({
      ...(await storageSettings()),
      API_CATALOG_EMBEDDER: 'none',
    })
    await server.call('upload_spec', { content: largeSpec() })
  })

  test.each([
    [200, ['large:big']],
    [500, ['large:big', 'large:bigger', 'large:biggest']],
    [1_500, ['large:big', 'large:bigger', 'large:biggest']],
    [6_000, ['large:big']],
  ])('costs at most %i tokens: %j', async (max_tokens, ids) => {
    const { facts, text } = await server.call('get_operation', { ids, max_tokens })
    expect(facts.operations).toHaveLength(ids.length)
    expect(text.length / CHARS_PER_TOKEN).toBeLessThanOrEqual(max_tokens)
  })

  test('costs 1,500 tokens by default, says what was left out, and shows it when asked', async () => {
    const { facts, text } = await server.call('get_operation', { ids: ['large:big'] })
    expect(text.length / CHARS_PER_TOKEN).toBeLessThanOrEqual(1_500)
    expect(facts.operations[0].truncated).toBe(true)
    const [, expand] = /expand: "([^"]+)"/.exec(text) ?? []
    expect(expand).toBeDefined()
    const expanded = await server.call('get_operation', { ids: ['large:big'], expand })
    expect(expanded.facts.operations[0].contract).not.toBe(facts.operations[0].contract)
    expect(expanded.text.length / CHARS_PER_TOKEN).toBeLessThanOrEqual(1_500)
  })

  test('a type that contains itself comes to an end', async () => {
    const { facts } = await server.call('get_operation', { ids: ['large:tree'] })
    expect(facts.operations[0].contract).toContain('Tree')
    expect(facts.operations[0].contract.length).toBeLessThan(2_000)
  })
})

function largeSpec(): string {
  const schema = (name: string) => ({
    requestBody: {
      content: { 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } },
    },
  })
  const wide = (refs: string[]) => ({
    type: 'object',
    description: 'A part of it. '.repeat(20),
    properties: Object.fromEntries([
      ...Array.from({ length: 60 }, (_, n) => [
        `field_${n}`,
        { type: 'string', description: `The field with the number ${n}, at some length. ` },
      ]),
      ...refs.map((name) => [name.toLowerCase(), { $ref: `#/components/schemas/${name}` }]),
    ]),
  })
  const tree = {
    type: 'object',
    properties: { children: { type: 'array', items: { $ref: '#/components/schemas/Tree' } } },
  }
  return openApi(
    'Large',
    {
      'POST /big': { id: 'big', more: schema('Outer') },
      'POST /bigger': { id: 'bigger', more: schema('Outer') },
      'POST /biggest': { id: 'biggest', more: schema('Outer') },
      'POST /tree': { id: 'tree', more: schema('Tree') },
    },
    {
      components: {
        schemas: {
          Outer: wide(['Middle', 'Tree']),
          Middle: wide(['Inner']),
          Inner: wide([]),
          Tree: tree,
        },
      },
    },
  )
}
