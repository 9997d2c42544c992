import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dump } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { parseSpec } from '../../src/openapi/parse-spec.js'
import { refsOf } from '../../src/openapi/find-refs.js'
import { normalizePointer } from '../../src/openapi/json-pointer.js'
import type { OperationDefinition, ParsedSpec } from '../../src/openapi/parsed-spec.js'

const OK = { responses: { 200: { description: 'ok' } } }

function parse(parts: object, version = '3.1.0'): ParsedSpec {
  return parseSpec(
    JSON.stringify({ openapi: version, info: { title: 't', version: '1' }, ...parts }),
  )
}

const keys = (parsed: ParsedSpec) =>
  parsed.operations.map(({ method, path }) => `${method} ${path}`)
const codes = (parsed: ParsedSpec) => [...new Set(parsed.warnings.map(({ code }) => code))]

function definitionOf(parsed: ParsedSpec, index = 0): OperationDefinition {
  return JSON.parse(parsed.operations[index]?.definition ?? 'null') as OperationDefinition
}

function component(parsed: ParsedSpec, pointer: string): unknown {
  const found = parsed.components.find((one) => one.pointer === pointer)
  return found === undefined ? undefined : JSON.parse(found.definition)
}

describe('operations', () => {
  test('3.1 webhooks and path items, 3.2 query and other methods', () => {
    const parsed = parse(
      {
        paths: {
          '/p': { $ref: '#/components/pathItems/P', put: OK },
          '/s': { query: OK, additionalOperations: { COPY: OK, 'NOT OK': OK } },
        },
        webhooks: { newPet: { post: OK } },
        components: { pathItems: { P: { get: OK } } },
      },
      '3.2.0',
    )
    expect(keys(parsed)).toEqual(['GET /p', 'PUT /p', 'QUERY /s', 'COPY /s', 'POST webhook:newPet'])
  })

  test('a path and its parameters that name no same places are told of, each operation once', () => {
    const at = (name: string, place = 'path') => ({ name, in: place, schema: { type: 'string' } })
    const parsed = parse({
      paths: {
        '/a/{id}/{id}': { get: { ...OK, parameters: [at('idd'), at('q', 'query')] }, put: OK },
        '/b/{id}': { parameters: [at('id')], get: OK },
        '/c/{proxy+}': { get: { ...OK, parameters: [at('proxy')] } },
        '/d?q={q}': { get: { ...OK, parameters: [at('q', 'query')] } },
        '/e/{id}': { get: { ...OK, parameters: [{ $ref: '#/components/parameters/Gone' }] } },
        '/f': { get: { ...OK, parameters: [at('x')] } },
      },
    })
    const told = parsed.warnings.filter(({ code }) => code === 'BAD_TYPE')
    expect(told.map(({ pointer, message }) => [pointer, message])).toEqual([
      [
        '/paths/~1a~1{id}~1{id}/get/parameters',
        'Here `{id}` of the path has no parameter; parameter `idd` has no place in the path. A curl has the places of the path.',
      ],
      [
        '/paths/~1a~1{id}~1{id}/put/parameters',
        'Here `{id}` of the path has no parameter. A curl has the places of the path.',
      ],
      [
        '/paths/~1f/get/parameters',
        'Here parameter `x` has no place in the path. A curl has the places of the path.',
      ],
    ])
  })

  test('a method has its own field, else that of capitals or of other operations', () => {
    const one = (operationId: string) => ({ ...OK, operationId })
    const parsed = parse(
      {
        paths: {
          '/a': {
            additionalOperations: { get: one('other') },
            GET: one('capitals'),
            get: one('own'),
          },
          '/b': { additionalOperations: { get: one('other'), COPY: one('copy') } },
        },
      },
      '3.2.0',
    )
    expect(parsed.operations.map(({ operationId }) => operationId)).toEqual([
      'own',
      'other',
      'copy',
    ])
    const twice = parsed.warnings.filter(({ code }) => code === 'DUP_KEY')
    expect(twice.map(({ pointer }) => pointer)).toEqual([
      '/paths/~1a/additionalOperations/get',
      '/paths/~1a/GET',
    ])
  })

  test('beside the `$ref` of a path each parameter replaces that of the same name and place', () => {
    const parameter = (name: string, place: string, description: string) => ({
      name,
      in: place,
      description,
    })
    const shared = [parameter('id', 'path', 'theirs'), parameter('q', 'header', 'theirs')]
    const own = [parameter('id', 'path', 'own'), parameter('q', 'query', 'own')]
    const parsed = parse({
      paths: { '/{id}': { $ref: '#/components/pathItems/P', parameters: own } },
      components: { pathItems: { P: { parameters: shared, get: OK } } },
    })
    expect(definitionOf(parsed).operation['parameters']).toEqual([shared[1], ...own])
  })

  test('3.2 tags are found by those that they lie in too, whatever circles they make', () => {
    const parsed = parse(
      {
        tags: [
          { name: 'walks', parent: 'dogs', kind: 'nav' },
          { name: 'dogs', parent: 'pets' },
          { name: 'pets', parent: 'walks' },
          { name: 'alone' },
          7,
        ],
        paths: { '/a': { get: { ...OK, tags: ['walks'] }, put: { ...OK, tags: ['alone'] } } },
      },
      '3.2.0',
    )
    expect(parsed.operations.map(({ tags }) => tags)).toEqual([
      ['walks', 'dogs', 'pets'],
      ['alone'],
    ])
  })

  test('3.2 media types by reference, parts named by the address of the document', () => {
    const $self = 'https://api.test/openapi.json'
    const parsed = parseSpec(
      JSON.stringify({
        openapi: '3.2.0',
        $self,
        info: { title: 't', version: '1' },
        paths: {
          '/a': {
            post: {
              requestBody: { content: { 'text/json': { $ref: '#/components/mediaTypes/Pet' } } },
              responses: { 200: { $ref: `${$self}#/components/responses/Pets` } },
            },
          },
        },
        components: {
          mediaTypes: {
            Pet: { schema: { type: 'object', properties: { name: {} } } },
            Pets: { itemSchema: { title: 'Pet', type: 'string' } },
          },
          responses: {
            Pets: { content: { 'application/jsonl': { $ref: '#/components/mediaTypes/Pets' } } },
          },
        },
      }),
    )
    expect(parsed.operations).toMatchObject([
      { bodyProperties: ['name'], signature: '(body?: {name?}) → stream of string' },
    ])
    expect(parsed.warnings.map(({ code }) => code)).toEqual(['NO_SERVERS'])
  })

  test.each([
    ['openapi: 3.1\ninfo: {title: t, version: 2.0}\npaths: {}', '3.1', '2.0'],
    ['swagger: 2.0\ninfo:\n  title: t\n  version: 1.10\npaths: {}', '2.0', '1.10'],
    ['{"openapi": 3, "info": {"title": "t", "version": 3.100}, "paths": {}}', '3.0', '3.100'],
    ['openapi: 3.0.0\ninfo: {title: t, version: 0x10}\npaths: {}', '3.0.0', '16'],
  ])('numbers for versions stay as they are written: %j', (text, dialect, version) => {
    const parsed = parseSpec(text)
    expect(parsed).toMatchObject({ dialect, version })
    expect(parsed.warnings.map(({ code }) => code)).toContain('VERSION_COERCED')
  })

  test("Azure's paths that differ in their query are paths like others", () => {
    const parsed = parse({
      servers: [{ url: 'https://h.test' }],
      paths: { '/vms': { post: OK } },
      'x-ms-paths': { '/vms?op=start': { post: OK }, '/vms': { post: OK } },
    })
    expect(keys(parsed)).toEqual(['POST /vms', 'POST /vms?op=start'])
    expect(parsed.warnings).toMatchObject([{ code: 'DUP_KEY', pointer: '/x-ms-paths/~1vms/post' }])
  })

  test('webhooks need no server, calls beside them do', () => {
    const webhooks = { newPet: { post: OK } }
    expect(codes(parse({ webhooks }))).toEqual([])
    expect(codes(parse({ webhooks, paths: { '/a': { get: OK } } }))).toEqual(['NO_SERVERS'])
  })

  test('a newer 3.x is read with a warning', () => {
    const parsed = parse({ paths: { '/a': { get: OK } } }, '3.3.0')
    expect(keys(parsed)).toEqual(['GET /a'])
    expect(codes(parsed)).toContain('FUTURE_VERSION')
  })

  test('equal ids, equal templates and fragments in paths stay apart', () => {
    const paths = {
      '/u/{id}': { get: { ...OK, operationId: 'x' } },
      '/u/{name}': { get: { ...OK, operationId: 'x' } },
      '/#Action=A': { get: OK },
      '/#Action=B': { get: OK },
      '/?x=1': { get: OK },
    }
    const parsed = parse({ paths })
    expect(parsed.operations).toHaveLength(5)
    expect(codes(parsed)).toEqual(expect.arrayContaining(['DUP_OPERATION_ID', 'SAME_TEMPLATE']))
  })

  test('the path gives parameters, an operation replaces those of the same name and place', () => {
    const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' } }
    const shared = { name: 'q', in: 'query', description: 'of the path' }
    const own = { name: 'q', in: 'query', description: 'own' }
    const paths = {
      '/{id}': {
        parameters: [id, { $ref: '#/components/parameters/Q' }],
        get: { ...OK, parameters: [own] },
        delete: OK,
        post: { ...OK, parameters: [] },
        put: { parameters: [{ name: 'v', in: 'query' }], ...OK },
      },
    }
    const parsed = parse({ paths, components: { parameters: { Q: shared } } })
    expect(definitionOf(parsed, 0).operation['parameters']).toEqual([id, own])
    expect(definitionOf(parsed, 1).operation['parameters']).toHaveLength(2)
    expect(definitionOf(parsed, 2).operation['parameters']).toHaveLength(2)
    expect(parsed.operations.map(({ parameters }) => parameters)).toEqual([
      ['id', 'q'],
      ['id', 'q'],
      ['id', 'q'],
      ['id', 'q', 'v'],
    ])
  })

  test('parameters behind a reference are a list too, others a warning', () => {
    const list = [{ name: 'limit', in: 'query' }]
    const paths = {
      '/a': { parameters: { $ref: '#/x-lists/page' }, get: OK, put: { ...OK, parameters: [] } },
      '/b': { post: { ...OK, parameters: { $ref: '#/x-lists/page' } } },
      '/c': { parameters: { name: 'wrong' }, get: OK },
    }
    const parsed = parse({ paths, 'x-lists': { page: list } })
    expect([0, 1, 2].map((at) => definitionOf(parsed, at).operation['parameters'])).toEqual([
      list,
      list,
      list,
    ])
    expect(parsed.operations.map(({ parameters }) => parameters.join())).toEqual([
      'limit',
      'limit',
      'limit',
      '',
    ])
    const wrong = parsed.warnings.filter(({ code }) => code === 'BAD_TYPE')
    expect(wrong.map(({ pointer }) => pointer)).toEqual(['/paths/~1c/parameters'])
  })

  test('servers and security are those of the nearest level', () => {
    const parsed = parse({
      servers: [{ url: 'https://root' }],
      security: [{ Key: [] }],
      paths: {
        '/a': { get: OK },
        '/b': { servers: [{ url: 'https://path' }], get: { ...OK, security: [] } },
        '/c': { get: { ...OK, servers: [{ url: 'https://own' }] } },
      },
    })
    expect([0, 1, 2].map((at) => definitionOf(parsed, at).servers)).toEqual([
      [{ url: 'https://root' }],
      [{ url: 'https://path' }],
      [{ url: 'https://own' }],
    ])
    expect([0, 1].map((at) => definitionOf(parsed, at).security)).toEqual([[{ Key: [] }], []])
    expect(definitionOf(parse({ paths: { '/a': { get: OK } } })).security).toBeNull()
  })

  test('body properties come through references, arrays and compositions', () => {
    const schema = {
      items: { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { own: {} } }] },
    }
    const parsed = parse({
      paths: { '/a': { post: { ...OK, requestBody: { $ref: '#/components/requestBodies/B' } } } },
      components: {
        requestBodies: { B: { content: { 'application/json': { schema } } } },
        schemas: { Base: { properties: { id: {} }, oneOf: [{ properties: { kind: {} } }] } },
      },
    })
    expect(parsed.operations[0]?.bodyProperties.toSorted()).toEqual(['id', 'kind', 'own'])
  })
})

describe('components', () => {
  const ref = ($ref: string) => ({
    '/a': {
      get: { responses: { 200: { content: { 'application/json': { schema: { $ref } } } } } },
    },
  })

  test.each([
    ['#/components/schemas/a~1b~0c%20d', '#/components/schemas/a~1b~0c d'],
    ['#/components/schemas/Tree/properties/x', '#/components/schemas/Tree/properties/x'],
    ['#/x-shared/0', '#/x-shared/0'],
    ['#Pet', '#Pet'],
    ['#/components/schemas/Alias/properties/x', '#/components/schemas/Alias/properties/x'],
  ])('%s is kept as %s', ($ref, pointer) => {
    const target = { type: 'string', title: 'here' }
    const parsed = parse({
      paths: ref($ref),
      'x-shared': [target],
      components: {
        schemas: {
          'a/b~c d': target,
          Tree: { properties: { x: target } },
          Alias: { $ref: '#/components/schemas/Tree' },
          Anchored: { ...target, $anchor: 'Pet' },
        },
      },
    })
    expect(normalizePointer($ref)).toBe(pointer)
    expect(component(parsed, pointer)).toMatchObject(target)
    expect(codes(parsed)).not.toContain('DANGLING_REF')
  })

  test('boolean schemas and references into paths are components', () => {
    const parsed = parse({
      paths: {
        ...ref('#/components/schemas/A'),
        '/y': { get: { responses: { 200: { $ref: '#/paths/~1a/get/responses/200' } } } },
      },
      components: { schemas: { A: true } },
    })
    expect(component(parsed, '#/components/schemas/A')).toBe(true)
    expect(component(parsed, '#/paths/~1a/get/responses/200')).toBeDefined()
    expect(parsed.operations[1]?.signature).toBe('() → A')
  })

  test('each is kept once, and everything that components refer to as well', () => {
    const link = (name: string) => ({
      properties: { next: { $ref: `#/components/schemas/${name}` } },
    })
    const schemas = { A: link('B'), B: link('C'), C: link('A') }
    const parsed = parse({ paths: ref('#/components/schemas/A'), components: { schemas } })
    expect(parsed.components.map(({ pointer }) => pointer).toSorted()).toEqual([
      '#/components/schemas/A',
      '#/components/schemas/B',
      '#/components/schemas/C',
    ])
  })

  test('security schemes are components, and refsOf names those an operation needs', () => {
    const parsed = parse({
      paths: { '/a': { get: { ...OK, security: [{ Key: [] }] } } },
      components: { securitySchemes: { Key: { type: 'apiKey', in: 'header', name: 'X' } } },
    })
    expect(component(parsed, '#/components/securitySchemes/Key')).toMatchObject({ name: 'X' })
    expect(refsOf(definitionOf(parsed))).toContain('#/components/securitySchemes/Key')
  })

  test('references in examples are data: no warning, no component', () => {
    const parsed = parse({
      paths: { '/a': { get: { ...OK, 'x-y': { $ref: 'a.json' } } } },
    })
    expect(codes(parsed)).not.toContain('EXTERNAL_REF')
    expect(refsOf({ example: { $ref: '#/a' }, properties: { example: { $ref: '#/b' } } })).toEqual([
      '#/b',
    ])
  })
})

describe('a map that is one reference', () => {
  const paths = {
    '/a': { get: { responses: { 200: { description: 'one' }, default: { description: 'two' } } } },
    '/b': {
      get: { responses: { $ref: '#/paths/~1a/get/responses', 404: { description: 'own' } } },
    },
    '/c': {
      put: {
        requestBody: { content: { $ref: '#/x-json' } },
        responses: { 200: { description: 'ok', headers: { $ref: '#/x-more/headers' } } },
      },
    },
  }
  const more = {
    'x-json': { 'application/json': { schema: { $ref: '#/components/schemas/Tree' } } },
    'x-more': { headers: { Etag: { schema: { type: 'string' } } } },
    components: {
      schemas: {
        Tree: {
          properties: {
            name: {},
            content: { $ref: '#/components/schemas/content' },
            child: { properties: { $ref: '#/components/schemas/Tree/properties' } },
          },
        },
        content: { type: 'string' },
      },
    },
  }

  test.each([
    ['in JSON', (document: object) => JSON.stringify(document)],
    ['in YAML', (document: object) => dump(document)],
  ])('is one to each of its entries, in circles too, %s', (_, write) => {
    const head = { openapi: '3.1.0', info: { title: 't', version: '1' } }
    const parsed = parseSpec(
      write({ ...head, servers: [{ url: 'https://h.test' }], paths, ...more }),
    )
    expect(parsed.warnings).toEqual([])
    expect(definitionOf(parsed, 1).operation['responses']).toEqual({
      200: { $ref: '#/paths/~1a/get/responses/200' },
      404: { description: 'own' },
      default: { $ref: '#/paths/~1a/get/responses/default' },
    })
    expect(parsed.operations[2]).toMatchObject({ bodyProperties: ['name', 'content', 'child'] })
    expect(definitionOf(parsed, 2).operation['responses']).toMatchObject({
      200: { headers: { Etag: { $ref: '#/x-more/headers/Etag' } } },
    })
    expect(component(parsed, '#/components/schemas/Tree')).toMatchObject({
      properties: {
        content: { $ref: '#/components/schemas/content' },
        child: {
          properties: { child: { $ref: '#/components/schemas/Tree/properties/child' } },
        },
      },
    })
  })

  test('copies a map that thousands refer to at most so often', () => {
    const many = (count: number, one: (n: number) => unknown) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, one(n)]))
    const parsed = parse({
      'x-all': many(2_000, () => ({ description: 'd' })),
      paths: many(2_000, () => ({ get: { responses: { $ref: '#/x-all' } } })),
    })
    const sizes = parsed.operations.map(({ definition }) => definition.length)
    expect(sizes.filter((size) => size > 10_000)).toHaveLength(100)
  })
})

describe('the way a document is written does not change what is read', () => {
  const file = createRequire(import.meta.url).resolve('@blockfrost/openapi/openapi.yaml')
  const yaml = readFileSync(file)
  const fromYaml = parseSpec(yaml)
  const meaning = (parsed: ParsedSpec) => ({
    operations: parsed.operations.map((one) => ({
      ...one,
      definition: JSON.parse(one.definition) as unknown,
    })),
    components: new Map(
      parsed.components.map((one) => [one.pointer, JSON.parse(one.definition) as unknown]),
    ),
    codes: codes(parsed),
  })

  test('a real YAML document', () => {
    expect(fromYaml.operations.length).toBeGreaterThan(100)
    expect(fromYaml.operations.every(({ signature }) => signature.length <= 120)).toBe(true)
    expect(codes(fromYaml)).not.toContain('DANGLING_REF')
  })

  test('the same as JSON, with spaces and without', async () => {
    const { load } = await import('js-yaml')
    const value = load(yaml.toString('utf8'))
    const compact = meaning(parseSpec(JSON.stringify(value)))
    const spaced = meaning(parseSpec(JSON.stringify(value, null, 2)))
    expect(compact).toEqual(spaced)
    expect(compact.operations).toEqual(meaning(fromYaml).operations)
  })
})

test('a warning shows no character that a reader would not see', () => {
  const { warnings } = parseSpec(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      paths: { '/a\u202e\u{E0049}\u0000b': { get: { responses: { 200: { $ref: '#/x\u200b' } } } } },
    }),
  )
  expect(warnings.length).toBeGreaterThan(0)
  expect(JSON.stringify(warnings)).not.toMatch(/[\p{Cc}\p{Cf}]|\\u0000/u)
})

describe('JSON that is read part by part', () => {
  const operation = '{"responses":{"200":{"description":"ok"}}}'
  const inText = (paths: string, components = '{}') =>
    `{"openapi":"3.1.0","info":{"title":"t","version":"1"},"paths":${paths},"components":${components}}`

  test('is refused with the place of a fault that only one of its parts has', () => {
    const broken = inText(`{"/a":{"get":${operation.replace(':"ok"', ' "ok"')}}}`)
    expect(() => parseSpec(broken)).toThrow(/^NOT_PARSABLE: line 1, column/)
  })

  test('is refused too where no reference leads to the broken part', () => {
    const broken = inText(
      `{"/a":{"get":${operation}}}`,
      '{"schemas":{"Unused":{"type":"string" 1}}}',
    )
    expect(() => parseSpec(broken)).toThrow(/^NOT_PARSABLE/)
  })

  test('has the operations of a path that is a reference to another, and its own', () => {
    const paths = `{"/a":{"get":${operation}},"/b":{"$ref":"#/paths/~1a","post":{"summary":"mine"}}}`
    const { operations } = parseSpec(inText(paths))
    expect(operations.map(({ method, path, summary }) => [method, path, summary])).toEqual([
      ['GET', '/a', null],
      ['GET', '/b', null],
      ['POST', '/b', 'mine'],
    ])
    expect(JSON.parse(operations[1]?.definition ?? '')).toMatchObject({
      operation: JSON.parse(operation) as unknown,
    })
  })

  test('says the same however its keys and texts are escaped', () => {
    const paths = (key: string, slash: string) =>
      `{"/a/{b}":{"parameters":[{"name":"b","in":"path","required":true}],"get":{${key}:[{"name":"c","in":"query"}],` +
      `"externalDocs":{"url":"https:${slash}${slash}a.b"},"responses":{"200":{"$ref":"#/components/responses/R"}}}}}`
    const components = '{"responses":{"R":{"description":"é"}}}'
    const plain = parseSpec(inText(paths('"parameters"', '/'), components))
    expect(plain.components.map(({ pointer }) => pointer)).toEqual(['#/components/responses/R'])
    expect(parseSpec(inText(paths('"parameters"', '\\/'), components))).toEqual(plain)
    const odd = inText(paths('"p\\u0061rameters"', '/'), components.replace('é', '\\u00e9'))
    expect(definitionOf(parseSpec(odd))).toEqual(definitionOf(plain))
    const oddRefs = parseSpec(odd.replace('"$ref"', '"\\u0024ref"'))
    expect(oddRefs.components).toEqual(plain.components)
  })
})

describe('a document that is made to take time', () => {
  const many = <T>(count: number, one: (n: number) => T) =>
    Array.from({ length: count }, (_, n) => one(n))

  test('has warnings of bounded length, however long its keys are', () => {
    const dangling = { allOf: many(300, (n) => ({ $ref: `#/components/schemas/N${n}` })) }
    const schema = { properties: { ['k'.repeat(100_000)]: dangling } }
    const content = { 'application/json': { schema } }
    const { warnings } = parse({ paths: { '/a': { get: { responses: { 200: { content } } } } } })
    expect(JSON.stringify(warnings).length).toBeLessThan(1_000_000)
    expect(warnings.length).toBeGreaterThan(200)
  })

  test('copies the parameters of a path that thousands refer to at most so often', () => {
    const parameters = many(10_000, (n) => ({ name: `p${n}`, in: 'query' }))
    const others = many(5_000, (n) => [`/b${n}`, { $ref: '#/paths/~1a', parameters: [] }] as const)
    const paths = { '/a': { get: OK, parameters }, ...Object.fromEntries(others) }
    expect(() => parse({ paths })).toThrow(/^TOO_LARGE/)
  })

  test('looks for anchors that are not there once, where a schema has an address', () => {
    const refs = many(20_000, () => ({ $ref: '#nope' }))
    const schemas = { A: { $id: 'http://x/a', allOf: refs } }
    expect(codes(parse({ paths: {}, components: { schemas } }))).not.toContain('CIRCULAR_REF')
  })

  test('finds addresses under keys of any length', () => {
    const refs = many(20_000, () => ({ $ref: 'http://x/a' }))
    const schemas = { A: { $id: 'http://x/a', properties: { ['k'.repeat(200_000)]: refs } } }
    expect(
      parse({ paths: { '/a': { get: OK } }, components: { schemas } }).operations,
    ).toHaveLength(1)
  })
})

test.each([
  ['200', '()'],
  ['201', '()'],
  ['default', '()'],
  ['204', '() → nothing'],
  ['205', '() → nothing'],
])('an answer %s without content has the signature %s', (status, signature) => {
  const operation = { responses: { [status]: { description: 'Done' } } }
  const parsed = parseSpec(
    JSON.stringify({ openapi: '3.1.0', info: { title: 't' }, paths: { '/a': { get: operation } } }),
  )
  expect(parsed.operations[0]?.signature).toBe(signature)
})

test('a document that describes nothing is taken, and said to', () => {
  const codesOf = (more: object) =>
    parseSpec(JSON.stringify({ openapi: '3.1.0', info: { title: 't' }, ...more })).warnings.map(
      ({ message }) => message,
    )
  expect(codesOf({})).toEqual([expect.stringContaining('so it describes nothing. Check that')])
  expect(codesOf({ paths: {} })).toEqual([])
  expect(codesOf({ components: {} })).toEqual([])
})

describe('a part that is lost to a slip is told of, with its place', () => {
  const warningsOf = (operation: string, text = '') =>
    parseSpec(
      `openapi: 3.0.3\ninfo: {title: t, version: "1"}\nservers: [{url: https://x.test}]\npaths:\n` +
        `  /a:\n    get:\n${operation}${text}`,
    ).warnings.map(({ code, pointer, message }) => [code, pointer, message.slice(0, 26)])

  test('a reference without quotes is a comment in YAML', () => {
    const told = warningsOf(`      parameters:
        - $ref: #/parameters/Page
        - {in: query, name: q}
      responses: {'200': {description: ok, content: {text/plain: {schema: {$ref: null}}}}}
`)
    expect(told).toEqual([
      ['BAD_TYPE', '/paths/~1a/get/parameters/0', '`$ref` must be text, so no'],
      [
        'BAD_TYPE',
        '/paths/~1a/get/responses/200/content/text~1plain/schema',
        '`$ref` must be text, so no',
      ],
    ])
  })

  test('an example, and a property of that name, are none', () => {
    expect(
      warningsOf(`      responses:
        '200':
          description: ok
          content:
            application/json:
              example: {$ref: 1}
              schema: {type: object, properties: {$ref: {type: string}}}
`),
    ).toEqual([])
  })

  test('a parameter without a name', () => {
    const told = warningsOf('      parameters: [{in: query, schema: {}}]\n      responses: {}\n')
    expect(told).toEqual([['BAD_TYPE', '/paths/~1a/get/parameters', 'A parameter without a `nam']])
  })

  test('a status that is not indented below `responses`', () => {
    const told = warningsOf("      responses:\n      '204': {description: gone}\n")
    expect(told).toEqual([['BAD_TYPE', '/paths/~1a/get/responses', '`responses` is empty, and ']])
  })
})

test('a reference with an escape that JSON has not is refused with its place', () => {
  const broken = String.raw`{"openapi":"3.0.0","info":{"title":"t","version":"1"},"paths":{"/a":{"$ref":"#\/x\y"}}}`
  for (const input of [broken, Buffer.from(broken)]) {
    expect(() => parseSpec(input)).toThrow(/^NOT_PARSABLE: .*column \d+/)
  }
})
