import { execFileSync, spawnSync } from 'node:child_process'
import { array, assert, constantFrom, property, string } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSpec } from '../../src/openapi/parse-spec.js'
import type { OperationDefinition } from '../../src/openapi/parsed-spec.js'
import { renderOperation } from '../../src/openapi/render-contract.js'

interface Document {
  method?: string
  path?: string
  servers?: unknown
  schemes?: Record<string, unknown>
  operation?: Record<string, unknown>
}

function curlOf(text: string): string {
  return renderedText(text).curl
}

function rendered({
  method = 'get',
  path = '/a',
  servers,
  schemes = {},
  operation = {},
}: Document) {
  return renderedText(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 't' },
      servers: servers ?? [{ url: 'https://api.x.com/v1/' }],
      paths: { [path]: { [method]: operation } },
      components: { securitySchemes: schemes },
    }),
  )
}

function renderedText(text: string) {
  const { operations, components } = parseSpec(text)
  const [one] = operations
  if (one === undefined) throw new Error('no operation')
  const loaded = components.map(
    (part) => [part.pointer, JSON.parse(part.definition) as unknown] as const,
  )
  const definition = {
    ...(JSON.parse(one.definition) as OperationDefinition),
    method: one.method,
    path: one.path,
  }
  return renderOperation(definition, new Map(loaded), { maxChars: 8_000 })
}

/** What a shell hands to curl when these variables are set. */
function argumentsOf(curl: string, variables: Record<string, string> = {}): string[] {
  const script = `curl() { printf '%s\\0' "$@"; }\n${curl}`
  const env = { PATH: process.env['PATH'] ?? '', ...variables }
  return execFileSync('sh', ['-c', script], { env, encoding: 'utf8' }).split('\0').slice(0, -1)
}

const json = (schema: unknown, media: object = {}) => ({
  content: { 'application/json': { schema, ...media } },
})

const NO_HOST = 'https://HOST/a'

describe('the address', () => {
  const urlOf = (document: Document, variables?: Record<string, string>) =>
    argumentsOf(rendered(document).curl, variables).find((word) => word.includes('://'))

  test.each<[string, unknown, string]>([
    ['a server with a slash at the end', [{ url: 'https://x.com/v1/' }], 'https://x.com/v1/a'],
    ['the first of several', [{ url: 'https://one' }, { url: 'https://two' }], 'https://one/a'],
    [
      'variables with defaults',
      [{ url: 'https://{r}.x.com/{v}', variables: { r: { default: 'eu' }, v: { enum: ['v9'] } } }],
      'https://eu.x.com/v9/a',
    ],
    ['a variable without', [{ url: 'https://{region}.x.com' }], 'https://R1.x.com/a'],
    ['a relative one', [{ url: '/api/v3' }], 'https://HOST/api/v3/a'],
    ['none', [], 'https://HOST/a'],
    ['one without a scheme', [{ url: '//x.com/v1' }], 'https://x.com/v1/a'],
    ['a bare host', [{ url: 'api.x.com/v1' }], 'https://api.x.com/v1/a'],
    [
      'a variable that may be empty',
      [{ url: 'https://x.com/{v}', variables: { v: { default: '' } } }],
      'https://x.com/a',
    ],
    ['one for the caller to fill', [{ url: '{scheme}://x.com' }], 'http://x.com/a'],
    ['a socket', [{ url: 'wss://x.com/v1' }], 'wss://x.com/v1/a'],
    ['one that curl would not speak HTTP to', [{ url: 'gopher://127.0.0.1:6379/_x' }], NO_HOST],
    ['a local file', [{ url: 'file:///etc/passwd' }], NO_HOST],
    ['one before another', [{ url: 'FTP://x.com' }, { url: 'https://two' }], 'https://two/a'],
    ['one behind an empty variable', [{ url: '{none}{of}file:///etc' }], NO_HOST],
    [
      'a scheme from a variable',
      [{ url: '{s}://x', variables: { s: { default: 'dict' } } }],
      NO_HOST,
    ],
    ['no host in it', [{ url: 'https://' }], NO_HOST],
    [
      'a user that looks like a host',
      [{ url: 'https://api.y.com@x.com/v1' }],
      'https://x.com/v1/a',
    ],
    ['a user and a password', [{ url: '//a:b@c@x.com/@me' }], 'https://x.com/@me/a'],
    ['a user without a scheme', [{ url: '{u}y.com@x.com' }], NO_HOST],
    ['a wrong one before', [null, { url: 5 }, { url: 'https://x' }], 'https://x/a'],
  ])('%s', (_, servers, url) => {
    expect(urlOf({ servers }, { region: 'R1', scheme: 'http' })).toBe(url)
  })

  test('the nearest: of the operation, of the path, of the document', () => {
    const document = (operation: object, pathItem: object) => {
      const paths = { '/a': { get: operation, ...pathItem } }
      return JSON.stringify({ openapi: '3.1.0', servers: [{ url: 'https://root' }], paths })
    }
    const near = { servers: [{ url: 'https://near' }] }
    expect(curlOf(document({}, {}))).toBe('curl "https://root/a"')
    expect(curlOf(document({}, near))).toBe('curl "https://near/a"')
    expect(curlOf(document({ servers: [{ url: 'https://own/v1' }] }, near))).toBe(
      'curl "https://own/v1/a"',
    )
  })

  test('host, basePath and schemes of Swagger 2.0, also of one operation', () => {
    const document = (operation: object) =>
      JSON.stringify({
        swagger: '2.0',
        host: 'x.com',
        basePath: '/v1',
        schemes: ['http', 'https'],
        paths: { '/a': { get: operation } },
      })
    expect(curlOf(document({}))).toBe('curl "https://x.com/v1/a"')
    expect(curlOf(document({ schemes: ['http'] }))).toBe('curl "http://x.com/v1/a"')
  })

  test.each<[string, object, string]>([
    ['a list', { example: ['a', 'b c'] }, 'q=a&q=b%20c'],
    ['a list with commas', { explode: false, example: ['a', 'b'] }, 'q=a,b'],
    ['a list with pipes', { style: 'pipeDelimited', example: ['a', 'b'] }, 'q=a%7Cb'],
    ['a list with spaces', { style: 'spaceDelimited', example: ['a', 'b'] }, 'q=a%20b'],
    ['the default of an item', { schema: { items: { default: 'x' } } }, 'q=x'],
    ['an object', { example: { a: 1, b: 'c d' } }, 'a=1&b=c%20d'],
    ['a deep object', { style: 'deepObject', example: { a: 1 } }, 'q%5Ba%5D=1'],
    ['an object with commas', { explode: false, example: { a: 1 } }, 'q=a,1'],
    ['JSON', { content: { 'application/json': { example: { a: 1 } } } }, 'q=%7B%22a%22%3A1%7D'],
    ['a named example', { examples: { one: { value: 'v' } } }, 'q=v'],
    ['all of the query', { in: 'querystring', example: 'a=1&b=2' }, 'a=1&b=2'],
    [
      'all of the query, from a schema',
      {
        in: 'querystring',
        schema: { properties: { a: { default: 'x y' }, b: {} }, required: ['a'] },
      },
      'a=x%20y',
    ],
    [
      'all of the query as a form with a list in it',
      {
        in: 'querystring',
        content: { 'application/x-www-form-urlencoded': { example: { a: 1, b: ['x', 'y z'] } } },
      },
      'a=1&b=x&b=y%20z',
    ],
    [
      'all of the query as JSON',
      { in: 'querystring', content: { 'application/json': { example: { a: 1 } } } },
      '%7B%22a%22%3A1%7D',
    ],
    [
      'a deep object from a schema',
      { style: 'deepObject', schema: { properties: { a: { properties: { b: { const: 3 } } } } } },
      'q%5Ba%5D%5Bb%5D=3',
    ],
    [
      'a list in a deep object',
      { style: 'deepObject', example: { a: [1, 2] } },
      'q%5Ba%5D%5B0%5D=1&q%5Ba%5D%5B1%5D=2',
    ],
    ['a deep list', { style: 'deepObject', example: ['x'] }, 'q%5B0%5D=x'],
    [
      'a deep list of objects, from a schema',
      { style: 'deepObject', schema: { items: { required: ['a'], properties: { a: {} } } } },
      'q%5B0%5D%5Ba%5D=string',
    ],
  ])('a query parameter: %s', (_, parameter, query) => {
    const parameters = [{ name: 'q', in: 'query', required: true, ...parameter }]
    expect(urlOf({ operation: { parameters } })).toBe(`https://api.x.com/v1/a?${query}`)
  })

  test.each<[string, object, string]>([
    ['a text', { example: 'a/b,c' }, 'a%2Fb%2Cc'],
    ['a list', { example: ['a', 'b c'] }, 'a,b%20c'],
    ['an object', { example: { R: 1, G: 2 } }, 'R,1,G,2'],
    ['an exploded object', { explode: true, example: { R: 1, G: 2 } }, 'R=1,G=2'],
    ['a label', { style: 'label', example: [1, 2] }, '.1,2'],
    ['an exploded label', { style: 'label', explode: true, example: [1, 2] }, '.1.2'],
    ['a matrix', { style: 'matrix', example: [1, 2] }, ';p=1,2'],
    ['an exploded matrix', { style: 'matrix', explode: true, example: [1, 2] }, ';p=1;p=2'],
    ['a matrix of fields', { style: 'matrix', explode: true, example: { R: 1 } }, ';R=1'],
    ['a matrix without an example', { style: 'matrix' }, ';p=P'],
  ])('a path parameter: %s', (_, parameter, value) => {
    const parameters = [{ name: 'p', in: 'path', ...parameter }]
    expect(urlOf({ path: '/a/{p}', operation: { parameters } }, { p: 'P' })).toBe(
      `https://api.x.com/v1/a/${value}`,
    )
  })

  test('two path parameters side by side are two variables', () => {
    const parameters = [{ name: 'b', in: 'path', example: '2' }]
    expect(urlOf({ path: '/{a}{b}', operation: { parameters } }, { a: 'x' })).toBe(
      'https://api.x.com/v1/x2',
    )
  })

  test('lists of Swagger 2.0 have commas unless they say otherwise', () => {
    const parameters = [
      { name: 'a', in: 'query', required: true, type: 'array', default: ['x', 'y'] },
      {
        name: 'b',
        in: 'query',
        required: true,
        type: 'array',
        default: ['x', 'y'],
        collectionFormat: 'multi',
      },
      {
        name: 'c',
        in: 'query',
        required: true,
        type: 'array',
        default: ['x', 'y'],
        collectionFormat: 'pipes',
      },
    ]
    const document = { swagger: '2.0', host: 'x.com', paths: { '/a': { get: { parameters } } } }
    expect(curlOf(JSON.stringify(document))).toBe('curl "https://x.com/a?a=x,y&b=x&b=y&c=x%7Cy"')
  })

  test.each<[string, unknown[], string]>([
    ['no server', [], 'https://docs.x.com/a'],
    ['a path', [{ url: '/api/v3' }], 'https://docs.x.com/api/v3/a'],
    ['a path beside it', [{ url: 'v3' }], 'https://docs.x.com/specs/v3/a'],
    ['a path above it', [{ url: '../{v}/x?y=1' }], 'https://docs.x.com/V/x/a'],
    ['its own scheme', [{ url: '//y.com' }], 'https://y.com/a'],
    ['a server elsewhere', [{ url: 'http://z.com/v1' }], 'http://z.com/v1/a'],
    ['a local file', [{ url: 'file:///etc/passwd' }], 'https://docs.x.com/a'],
    ['a scheme without a host', [{ url: 'file:/etc' }], 'https://HOST/file:/etc/a'],
  ])('of a document that was fetched, %s', (_, servers, url) => {
    const definition = { operation: {}, servers, security: null, method: 'GET', path: '/a' }
    const documentUrl = 'https://user:secret@docs.x.com/specs/openapi.json?token=secret'
    const { curl } = renderOperation({ ...definition, documentUrl }, new Map(), { maxChars: 4_000 })
    expect(argumentsOf(curl, { v: 'V' })).toEqual([url])
  })

  test('a variable that holds a secret is the caller’s own, whatever its default looks like', () => {
    const curlWith = (name: string) =>
      rendered({
        servers: [
          {
            url: `https://x.com/bot{${name}}`,
            variables: { [name]: { default: '123456:ABC-DEF' } },
          },
        ],
      }).curl
    expect(curlWith('token')).toBe('curl "https://x.com/bot$token/a"')
    expect(curlWith('BOT_TOKEN')).toBe('curl "https://x.com/bot$bot_token/a"')
    expect(curlWith('apiKey')).toBe('curl "https://x.com/bot$api_key/a"')
    expect(curlWith('monkey')).toBe('curl "https://x.com/bot123456:ABC-DEF/a"')
  })

  const queried = (example: unknown) =>
    urlOf(
      { operation: { parameters: [{ name: 'q', in: 'query', required: true, example }] } },
      { q: 'SET' },
    )?.replace(/^.*[?]q=/, '')

  test.each([
    ['remaster%2520track%3ADoxy', 'remaster%2520track%3ADoxy'],
    ['a%20b', 'a%20b'],
    ['100%', '100%25'],
    ['50%20off, 10% more', '50%2520off%2C%2010%25%20more'],
    ['a b%20c', 'a%20b%2520c'],
    ['%ff', '%25ff'],
  ])('an example that is encoded is sent as it is, and no other: %s', (example, sent) => {
    expect(queried(example)).toBe(sent)
    const parameters = [{ name: 'id', in: 'path', example }]
    const url = urlOf({ path: '/a/{id}', operation: { parameters } })
    expect(url).toBe(`https://api.x.com/v1/a/${sent}`)
  })

  test.each(['{{DATABASE_ID}}', '<your id>', '{id}', '${id}'])(
    'an example that only marks a place is for the caller to fill: %s',
    (example) => {
      expect(queried(example)).toBe('SET')
      const parameters = [{ name: 'id', in: 'path', schema: { type: 'string', example } }]
      expect(rendered({ path: '/a/{id}', operation: { parameters } }).curl).toContain('/a/$id"')
    },
  )

  test('a colon marks a place in a path, and is part of a value elsewhere', () => {
    const parameters = [{ name: 'id', in: 'path', example: ':id' }]
    expect(rendered({ path: '/a/{id}', operation: { parameters } }).curl).toContain('/a/$id"')
    expect(queried(':id')).toBe('%3Aid')
  })

  test('a server that is nothing but a variable is for the caller to fill', () => {
    expect(rendered({ servers: [{ url: '{region}/api' }] }).curl).toBe('curl "$region/api/a"')
  })

  test('curl gives no address a meaning of its own', () => {
    expect(urlOf({ path: '/a[1-100000]/{b' })).toBe('https://api.x.com/v1/a%5B1-100000%5D/%7Bb')
  })

  test('path and query: placeholders, examples, encoding', () => {
    const parameters = [
      { name: 'task_gid', in: 'path', schema: { type: 'string', example: '12' } },
      { name: 'path', in: 'path', schema: { type: 'string' } },
      { name: 'q', in: 'query', required: true, schema: { type: 'string' } },
      { name: 'filter[name]', in: 'query', required: true, example: 'a b&c' },
      { name: 'optional', in: 'query' },
    ]
    const document = { path: '/t/{task_gid}x/{path}?v=1#Action=Y', operation: { parameters } }
    const variables = { path_value: 'P', q: 'Q' }
    expect(urlOf(document, variables)).toBe(
      'https://api.x.com/v1/t/12x/P?v=1&q=Q&filter%5Bname%5D=a%20b%26c',
    )
  })
})

describe('credentials', () => {
  const variables = {
    TOKEN: 'tok',
    API_KEY: 'key',
    SESSION: 'ses',
    API_USER: 'u',
    API_PASSWORD: 'p',
    CLIENT_CERT: 'c.pem',
    CLIENT_KEY: 'k.pem',
    x_a: 'a',
    x_b: 'b',
  }
  test.each<[object, string, string[]]>([
    [
      { type: 'http', scheme: 'bearer' },
      'S: header Authorization: Bearer',
      ['-H', 'Authorization: Bearer tok'],
    ],
    [
      { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      'S: header Authorization: Bearer (JWT)',
      ['-H', 'Authorization: Bearer tok'],
    ],
    [
      { type: 'http', scheme: 'digest' },
      'S: header Authorization: Digest',
      ['--digest', '-u', 'u:p'],
    ],
    [
      {
        type: 'oauth2',
        flows: {
          clientCredentials: { tokenUrl: 'https://x.com/token', scopes: {} },
          implicit: { authorizationUrl: 'https://x.com/auth', scopes: {} },
        },
      },
      'S: header Authorization: Bearer, OAuth 2: client credentials, token from ' +
        'https://x.com/token; implicit, token from https://x.com/auth (scopes: read)',
      ['-H', 'Authorization: Bearer tok'],
    ],
    [
      { type: 'openIdConnect', openIdConnectUrl: 'https://x.com/.well-known' },
      'S: header Authorization: Bearer, OpenID Connect: https://x.com/.well-known',
      ['-H', 'Authorization: Bearer tok'],
    ],
    [{ type: 'http', scheme: 'basic' }, 'S: header Authorization: Basic', ['-u', 'u:p']],
    [
      { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
      'S: header X-Api-Key',
      ['-H', 'X-Api-Key: key'],
    ],
    [{ type: 'apiKey', in: 'query', name: 'k' }, 'S: query k', ['https://api.x.com/v1/a?k=key']],
    [{ type: 'apiKey', in: 'cookie', name: 'sid' }, 'S: cookie sid', ['-H', 'Cookie: sid=ses']],
    [
      { type: 'oauth2', flows: {} },
      'S: header Authorization: Bearer, OAuth 2 (scopes: read)',
      ['-H', 'Authorization: Bearer tok'],
    ],
    [
      { type: 'openIdConnect' },
      'S: header Authorization: Bearer, OpenID Connect (scopes: read)',
      ['-H', 'Authorization: Bearer tok'],
    ],
    [
      { type: 'mutualTLS' },
      'S: client certificate (mutual TLS)',
      ['--cert', 'c.pem', '--key', 'k.pem'],
    ],
  ])('%j', (scheme, label, words) => {
    const isScoped = label.includes('scopes')
    const operation = { security: [{ S: isScoped ? ['read'] : [] }] }
    const { curl, security } = rendered({ schemes: { S: scheme }, operation })
    expect(security).toEqual([label])
    expect(argumentsOf(curl, variables).join('\n')).toContain(words.join('\n'))
  })

  test('several together, several ways, none needed, not described', () => {
    const schemes = {
      A: { type: 'apiKey', in: 'header', name: 'X-A' },
      B: { type: 'apiKey', in: 'header', name: 'X-B' },
    }
    const of = (security: unknown) => rendered({ schemes, operation: { security } }).security
    expect(of([{ A: [], B: [] }])).toEqual(['A: header X-A + B: header X-B'])
    expect(of([{ A: [] }, {}])).toEqual(['A: header X-A', 'none'])
    expect(of([])).toEqual([])
    expect(of([{}])).toEqual([])
    expect(of([{ Gone: [] }])).toEqual(['Gone: not described in the spec'])
    expect(
      rendered({
        schemes: { Far: { $ref: 'https://x.com/auth.yaml#/Far' } },
        operation: { security: [{ Far: [] }] },
      }).security,
    ).toEqual(['Far: described elsewhere, in https://x.com/auth.yaml#/Far'])
  })

  test('the curl takes the first way that is described, each key from a variable of its own', () => {
    const key = (name: string) => ({ type: 'apiKey', in: 'header', name })
    const schemes = { A: key('X-A'), B: key('X-B') }
    const operation = { security: [{}, { Gone: [] }, { A: [], B: [] }] }
    const words = argumentsOf(rendered({ schemes, operation }).curl, variables)
    expect(words.filter((word) => word.startsWith('X-'))).toEqual(['X-A: a', 'X-B: b'])
  })

  test('a parameter that is the credential is sent once', () => {
    const schemes = { A: { type: 'apiKey', in: 'header', name: 'X-A' } }
    const parameters = [{ name: 'x-a', in: 'header', required: true }]
    const { curl } = rendered({ schemes, operation: { parameters, security: [{ A: [] }] } })
    expect(argumentsOf(curl).filter((word) => /^x-a/i.test(word))).toHaveLength(1)
  })

  test('twenty ways with long names take a quarter of the room at most', () => {
    const names = Array.from({ length: 20 }, (_, i) => `${i}${'n'.repeat(200)}`)
    const security = names.map((name) => ({ [name]: names }))
    const { security: labels } = rendered({ operation: { security } })
    expect(labels.join('` or `').length).toBeLessThanOrEqual(2_000)
    expect(labels.length).toBeGreaterThan(1)
  })
})

describe('the body', () => {
  const body = (requestBody: unknown, variables?: Record<string, string>) =>
    argumentsOf(rendered({ method: 'post', operation: { requestBody } }).curl, variables)
  const after = (words: string[], flag: string) =>
    words.filter((_, index) => words[index - 1] === flag)

  test('JSON from the given example, whatever quotes it has', () => {
    const example = { text: `it's "quoted" $HOME \`id\` \\ é\n` }
    const words = body(json({}, { example }))
    expect(JSON.parse(after(words, '-d')[0] ?? '')).toEqual(example)
    expect(after(words, '-H')).toEqual(['Content-Type: application/json'])
    expect(words).toEqual(expect.arrayContaining(['-X', 'POST']))
  })

  test('line ends that are no line ends to JSON are escaped in it', () => {
    const text = 'a\u2028b\u2029c'
    const escaped = String.raw`a\u2028b\u2029c`
    for (const example of [{ text }, JSON.stringify({ text })]) {
      expect(after(body(json({}, { example })), '-d')).toEqual([`{"text":"${escaped}"}`])
    }
    const schema = { properties: { part: { example: { text } } } }
    const parts = body({ content: { 'multipart/form-data': { schema } } })
    expect(after(parts, '-F')).toEqual([`part={"text":"${escaped}"};type=application/json`])
  })

  test('JSON made from the schema: read-only parts left out, recursion ended', () => {
    const schema = {
      required: ['a', 'n', 'e', 'd', 'u', 'o'],
      properties: {
        a: { type: 'string', format: 'date' },
        id: { type: 'string', readOnly: true },
        n: { type: 'array', items: { type: 'integer', minimum: 3 } },
        e: { enum: ['x', 'y'] },
        d: { default: 7 },
        u: { oneOf: [{ type: 'null' }, { type: 'boolean' }] },
        o: { allOf: [{ properties: { deep: { type: 'number' } } }] },
      },
    }
    expect(JSON.parse(after(body(json(schema)), '-d')[0] ?? '')).toEqual({
      a: '2025-01-31',
      n: [3],
      e: 'x',
      d: 7,
      u: true,
      o: { deep: 1 },
    })
  })

  test('a file of the caller’s where there is no schema, or it leads nowhere', () => {
    for (const schema of [undefined, { $ref: '#/components/schemas/Gone' }]) {
      expect(body(json(schema))).toContain('@body.json')
      expect(after(body(json(schema, { example: { a: 1 } })), '-d')).toEqual(['{"a":1}'])
    }
  })

  test('only what is required where all would be long', () => {
    const properties = Object.fromEntries(
      Array.from({ length: 60 }, (_, i) => [`property${i}`, { type: 'string' }]),
    )
    const words = body(json({ required: ['property3'], properties }))
    expect(JSON.parse(after(words, '-d')[0] ?? '')).toEqual({ property3: 'string' })
  })

  test('forms', () => {
    const schema = {
      required: ['tags'],
      properties: {
        name: { type: 'string', example: "it's; @x" },
        tags: { type: 'array', items: { type: 'string' } },
        file: { type: 'string', format: 'binary' },
      },
    }
    const encoded = body({ content: { 'application/x-www-form-urlencoded': { schema } } })
    expect(after(encoded, '--data-urlencode')).toEqual([
      "name=it's; @x",
      'tags=string',
      'file=@file',
    ])
    const multipart = body({ content: { 'multipart/form-data': { schema } } })
    expect(after(multipart, '--form-string')).toEqual(["name=it's; @x", 'tags=string'])
    expect(after(multipart, '-F')).toEqual(['file=@file'])
  })

  test('forms: what is required and what needs no invention, or the example of the document', () => {
    const schema = {
      required: ['name'],
      properties: {
        name: { type: 'string' },
        note: { type: 'string' },
        size: { type: 'integer', example: 3 },
        file: { type: 'string', format: 'binary' },
      },
    }
    const form = (media: object) => body({ content: { 'multipart/form-data': media } })
    const usual = form({ schema })
    expect(after(usual, '--form-string')).toEqual(['name=string', 'size=3'])
    expect(after(usual, '-F')).toEqual(['file=@file'])
    const written = form({ schema, example: { note: 'n', more: 'm' } })
    expect(after(written, '--form-string')).toEqual(['name=string', 'note=n', 'more=m'])
    expect(after(written, '-F')).toEqual([])
    const media = { schema, example: '@a=1&b=2' }
    const text = body({ content: { 'application/x-www-form-urlencoded': media } })
    expect(after(text, '--data-raw')).toEqual(['@a=1&b=2'])
  })

  test('forms: lists and objects as their encoding says', () => {
    const schema = {
      properties: {
        each: { example: ['a', 'b'] },
        piped: { example: ['a', 'b'] },
        commas: { example: ['a', 'b'] },
        deep: { example: { k: 'v' } },
        json: { example: { k: 'v' } },
        expand: { example: ['x', 'y'] },
        lines: { example: [{ price: 'p', taxes: ['t'] }] },
        none: { example: [] },
      },
    }
    const encoding = {
      piped: { style: 'pipeDelimited' },
      commas: { explode: false },
      ...Object.fromEntries(
        ['deep', 'expand', 'lines', 'none'].map((name) => [name, { style: 'deepObject' }]),
      ),
    }
    const deep = [
      'deep[k]=v',
      'expand[0]=x',
      'expand[1]=y',
      'lines[0][price]=p',
      'lines[0][taxes][0]=t',
    ]
    const words = body({ content: { 'application/x-www-form-urlencoded': { schema, encoding } } })
    expect(after(words, '--data-urlencode').toSorted()).toEqual(
      ['each=a', 'each=b', 'piped=a|b', 'commas=a,b', 'json={"k":"v"}', ...deep].toSorted(),
    )
    const parts = body({ content: { 'multipart/form-data': { schema, encoding } } })
    expect(after(parts, '--form-string')).toEqual(expect.arrayContaining(deep))
    expect(after(parts, '-F')).toEqual(['json={"k":"v"};type=application/json'])
  })

  test('a part that is JSON says so, unless curl would take it for more', () => {
    const schema = {
      required: ['meta'],
      properties: {
        meta: { type: 'object', properties: { a: { const: "it's" } }, required: ['a'] },
        list: { example: [{ a: 1 }] },
        other: { example: { a: 1 } },
        risky: { example: { a: 'x;type=text/html' } },
      },
    }
    const encoding = { other: { contentType: 'application/vnd.x+json' } }
    const words = body({ content: { 'multipart/form-data': { schema, encoding } } })
    expect(after(words, '-F')).toEqual([
      `meta={"a":"it's"};type=application/json`,
      'list=[{"a":1}];type=application/json',
      'other={"a":1};type=application/vnd.x+json',
    ])
    expect(after(words, '--form-string')).toEqual(['risky={"a":"x;type=text/html"}'])
  })

  test('a part is of the type that its encoding says', () => {
    const file = { type: 'string', format: 'binary' }
    const properties = {
      icon: file,
      photo: file,
      plain: file,
      rows: { example: 'a b' },
      risky: { example: '@/etc/passwd' },
      none: { example: 'x' },
    }
    const encoding = {
      icon: { contentType: 'image/png, image/jpeg' },
      photo: { contentType: 'image/*' },
      rows: { contentType: 'text/csv' },
      risky: { contentType: 'text/csv' },
      none: { contentType: 'text/csv;x' },
    }
    const schema = { properties }
    const words = body({ content: { 'multipart/form-data': { schema, encoding } } })
    expect(after(words, '-F')).toEqual([
      'icon=@file;type=image/png',
      'photo=@file',
      'plain=@file',
      'rows=a b;type=text/csv',
    ])
    expect(after(words, '--form-string')).toEqual(['risky=@/etc/passwd', 'none=x'])
  })

  test('lists in forms of Swagger 2.0 have commas unless they say otherwise', () => {
    const list = { in: 'formData', required: true, type: 'array', default: ['x', 'y'] }
    const parameters = [
      { ...list, name: 'a' },
      { ...list, name: 'b', collectionFormat: 'multi' },
    ]
    const document = { swagger: '2.0', host: 'x.com', paths: { '/a': { post: { parameters } } } }
    const words = argumentsOf(curlOf(JSON.stringify(document)))
    expect(after(words, '--data-urlencode')).toEqual(['a=x,y', 'b=x', 'b=y'])
  })

  test('files', () => {
    const binary = body({
      content: { 'application/pdf': { schema: { type: 'string', format: 'binary' } } },
    })
    expect(after(binary, '--data-binary')).toEqual(['@file'])
    const written = body({
      content: {
        'application/zip': {
          schema: { type: 'string', format: 'binary' },
          example: '@example.zip',
        },
      },
    })
    expect(after(written, '--data-binary')).toEqual(['@file'])
    expect(after(binary, '-H')).toEqual(['Content-Type: application/pdf'])
    expect(after(body({ content: { 'application/xml': {} } }), '--data-binary')).toEqual([
      '@body.xml',
    ])
  })
})

test('names and values from a document never run as a command', () => {
  const bad = `'"; touch /tmp/pwned-$(id) \`id\` \\ ! $X {a} #`
  const document = {
    method: 'post',
    path: `/${bad}`,
    servers: [{ url: `https://x.com/${bad}` }],
    schemes: { S: { type: 'apiKey', in: 'header', name: bad } },
    operation: {
      security: [{ S: [] }],
      parameters: [
        { name: bad, in: 'query', required: true },
        { name: 'X-Bad', in: 'header', required: true, example: bad },
        { name: bad, in: 'cookie', required: true },
      ],
      requestBody: { content: { [`application/json${bad}`]: { example: { [bad]: bad } } } },
    },
  }
  const { curl } = rendered(document)
  const words = argumentsOf(curl, { X: 'INJECTED', x: 'INJECTED' })
  expect(words.filter((word) => /^-[HXd]$/.test(word))).toEqual(['-X', '-H', '-H', '-H', '-d'])
  expect(words.join('\n')).not.toContain('INJECTED')
  expect(words.join('\n')).not.toContain('uid=')
})

test('a shell hands every value to curl as it was, and no code block ends in it', () => {
  const alphabet = [
    '`',
    '```',
    '~~~',
    "'",
    '"',
    '$',
    '\\',
    '!',
    ';',
    '|',
    '&',
    '\n',
    ' ',
    'a',
    '😀',
  ]
  const texts = array(constantFrom(...alphabet), { maxLength: 12 }).map((all) => all.join(''))
  const shown = (curl: string) => {
    expect(curl).not.toMatch(/`{3}|~{3}/)
    return argumentsOf(curl)
  }
  assert(
    property(texts, (text) => {
      const media = { 'application/json': { example: { text } } }
      const json = { method: 'post', operation: { requestBody: { content: media } } }
      expect(shown(rendered(json).curl).at(-1)).toBe(JSON.stringify({ text }))
      const schema = { properties: { text: { const: `x${text}x` } } }
      const form = { content: { 'multipart/form-data': { schema } } }
      const words = shown(rendered({ method: 'post', operation: { requestBody: form } }).curl)
      expect(words.at(-1)).toBe(`text=x${text}x`)
      const parameters = [{ name: 'X-Text', in: 'header', required: true, example: `x${text}x` }]
      const [, header] = shown(rendered({ operation: { parameters } }).curl).slice(1)
      expect(header).toBe(`X-Text: x${text}x`.replace(/\s+/g, ' '))
    }),
    { numRuns: 100, examples: [['```; touch pwned; ```']] },
  )
})

describe('an interactive shell puts no earlier command into a curl', () => {
  const saying = (text: string) => {
    const example = `x${text}x`
    const operation = {
      security: [{ S: [] }],
      parameters: [
        { name: 'H-!x', in: 'header', required: true, example },
        { name: `c-${text}`, in: 'cookie', required: true, example },
      ],
      requestBody: { content: { 'text/plain': { example } } },
    }
    const schemes = { S: { type: 'apiKey', in: 'header', name: 'K-!' } }
    return rendered({ method: 'post', schemes, operation }).curl
  }

  test('no ! stands within double quotes', () => {
    const texts = array(constantFrom('!', '!!', '"', "'", '\\', '$', '`', ' ', 'a'), {
      maxLength: 9,
    })
    assert(
      property(texts, (parts) => {
        const curl = saying(parts.join(''))
        const unquoted = curl.replace(/'[^']*'|\\.|"(?:\\.|[^"\\])*"/gs, (word) =>
          word.startsWith('"') ? word : '',
        )
        expect(unquoted).not.toContain('!')
      }),
      { examples: [[['a', ' ', '!!']]] },
    )
    const parameters = [{ name: 'X-A', in: 'header', required: true, example: 'hi !!' }]
    expect(rendered({ operation: { parameters } }).curl).toContain(`-H "X-A: hi "'!!'`)
  })

  const hasBash = spawnSync('bash', ['-c', 'true']).status === 0

  test.runIf(hasBash)('as bash reads it', () => {
    const text = `"'\\!! !echo !-1 !"`
    const script = `curl() { printf '%s\\0' "$@"; }\necho EARLIER\n${saying(text)}\n`
    const args = ['--norc', '--noprofile', '-i', '-o', 'history', '-o', 'histexpand']
    const env = { PATH: process.env['PATH'] ?? '', HISTFILE: '/dev/null', API_KEY: 'key' }
    const { stdout } = spawnSync('bash', args, { input: script, env, encoding: 'utf8' })
    const words = stdout.split('\0')
    expect(words).toEqual(expect.arrayContaining([`H-!x: x${text}x`, 'K-!: key']))
    expect(words).toContain(`Cookie: c-${text}=x${text}x`)
    expect(stdout.match(/EARLIER/g)).toHaveLength(1)
  })
})

describe('a document names no variable that its reader has', () => {
  /** A document that names it wherever a variable can come from. */
  const naming = (name: string): Document => {
    const required = (place: string) => ({ name, in: place, required: true })
    const key = (place: string) => ({ type: 'apiKey', in: place, name })
    return {
      path: `/{${name}}`,
      servers: [{ url: `https://x.com/{${name}}` }],
      schemes: { A: key('header'), B: key('query'), C: key('cookie') },
      operation: {
        security: [{ A: [], B: [], C: [] }],
        parameters: ['path', 'query', 'header', 'cookie'].map(required),
      },
    }
  }

  const held = ['AWS_SECRET_ACCESS_KEY', 'DATABASE_URL', 'GITHUB_TOKEN', 'API_KEY', 'history']
  const proxies = ['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'no_proxy']
  const environment = Object.fromEntries([...held, ...proxies].map((name) => [name, 'LEAKED']))

  test.each([...held, ...proxies, 'github_token', 'awsSecretAccessKey', 'No-Proxy', '_'])(
    '%s',
    (name) => {
      expect(argumentsOf(rendered(naming(name)).curl, environment).join()).not.toContain('LEAKED')
    },
  )

  test('whatever it is called, it is in lower case', () => {
    assert(
      property(string({ unit: 'binary', maxLength: 20 }), (name) => {
        const operation = { parameters: [{ name: `${name}A`, in: 'query', required: true }] }
        const [, variable] = /=\$(\w+)"/.exec(rendered({ operation }).curl) ?? []
        expect(variable).toMatch(/^[a-z][a-z0-9_]*$/)
      }),
    )
  })

  test('and a colon after it is no modifier of zsh, of which :a is a path', () => {
    const { curl } = rendered({ path: '/{name}:activate', servers: [{ url: 'http://x:{port}' }] })
    expect(curl).toBe('curl "http://x:$port/${name}:activate"')
  })
})

test('a method of 3.2 is one word, whatever it is made of', () => {
  const operation = { responses: {} }
  const document = {
    openapi: '3.2.0',
    paths: { '/a': { additionalOperations: { 'A`id`|B&': operation } } },
  }
  expect(argumentsOf(curlOf(JSON.stringify(document))).slice(0, 2)).toEqual(['-X', 'A`ID`|B&'])
})

describe('a curl never sends a local file that the spec chose', () => {
  const bodyOf = (media: object) => {
    const requestBody = { content: media }
    return argumentsOf(rendered({ method: 'post', operation: { requestBody } }).curl)
  }

  test('by an example that starts with @', () => {
    for (const type of ['text/plain', 'application/xml', 'application/octet-stream']) {
      const args = bodyOf({ [type]: { schema: { type: 'string' }, example: '@/etc/passwd' } })
      expect(args[args.indexOf('@/etc/passwd') - 1]).toBe('--data-raw')
    }
  })

  test('by the name of a header, a key’s too', () => {
    const name = '@/etc/hostname'
    const schemes = { A: { type: 'apiKey', in: 'header', name } }
    const parameters = [
      { name: '@/etc/passwd', in: 'header', required: true },
      { name: 'X-B', in: 'header', required: true, example: 1 },
    ]
    const { curl } = rendered({ schemes, operation: { parameters, security: [{ A: [] }] } })
    const args = argumentsOf(curl)
    expect(args.filter((_, at) => args[at - 1] === '-H')).toEqual(['X-B: 1'])
  })

  test('by the name of a form field', () => {
    const properties = { 'e=@/etc/hostname;x': { type: 'string', format: 'binary' } }
    const args = bodyOf({ 'multipart/form-data': { schema: { type: 'object', properties } } })
    expect(args[args.indexOf('-F') + 1]).toBe('e__/etc/hostname_x=@file')
  })
})
