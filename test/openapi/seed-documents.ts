import { load } from 'js-yaml'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

export type Json = Record<string, unknown>

/** What the fuzz test damages: pieces of a real document, and one in each other dialect. */
export function seedDocuments(): Json[] {
  return [...realPieces(), SWAGGER_2, OPENAPI_31, OPENAPI_32]
}

const PIECES = 8

/** Paths of a real OpenAPI 3.0 document, each with the components that it reaches: small, so fast. */
function realPieces(): Json[] {
  const file = createRequire(import.meta.url).resolve('@blockfrost/openapi/openapi.yaml')
  const whole = load(readFileSync(file, 'utf8')) as Json
  const paths = Object.entries(whole['paths'] as Json)
  const step = Math.floor(paths.length / PIECES)
  return Array.from({ length: PIECES }, (_, n) => {
    const { openapi, servers, security } = whole
    const [path, item] = paths[n * step] ?? []
    const piece = {
      openapi,
      info: { title: 'Real' },
      servers,
      security,
      paths: { [`${path}`]: item },
    }
    return { ...piece, components: reachedComponents(piece, whole['components'] as Json) }
  })
}

function reachedComponents(piece: Json, components: Json): Json {
  const reached: Record<string, Json> = {
    securitySchemes: (components['securitySchemes'] ?? {}) as Json,
  }
  const open: unknown[] = [piece['paths']]
  for (let value = open.pop(); value !== undefined; value = open.pop()) {
    for (const [, kind = '', name = ''] of JSON.stringify(value).matchAll(REF)) {
      const target = (components[kind] as Json | undefined)?.[name]
      const group = (reached[kind] ??= {})
      if (target === undefined || name in group) continue
      group[name] = target
      open.push(target)
    }
  }
  return reached
}

const REF = /"\$ref":"#\/components\/(\w+)\/([\w.-]+)"/g

const SWAGGER_2: Json = {
  swagger: '2.0',
  info: { title: 'Old', version: 1.1 },
  host: 'x.com',
  basePath: '/v1',
  schemes: ['https', 'http'],
  consumes: ['application/json'],
  produces: ['application/json', 'application/xml'],
  securityDefinitions: {
    Basic: { type: 'basic' },
    OAuth: { type: 'oauth2', flow: 'application', tokenUrl: '/token', scopes: { read: 'r' } },
  },
  parameters: { limit: { name: 'limit', in: 'query', type: 'integer', default: 5 } },
  responses: { Missing: { description: 'Not there', schema: { $ref: '#/definitions/Error' } } },
  definitions: {
    Error: { type: 'object', properties: { code: { type: 'integer' } } },
    Pet: {
      allOf: [{ $ref: '#/definitions/Error' }],
      discriminator: 'kind',
      required: ['kind'],
      properties: { kind: { type: 'string' }, parent: { $ref: '#/definitions/Pet' } },
    },
  },
  paths: {
    '/pets/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, type: 'string' }],
      get: {
        operationId: 'getPet',
        parameters: [
          { $ref: '#/parameters/limit' },
          {
            name: 'tags',
            in: 'query',
            type: 'array',
            items: { type: 'string' },
            collectionFormat: 'pipes',
          },
        ],
        security: [{ Basic: [] }, { OAuth: ['read'] }],
        responses: {
          200: { schema: { $ref: '#/definitions/Pet' } },
          404: { $ref: '#/responses/Missing' },
        },
      },
      put: {
        parameters: [
          { name: 'pet', in: 'body', required: true, schema: { $ref: '#/definitions/Pet' } },
        ],
        responses: {
          default: { description: 'd', examples: { 'application/json': { kind: 'x' } } },
        },
      },
      post: {
        consumes: ['multipart/form-data'],
        parameters: [
          { name: 'photo', in: 'formData', type: 'file', required: true },
          { name: 'note', in: 'formData', type: 'string', default: "it's" },
        ],
        responses: { 204: { description: 'Done' } },
      },
    },
  },
}

const OPENAPI_31: Json = {
  openapi: '3.1.0',
  info: { title: 'New', version: '2' },
  servers: [
    {
      url: 'https://{region}.x.com/{v}',
      variables: { region: { default: 'eu', enum: ['eu', 'us'] } },
    },
    { url: '/relative' },
  ],
  security: [{ Key: [], Cert: [] }, {}],
  paths: { '/tree/{id}': { $ref: '#/components/pathItems/Tree' } },
  webhooks: {
    grown: { post: { requestBody: { $ref: '#/components/requestBodies/Leaf' }, responses: {} } },
  },
  components: {
    pathItems: {
      Tree: {
        parameters: [{ $ref: '#/components/parameters/id' }],
        get: {
          summary: 'Read a tree',
          responses: { '2XX': { content: { 'application/json': { schema: { $ref: '#tree' } } } } },
        },
        patch: {
          deprecated: true,
          requestBody: { $ref: '#/components/requestBodies/Leaf' },
          responses: { 200: { $ref: '#/components/responses/Ok' } },
          callbacks: { done: { '{$request.body#/url}': { post: { responses: {} } } } },
        },
      },
    },
    parameters: {
      id: { name: 'id', in: 'path', required: true, schema: { type: ['string', 'null'] } },
    },
    requestBodies: {
      Leaf: {
        content: {
          'application/json': {
            schema: { $ref: '#/components/schemas/Leaf' },
            examples: { a: { value: [1] } },
          },
          'application/x-www-form-urlencoded': { schema: { $ref: '#/components/schemas/Leaf' } },
        },
      },
    },
    responses: {
      Ok: { description: 'Fine', headers: { 'X-Rate': { schema: { type: 'integer' } } } },
    },
    schemas: {
      Tree: {
        $anchor: 'tree',
        type: 'object',
        properties: { kids: { type: 'array', items: { $ref: '#tree' } } },
      },
      Leaf: {
        type: 'object',
        properties: {
          colour: { const: 'green' },
          wide: { oneOf: [true, { type: 'null' }, { $ref: '#tree' }] },
        },
        patternProperties: { '^x': false },
        additionalProperties: { prefixItems: [{ type: 'number' }], contentMediaType: 'image/png' },
      },
    },
    securitySchemes: {
      Key: { type: 'apiKey', in: 'cookie', name: 'sid' },
      Cert: { type: 'mutualTLS' },
    },
  },
}

const OPENAPI_32: Json = {
  openapi: '3.2.0',
  $self: 'https://x.com/openapi.json',
  info: { title: 'Newest', version: '3' },
  paths: {
    '/search': {
      query: {
        parameters: [
          {
            name: 'all',
            in: 'querystring',
            content: { 'application/json': { schema: { type: 'object' } } },
          },
          {
            name: 'filter',
            in: 'query',
            style: 'deepObject',
            required: true,
            example: { a: { b: 1 } },
          },
        ],
        requestBody: { content: { 'multipart/mixed': { itemSchema: { type: 'string' } } } },
        responses: {
          200: {
            content: { 'text/event-stream': { itemSchema: { $ref: '#/components/schemas/E' } } },
          },
        },
      },
      additionalOperations: { COPY: { responses: { 201: { description: 'Copied' } } } },
    },
  },
  components: {
    schemas: { E: { type: 'object', properties: { data: { type: 'string', examples: ['x'] } } } },
    mediaTypes: { Any: { schema: true } },
  },
}
