import { describe, expect, test } from 'vitest'
import { parseSpec } from '../../src/openapi/parse-spec.js'
import type { OperationDefinition } from '../../src/openapi/parsed-spec.js'

const SPEC = {
  swagger: '2.0',
  info: { title: 'old', version: '1' },
  host: 'api.x.com',
  basePath: '/v1',
  schemes: ['http', 'https'],
  consumes: ['application/json'],
  produces: ['application/json'],
  paths: {
    '/up': {
      parameters: [{ $ref: '#/parameters/Limit' }],
      post: {
        operationId: 'up',
        consumes: ['multipart/form-data'],
        parameters: [
          { in: 'formData', name: 'file', type: 'file', required: true },
          { in: 'formData', name: 'note', type: 'string', description: 'a note' },
        ],
        responses: { 200: { description: 'ok', schema: { type: 'file' } } },
      },
      put: {
        schemes: ['wss'],
        parameters: [{ $ref: '#/parameters/Body' }],
        responses: { 200: { $ref: '#/responses/Pet' } },
      },
    },
  },
  parameters: {
    Limit: { in: 'query', name: 'limit', type: 'integer', maximum: 9, collectionFormat: 'multi' },
    Body: { in: 'body', name: 'b', required: true, schema: { $ref: '#/definitions/Pet' } },
  },
  responses: {
    Pet: {
      description: 'a pet',
      schema: { $ref: '#/definitions/Pet' },
      examples: { 'application/json': { name: 'Rex' } },
      headers: { 'X-Left': { type: 'integer' } },
    },
  },
  definitions: {
    Pet: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  },
  securityDefinitions: {
    Basic: { type: 'basic' },
    Key: { type: 'apiKey', in: 'query', name: 'k' },
    OAuth: { type: 'oauth2', flow: 'accessCode', tokenUrl: 'https://t', scopes: { read: 'r' } },
  },
}

describe('Swagger 2.0 is read in the words of OpenAPI 3', () => {
  const parsed = parseSpec(JSON.stringify(SPEC))
  const [post, put] = parsed.operations.map(
    ({ definition }) => JSON.parse(definition) as OperationDefinition,
  )
  const component = (pointer: string) =>
    JSON.parse(
      parsed.components.find((one) => one.pointer === pointer)?.definition ?? 'null',
    ) as unknown

  test('host, base path and schemes are servers, https first', () => {
    expect(post?.servers).toEqual([{ url: 'https://api.x.com/v1' }, { url: 'http://api.x.com/v1' }])
    expect(put?.servers).toEqual([{ url: 'wss://api.x.com/v1' }])
    expect(parsed.dialect).toBe('2.0')
  })

  test.each([
    ['https://x.com', [], 'https://x.com/v1'],
    ['http://x.com/', undefined, 'http://x.com/v1'],
    ['http://x.com:8080/api/', ['https'], 'https://x.com:8080/api/v1'],
    ['//x.com', ['ws', 'http'], 'http://x.com/v1'],
    ['x.com:80', [], 'https://x.com:80/v1'],
  ])('the host %s with the schemes %j', (host, schemes, url) => {
    const { operations } = parseSpec(JSON.stringify({ ...SPEC, host, schemes }))
    const { servers } = JSON.parse(operations[0]?.definition ?? '') as OperationDefinition
    expect(servers[0]).toEqual({ url })
  })

  test('form fields are a body', () => {
    expect(post?.operation['requestBody']).toEqual({
      required: true,
      content: {
        'multipart/form-data': {
          schema: {
            type: 'object',
            properties: {
              file: { type: 'file' },
              note: { type: 'string', description: 'a note' },
            },
            required: ['file'],
          },
        },
      },
    })
    expect(parsed.operations[0]?.bodyProperties).toEqual(['file', 'note'])
  })

  test('shared parameters, bodies and responses stand in their places', () => {
    expect(post?.operation['parameters']).toEqual([
      {
        in: 'query',
        name: 'limit',
        explode: true,
        schema: { type: 'integer', maximum: 9, collectionFormat: 'multi' },
      },
    ])
    expect(put?.operation['requestBody']).toEqual({
      required: true,
      content: { 'application/json': { schema: { $ref: '#/definitions/Pet' } } },
    })
    expect(put?.operation['responses']).toEqual({
      200: {
        description: 'a pet',
        content: {
          'application/json': { schema: { $ref: '#/definitions/Pet' }, example: { name: 'Rex' } },
        },
        headers: { 'X-Left': { schema: { type: 'integer' } } },
      },
    })
    expect(parsed.operations.map(({ signature }) => signature)).toEqual([
      '(body: {file, note?}, …) → binary',
      '(body: {name}, …) → Pet',
    ])
  })

  test('definitions and security schemes are components', () => {
    expect(component('#/definitions/Pet')).toEqual(SPEC.definitions.Pet)
    expect(component('#/components/securitySchemes/Basic')).toEqual({
      type: 'http',
      scheme: 'basic',
    })
    expect(component('#/components/securitySchemes/OAuth')).toEqual({
      type: 'oauth2',
      flows: { authorizationCode: { tokenUrl: 'https://t', scopes: { read: 'r' } } },
    })
  })

  test('body and form fields together, no types named, no host', () => {
    const both = parseSpec(
      JSON.stringify({
        swagger: '2.0',
        basePath: 'v2',
        paths: {
          '/a': {
            post: {
              parameters: [
                { in: 'formData', name: 'f', type: 'file' },
                { in: 'body', name: 'b', schema: { type: 'object' } },
              ],
            },
          },
        },
      }),
    )
    const { operation, servers } = JSON.parse(
      both.operations[0]?.definition ?? '',
    ) as OperationDefinition
    expect(Object.keys((operation['requestBody'] as { content: object }).content)).toEqual([
      'application/json',
      'multipart/form-data',
    ])
    expect(servers).toEqual([{ url: '/v2' }])
  })
})

describe("parts in 2.0's words in a document of OpenAPI 3", () => {
  const { operations, warnings } = parseSpec(
    JSON.stringify({
      openapi: '3.0.3',
      info: { title: 'half', version: '1' },
      servers: [{ url: 'https://api.x.com' }],
      paths: {
        '/pets/{id}': {
          parameters: [{ in: 'path', name: 'id', required: true, type: 'integer' }],
          put: {
            consumes: ['application/xml'],
            parameters: [{ in: 'body', name: 'b', required: true, schema: { type: 'string' } }],
            responses: {
              200: { description: 'ok', schema: { $ref: '#/definitions/Pet' } },
              404: { description: 'none', content: { 'text/plain': { schema: {} } } },
            },
          },
          get: {
            parameters: [{ in: 'query', name: 'q', content: { 'application/json': {} } }],
            responses: { 200: { description: 'ok' } },
          },
          post: {
            parameters: [{ in: 'formData', name: 'f', type: 'string' }],
            requestBody: { content: { 'application/json': { schema: { type: 'object' } } } },
          },
        },
        '/new': { get: { responses: { 200: { description: 'ok', content: {} } } } },
      },
      definitions: { Pet: { type: 'object' } },
    }),
  )
  const [put, get, post] = operations.map(
    ({ definition }) => (JSON.parse(definition) as OperationDefinition).operation,
  )

  test('are read as 2.0 means them', () => {
    expect(put).toMatchObject({
      parameters: [{ in: 'path', name: 'id', required: true, schema: { type: 'integer' } }],
      requestBody: {
        required: true,
        content: { 'application/xml': { schema: { type: 'string' } } },
      },
    })
    const pet = { schema: { $ref: '#/definitions/Pet' } }
    expect(put?.['responses']).toMatchObject({ 200: { content: { 'application/json': pet } } })
  })

  test('leave what is in the words of 3 as it is', () => {
    expect(put?.['responses']).toMatchObject({ 404: { content: { 'text/plain': { schema: {} } } } })
    expect(get?.['parameters']).toContainEqual(
      expect.objectContaining({ name: 'q', content: { 'application/json': {} } }),
    )
    expect(post?.['requestBody']).toEqual({
      content: { 'application/json': { schema: { type: 'object' } } },
    })
  })

  test('are told of, where they are', () => {
    const told = warnings.filter(({ message }) => message.startsWith('Swagger 2.0 has'))
    expect(told.map(({ code, pointer }) => [code, pointer])).toEqual([
      ['BAD_TYPE', '/paths/~1pets~1{id}/put'],
      ['BAD_TYPE', '/paths/~1pets~1{id}/get'],
      ['BAD_TYPE', '/paths/~1pets~1{id}/post'],
    ])
  })
})

test('servers of OpenAPI 3 count in a 2.0 document without a host', () => {
  const servers = [{ url: 'https://api.x.com/v1' }]
  const { operations, warnings } = parseSpec(
    JSON.stringify({
      swagger: '2.0',
      info: { title: 'half', version: '1' },
      servers,
      paths: { '/a': { get: { responses: {} } } },
    }),
  )
  const { servers: read } = JSON.parse(operations[0]?.definition ?? '') as OperationDefinition
  expect(read).toEqual(servers)
  expect(warnings).toEqual([])
})
