import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listBundle, prepareSpec } from '../../src/catalog/prepare-spec.js'
import type { PreparedSpec, UploadLimits } from '../../src/catalog/prepared-spec.js'
import { readConfig } from '../../src/config.js'
import { parseSpec } from '../../src/openapi/parse-spec.js'
import { zipOf } from '../setup/zip.js'

/** Files of a bundle by their paths. */
type Files = Record<string, string>

const SECRET = 'canary-7f3a91'
const OK = "{'200': {description: ok}}"

let folder: string
let root: string
let canary: Server
let canaryUrl: string
let requests: string[] = []

beforeAll(async () => {
  canary = createServer((request, response) => {
    requests.push(request.url ?? '')
    response.end('{"type":"string"}')
  })
  await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve))
  canaryUrl = `http://127.0.0.1:${(canary.address() as AddressInfo).port}`
})
afterAll(() => canary.close())

beforeEach(async () => {
  requests = []
  folder = await mkdtemp(join(tmpdir(), 'api-catalog-bundle-'))
  root = join(folder, 'root')
  await mkdir(root)
  await writeFile(join(folder, 'secret.yaml'), `{type: string, description: ${SECRET}}`)
})
afterEach(async () => {
  expect(requests).toEqual([])
  await rm(folder, { recursive: true })
})

const defaults = readConfig({}, {})
const limited = (limits: Partial<UploadLimits> = {}): UploadLimits => ({ ...defaults, ...limits })

async function write(files: Files): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
}

async function fromDirectory(files: Files, limits?: Partial<UploadLimits>): Promise<PreparedSpec> {
  await write(files)
  return prepareSpec({ path: root }, limited(limits))
}

async function fromZip(files: Files, limits?: Partial<UploadLimits>): Promise<PreparedSpec> {
  const entries = Object.entries(files).map(([name, content]) => ({ name, content }))
  return prepareSpec({ content: zipOf(entries) }, limited(limits))
}

const rows = (spec: PreparedSpec) =>
  spec.operations.map(({ row }) => JSON.parse(row) as Record<string, unknown>)
const keys = (spec: PreparedSpec) => spec.operations.map(({ key }) => key)
const components = (spec: PreparedSpec) =>
  Object.fromEntries(
    spec.components
      .map(({ row }) => JSON.parse(row) as { pointer: string; definition: string })
      .map(({ pointer, definition }) => [pointer, JSON.parse(definition) as unknown]),
  )
const stored = (spec: PreparedSpec) => gunzipSync(spec.content).toString()
const warned = (spec: PreparedSpec, code: string) =>
  spec.warnings.filter((warning) => warning.code === code)

const document = (paths: string, more = '') =>
  `openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\nservers: [{url: 'https://shop.test'}]\npaths:\n${paths}\n${more}`
const withSchema = (ref: string) =>
  document(
    `  /a: {get: {operationId: a, responses: {'200': {description: ok, content: {application/json: {schema: {$ref: '${ref}'}}}}}}}`,
  )

const SHOP: Files = {
  'openapi.yaml': document(
    "  /pets: {$ref: paths/pets.yaml}\n  /owners: {get: {$ref: 'paths/owners.yaml#/list'}}",
    'components: {schemas: {$ref: schemas/index.yaml}}',
  ),
  'paths/pets.yaml': `
parameters: [{$ref: ../common.yaml#/Limit}]
get: {operationId: listPets, responses: {'200': {$ref: '../common.yaml#/Pets'}}}
post: {operationId: addPet, requestBody: {content: {application/json: {schema: {$ref: ../schemas/pet.json}}}}, responses: ${OK}}`,
  'paths/owners.yaml': `list: {operationId: listOwners, responses: ${OK}}`,
  'common.yaml': `
Limit: {name: limit, in: query, schema: {type: integer}}
Pets: {description: pets, content: {application/json: {schema: {type: array, items: {$ref: ./schemas/pet.json}}}}}`,
  'schemas/pet.json': JSON.stringify({
    type: 'object',
    properties: {
      name: { type: 'string' },
      friend: { $ref: 'pet.json' },
      owner: { $ref: '../openapi.yaml#/components/schemas/Owner' },
    },
  }),
  'schemas/index.yaml': 'Owner: {type: object, properties: {pets: {items: {$ref: pet.json}}}}',
}

describe.each([
  ['a directory', fromDirectory],
  ['a zip', fromZip],
])('%s', (_, prepare) => {
  test('is one spec, whose files refer to each other in every way there is', async () => {
    const spec = await prepare(SHOP)
    expect(keys(spec)).toEqual(['GET /pets', 'POST /pets', 'GET /owners'])
    expect(rows(spec)).toMatchObject([
      { operationId: 'listPets', parameters: ['limit'], signature: '(…) → pet[]' },
      { operationId: 'addPet', bodyProperties: ['name', 'friend', 'owner'] },
      { operationId: 'listOwners' },
    ])
    expect(spec.warnings).toEqual([])
    expect(spec.entry).toBe('openapi.yaml')
  })

  test('has circles of files as circles of references', async () => {
    const found = components(await prepare(SHOP))
    const pet = '#/x-bundled-files/schemas~1pet.json'
    expect(found[pet]).toMatchObject({
      properties: { friend: { $ref: pet }, owner: { $ref: '#/components/schemas/Owner' } },
    })
    expect(found['#/components/schemas/Owner']).toMatchObject({
      properties: { pets: { items: { $ref: pet } } },
    })
  })

  test('is kept as one document that can be read again without the files', async () => {
    const spec = await prepare(SHOP)
    const again = parseSpec(stored(spec))
    expect(again.operations.map(({ definition }) => definition)).toEqual(
      rows(spec).map(({ definition }) => definition),
    )
    expect(again.warnings).toEqual([])
  })

  test('is unchanged while what it reaches says the same', async () => {
    const before = await prepare(SHOP)
    const relaid = {
      ...SHOP,
      'common.yaml': `# a comment\n${SHOP['common.yaml']}`,
      'more.json': '{}',
    }
    expect((await prepare(relaid)).contentHash).toBe(before.contentHash)
    const changed = { ...SHOP, 'common.yaml': String(SHOP['common.yaml']).replace('limit', 'max') }
    expect((await prepare(changed)).contentHash).not.toBe(before.contentHash)
  })

  test('with nothing but its document is kept like that document alone', async () => {
    for (const ref of ['https://far.test/a.yaml#/A', 'gone.yaml#/A']) {
      const text = withSchema(ref)
      const spec = await prepare({ 'openapi.yaml': text })
      expect(stored(spec)).toBe(text)
      const alone = await prepareSpec({ content: Buffer.from(text) }, limited())
      expect(spec.contentHash).toBe(alone.contentHash)
      expect(rows(spec)).toEqual(rows(alone))
      expect(warned(spec, 'EXTERNAL_REF')).toMatchObject([
        {
          file: 'openapi.yaml',
          message: `The $ref "${ref}" leads to no file of the bundle. It is named, and never opened.`,
        },
      ])
    }
  })

  test('finds what a document refers to in itself by the name of its file', async () => {
    const spec = await prepare({
      'openapi.yaml': `${withSchema('openapi.yaml#/components/schemas/A')}components: {schemas: {A: {title: own}}}`,
    })
    expect(components(spec)['#/components/schemas/A']).toEqual({ title: 'own' })
    expect(spec.warnings).toEqual([])
  })

  test('names files that are missing, broken or empty, with file, pointer and line', async () => {
    const spec = await prepare({
      'api/openapi.yaml': document(
        `  /gone: {$ref: ../paths/gone.yaml}\n  /bad: {$ref: ../paths/bad.yaml}\n  /ok: {$ref: ../paths/ok.yaml}`,
      ),
      'paths/bad.yaml': 'get:\n\tx: 1',
      'paths/ok.yaml': `get:\n  operationId: ok\n  responses:\n    '200': {$ref: '../common.yaml#/Nope'}`,
      'common.yaml': 'Other: {}',
    })
    expect(keys(spec)).toEqual(['GET /ok'])
    expect(warned(spec, 'BROKEN_FILE')).toEqual([
      expect.objectContaining({ file: 'paths/bad.yaml', line: 2 }),
    ])
    expect(warned(spec, 'DANGLING_REF')).toEqual(
      expect.arrayContaining([
        {
          code: 'DANGLING_REF',
          file: 'api/openapi.yaml',
          pointer: '/paths/~1gone',
          line: 5,
          message: expect.stringContaining('"paths/gone.yaml"'),
        },
        {
          code: 'DANGLING_REF',
          file: 'paths/ok.yaml',
          pointer: '/get/responses/200',
          line: 4,
          message: 'Nothing is at "common.yaml#/Nope".',
        },
      ]),
    )
  })

  test('may be named by the addresses that they say are theirs, and no address is asked', async () => {
    const at = (path: string) => `https://api.test/v1/${path}`
    const answer = (ref: string) => `{get: {responses: {'200': {$ref: '${ref}'}}}}`
    const spec = await prepare({
      'docs/openapi.yaml': `openapi: 3.2.0
$self: ${at('openapi.yaml')}
info: {title: t, version: "1"}
servers: [{url: https://x.test}]
components: {responses: {Here: {description: here}}}
paths:
  /own: ${answer(`${at('openapi.yaml')}#/components/responses/Here`)}
  /near: ${answer(`${at('parts/all.yaml')}#/Near`)}
  /back: {$ref: '${at('parts/all.yaml')}#/Back'}
  /gone: ${answer(`${at('parts/gone.yaml')}#/X`)}
  /other: ${answer('https://elsewhere.test/v1/parts/all.yaml#/Near')}
  /out: ${answer('https://api.test/../../etc/passwd')}`,
      'docs/parts/all.yaml': `$self: https://parts.test/all
Near: {description: near}
Back: ${answer(`${at('openapi.yaml')}#/components/responses/Here`)}
Self: {$ref: 'https://parts.test/all#/Near'}`,
    })
    expect(keys(spec)).toHaveLength(6)
    expect(warned(spec, 'DANGLING_REF')).toEqual([])
    const left = warned(spec, 'EXTERNAL_REF').map(({ pointer }) => pointer)
    expect(left.toSorted()).toEqual(
      ['gone', 'other', 'out'].map((name) => `/paths/~1${name}/get/responses/200`),
    )
    expect(stored(spec)).not.toContain('parts.test/all#')
  })

  test('may have names with spaces, percent signs and anchors in them', async () => {
    const spec = await prepare({
      'openapi.yaml': document(`
  /a: {get: {operationId: a, responses: {'200': {$ref: 'my%20files/100%25.yaml#/R'}}}}
  /b: {get: {operationId: b, responses: {'200': {description: d, content: {application/json: {schema: {$ref: 'my files/x.yaml#Here'}}}}}}}
  /c: {get: {operationId: c, responses: {'200': {$ref: 'my files/x.yaml#/a~1b'}}}}`),
      'my files/100%.yaml': `R: {description: ok, content: {application/json: {schema: {$ref: '#/S'}}}}\nS: {title: s}`,
      'my files/x.yaml':
        'deep: {er: {$anchor: Here, type: object, properties: {found: {}}}}\na/b: {description: c}',
    })
    expect(spec.warnings).toEqual([])
    expect(Object.values(components(spec))).toEqual(
      expect.arrayContaining([
        { title: 's' },
        { $anchor: 'Here', type: 'object', properties: { found: {} } },
        { description: 'c' },
      ]),
    )
  })

  test.each<[string, Files]>([
    ['each in a file', { 'openapi.yaml': 'securitySchemes: {Key: {$ref: ./auth.yaml#/Key}}' }],
    ['all in a file', { 'openapi.yaml': 'securitySchemes: {$ref: auth.yaml}' }],
    ['with all components in a file', { 'openapi.yaml': '$ref: more/parts.yaml' }],
    ['beside the operation that requires them', { 'openapi.yaml': 'schemas: {}' }],
  ])('finds security schemes: %s', async (_, files) => {
    const spec = await prepare({
      'openapi.yaml': `openapi: 3.0.3\ninfo: {title: t, version: '1'}\ncomponents: {${files['openapi.yaml']}}
paths: {/a: {$ref: 'other.yaml#/paths/~1a'}}`,
      'other.yaml': `paths: {/a: {get: {security: [{Key: []}], responses: ${OK}}}}
components: {securitySchemes: {Key: {type: apiKey, name: k, in: query}}}`,
      'auth.yaml': 'Key: {type: apiKey, name: k, in: query}',
      'more/parts.yaml': 'securitySchemes: {$ref: ../auth.yaml}',
    })
    const found = components(spec)
    const written = found['#/components/securitySchemes/Key'] as { $ref?: string }
    expect(found[written.$ref ?? '#/components/securitySchemes/Key']).toEqual({
      type: 'apiKey',
      name: 'k',
      in: 'query',
    })
  })

  test('follows the mapping of a discriminator to other files, and names of components', async () => {
    const spec = await prepare({
      'openapi.yaml': `${withSchema('pets/pet.yaml')}components: {schemas: {Dog: {title: dog}}}`,
      'pets/pet.yaml':
        'discriminator: {propertyName: kind, mapping: {cat: cat.yaml, dog: Dog, bird: "#/Bird"}}\nBird: {title: bird}',
      'pets/cat.yaml': 'title: cat',
    })
    expect(Object.values(components(spec))).toEqual(
      expect.arrayContaining([{ title: 'cat' }, { title: 'dog' }, { title: 'bird' }]),
    )
    expect(spec.warnings).toEqual([])
  })

  test('has the files that only a mapping names, and misses none that is not there', async () => {
    const mapping = '{cat: ./cat.yaml, dog: gone.yaml, cow: Cow, ox: "https://x.test/ox.json"}'
    const pet = `{type: object, discriminator: {propertyName: kind, mapping: ${mapping}}}`
    const spec = await prepare({
      'openapi.yaml': `${withSchema('#/components/schemas/Pet')}components: {schemas: {Pet: ${pet}}}`,
      'cat.yaml': 'title: cat',
    })
    expect(components(spec)['#/x-bundled-files/cat.yaml']).toEqual({ title: 'cat' })
    expect(spec.warnings).toEqual([])
  })

  test('tells of a bad reference once, where it is written', async () => {
    const spec = await prepare({
      'openapi.yaml': document('  /a: {$ref: a.yaml}\n  /b: {$ref: a.yaml}'),
      'a.yaml':
        "get: {responses: {'200': {$ref: 'gone.yaml'}}}\npost: {$ref: 'b.yaml#/gone'}\nput: {$ref: 'b.yaml#/put'}",
      'b.yaml': "put:\n  responses: {'200': {$ref: '#/gone'}}",
    })
    expect(keys(spec)).toHaveLength(6)
    const places = spec.warnings.map(({ code, file, pointer, line }) => [code, file, pointer, line])
    expect(places.toSorted()).toEqual([
      ['DANGLING_REF', 'a.yaml', '/get/responses/200', 1],
      ['DANGLING_REF', 'a.yaml', '/post', 2],
      ['DANGLING_REF', 'b.yaml', '/put/responses/200', 2],
    ])
  })

  test('may keep a description in a file of its own, and info, paths and tags too', async () => {
    const spec = await prepare({
      'openapi.yaml': 'openapi: 3.1.0\ninfo: {$ref: info.yaml}\npaths: {$ref: paths.yaml}\n',
      'info.yaml': "{title: Moved, version: '2', description: {$ref: intro.md}}",
      'intro.md': '# Welcome\n\nto the *API*',
      'paths.yaml': `/a: {get: {responses: ${OK}}}`,
    })
    expect(spec).toMatchObject({ title: 'Moved', version: '2' })
    expect(spec.description).toContain('Welcome')
    expect(keys(spec)).toEqual(['GET /a'])
  })

  test('may keep all answers, media types, headers or properties in a file of their own', async () => {
    const spec = await prepare({
      'openapi.yaml': document(`
  /a:
    put:
      requestBody: {content: {$ref: parts/content.yaml}}
      responses: {$ref: parts/responses.yaml}`),
      'parts/content.yaml': 'application/json: {schema: {properties: {$ref: ../props.yaml}}}',
      'parts/responses.yaml':
        "'200': {description: ok, headers: {$ref: headers.yaml}}\ndefault: {$ref: ../fault.yaml}",
      'parts/headers.yaml': 'Etag: {schema: {type: string}}',
      'props.yaml': 'name: {type: string}\nparent: {properties: {$ref: props.yaml}}',
      'fault.yaml': 'description: fault',
    })
    expect(spec.warnings).toEqual([])
    expect(rows(spec)).toMatchObject([{ bodyProperties: ['name', 'parent'] }])
    const found = components(spec)
    expect(found['#/x-bundled-files/fault.yaml']).toEqual({ description: 'fault' })
    expect(found['#/x-bundled-files/parts~1responses.yaml/200']).toMatchObject({
      headers: { Etag: { $ref: '#/x-bundled-files/parts~1headers.yaml/Etag' } },
    })
  })

  test('may name its files as Windows does', async () => {
    const spec = await prepare({
      'openapi.yaml': document(
        "  /a: {$ref: '.\\paths\\a.yaml'}\n  /b: {$ref: 'paths\\a.yaml#/get'}",
      ),
      'paths/a.yaml': `get: {operationId: a, responses: {'200': {$ref: '..\\ok.yaml'}}}`,
      'ok.yaml': 'description: ok',
    })
    expect(keys(spec)).toEqual(['GET /a'])
    expect(components(spec)['#/x-bundled-files/ok.yaml']).toEqual({ description: 'ok' })
  })

  test('shows a reference that leads nowhere with the percent signs that it has', async () => {
    const spec = await prepare({
      'openapi.yaml': document("  /a: {$ref: 'ok.yaml'}\n  /b: {$ref: 'a%20b.yaml'}"),
      'ok.yaml': `get: {responses: {'200': {$ref: '%2e%2e/gone.yaml#/x'}}}`,
    })
    expect(warned(spec, 'DANGLING_REF').map(({ message }) => message)).toEqual([
      expect.stringContaining('"a b.yaml"'),
      'Nothing is at "%2e%2e/gone.yaml#/x".',
    ])
  })

  test('without a document in it, or with several, is refused with what to do', async () => {
    await expect(prepare({ 'a.json': '{}', 'b.txt': 'openapi: 3.0.0' })).rejects.toThrow(
      /^NOT_OPENAPI: it holds JSON or YAML \(1: a.json\), but nothing with an `openapi`/,
    )
    await expect(
      prepare({ 'a.json': withSchema('#'), 'b/c.yaml': 'swagger: "2.0"\n' }),
    ).rejects.toThrow(/It holds 2 API documents.*: a\.json, b\/c\.yaml\. Give a directory/)
  })

  test('has its limits as a whole', async () => {
    const files = {
      'openapi.yaml': withSchema('big.yaml'),
      'big.yaml': `description: ${'x'.repeat(2_000)}`,
    }
    await expect(prepare(files, { maxBytes: 2_100 })).rejects.toThrow(
      /^TOO_LARGE: .*2100 bytes.*API_CATALOG_MAX_BYTES/,
    )
    const paths = [1, 2, 3].map((n) => `/${n}: {get: {description: {$ref: big.md}}}`)
    const often = {
      'openapi.yaml': `openapi: 3.1.0\ninfo: {title: t}\npaths: {${paths.join(', ')}}`,
      'big.md': 'x'.repeat(1_000),
    }
    await expect(prepare(often, { maxBytes: 2_100 })).rejects.toThrow(
      /^TOO_LARGE: the text files, as often as they are referred to/,
    )
    const deep = { ...files, 'big.yaml': `${'{a: '.repeat(60)}1${'}'.repeat(60)}` }
    expect(warned(await prepare(deep, { maxDepth: 50 }), 'BROKEN_FILE')).toMatchObject([
      { file: 'big.yaml', message: expect.stringContaining('TOO_DEEP') },
    ])
  })

  test.each([
    '../secret.yaml',
    'schemas/../../secret.yaml',
    '%2e%2e/secret.yaml',
    '..%2fsecret.yaml',
    '%2e%2e%2f%2e%2e%2fsecret.yaml',
    '..%5csecret.yaml',
    '..\\secret.yaml',
    './..\\..\\secret.yaml',
    'SECRET_PATH',
    'file://SECRET_PATH',
    'FILE:SECRET_PATH',
    '//127.0.0.1/secret.yaml',
    'CANARY/secret.yaml',
    'CANARY_BARE/secret.yaml',
    'C:/secret.yaml',
    'secret.yaml\0.json',
  ])('never opens %j', async (written) => {
    const ref = written
      .replace('SECRET_PATH', join(folder, 'secret.yaml'))
      .replace('CANARY_BARE', canaryUrl.slice('http:'.length))
      .replace('CANARY', canaryUrl)
    const text = JSON.stringify({
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      paths: { '/a': { get: { responses: { 200: { $ref: ref } } }, $ref: `${ref}#/x` } },
    })
    const spec = await prepare({ 'openapi.json': text })
    expect(keys(spec)).toEqual(['GET /a'])
    const codes = spec.warnings.map(({ code }) => code)
    expect(codes.some((code) => code === 'EXTERNAL_REF' || code === 'DANGLING_REF')).toBe(true)
    expect(stored(spec)).not.toContain(SECRET)
    expect(JSON.stringify(components(spec))).not.toContain(SECRET)
  })
})

test('links that lead out of a directory are not followed, those inside are', async () => {
  await write({
    'openapi.yaml': document(
      `  /a: {get: {responses: {'200': {$ref: link.yaml}}}}\n  /b: {get: {responses: {'200': {$ref: linked/secret.yaml}}}}\n  /c: {get: {responses: {'200': {$ref: inner.yaml}}}}`,
    ),
    'real/inner.yaml': 'description: inside',
  })
  await symlink(join(folder, 'secret.yaml'), join(root, 'link.yaml'))
  await symlink(folder, join(root, 'linked'))
  await symlink(join(root, 'real', 'inner.yaml'), join(root, 'inner.yaml'))
  await symlink(root, join(root, 'loop'))
  const spec = await prepareSpec({ path: root }, limited())
  expect(stored(spec)).not.toContain(SECRET)
  expect(warned(spec, 'DANGLING_REF')).toHaveLength(2)
  expect(components(spec)['#/x-bundled-files/inner.yaml']).toEqual({ description: 'inside' })
})

test('a pipe in a directory is not waited for', async () => {
  await write({ 'openapi.yaml': withSchema('pipe.yaml') })
  execFileSync('mkfifo', [join(root, 'pipe.yaml')])
  const spec = await prepareSpec({ path: root }, limited())
  expect(warned(spec, 'EXTERNAL_REF')).toHaveLength(1)
})

test.skipIf(!existsSync('/proc/filesystems'))(
  'a file that says it has no bytes is read to its end',
  async () => {
    const read = prepareSpec({ path: '/proc/filesystems' }, limited())
    await expect(read).rejects.toThrow(/^NOT_(?:OPENAPI|PARSABLE)/)
  },
)

test('a zip whose names lead out of it is refused, and writes nothing', async () => {
  const entry = { name: 'openapi.json', content: withSchema('#') }
  for (const name of ['../evil.yaml', '/etc/evil.yaml', 'a/../../evil.yaml', 'C:/evil.yaml']) {
    const zip = zipOf([entry, { name, content: 'x: 1' }])
    await expect(prepareSpec({ content: zip }, limited())).rejects.toThrow(
      /^NOT_PARSABLE: the zip cannot be read: .*path/,
    )
  }
})

test('a zip that unpacks to too much is refused before it is unpacked', async () => {
  const content = Buffer.alloc(3_000_000, ' ')
  const entries = [
    { name: 'openapi.json', content: withSchema('#') },
    { name: 'bomb.json', content },
  ]
  const limits = limited({ maxBytes: 1_000_000 })
  await expect(prepareSpec({ content: zipOf(entries) }, limits)).rejects.toThrow(
    /^TOO_LARGE: the files of the zip unpack to more than 1000000 bytes.*API_CATALOG_MAX_BYTES/,
  )
  const lying = entries.map((entry) => ({ ...entry, claimedBytes: 200 }))
  await expect(prepareSpec({ content: zipOf(lying) }, limits)).rejects.toThrow(/^NOT_PARSABLE: /)
})

test('a zip with too many files, a broken or an encrypted one is refused', async () => {
  const many = Array.from({ length: 50_001 }, (_, n) => ({ name: `${n}`, content: '' }))
  await expect(prepareSpec({ content: zipOf(many) }, limited())).rejects.toThrow(
    /^TOO_LARGE: the zip holds more than 50000 files/,
  )
  const whole = zipOf([{ name: 'openapi.json', content: withSchema('#') }])
  await expect(prepareSpec({ content: whole.subarray(0, 60) }, limited())).rejects.toThrow(
    /^NOT_PARSABLE: the zip cannot be read/,
  )
  const locked = zipOf([{ name: 'openapi.json', content: withSchema('#'), isEncrypted: true }])
  await expect(prepareSpec({ content: locked }, limited())).rejects.toThrow(/encrypted/)
})

test('a zip whose names all begin with ./ holds what others hold', async () => {
  const spec = await fromZip({
    './api/openapi.yaml': document('  /a: {$ref: paths/a.yaml}'),
    './api/paths/a.yaml': `get: {responses: ${OK}}`,
    './.git/openapi.yaml': document('  /hidden: {}'),
  })
  expect(spec.entry).toBe('api/openapi.yaml')
  expect(keys(spec)).toEqual(['GET /a'])
})

test('a listing tells documents from parts, whatever they are called', async () => {
  await write({
    'one.json': `\uFEFF{"openapi":"3.0.0"}`,
    'remarked.json': '// our service\n/* of "swagger": 2 */ {"info": {}, "openapi": "3.0.0"}',
    'guarded.json': ')]}\',\n{"openapi": "3.0.0"}',
    'remarked-part.json': '// the "openapi": "3.0.0" part\n{"x": {"openapi": "3.0.0"}}',
    'two.yml': '# comment\n"swagger": "2.0"\n',
    'old/three.json': '{"apis":[],"swaggerVersion":"1.2"}',
    'broken.json': '{"openapi": "3.0.0", "info": {',
    'part.yaml': 'openapi_like: 1\n  openapi: 3\n',
    'nested.json': '{"x":{"openapi":"3.0.0"}}',
    'image.json': '%PDF',
    'node_modules/x/openapi.json': '{"openapi":"3.0.0"}',
    '.git/openapi.yaml': 'openapi: 3.0.0',
  })
  expect(await listBundle({ path: root }, limited())).toEqual({
    roots: [
      'broken.json',
      'guarded.json',
      'old/three.json',
      'one.json',
      'remarked.json',
      'two.yml',
    ],
    others: ['image.json', 'nested.json', 'part.yaml', 'remarked-part.json'],
  })
  expect(await listBundle({ path: join(root, 'one.json') }, limited())).toBeNull()
})

test('a document in UTF-16 refers to files as others do', async () => {
  await write({ 'shared.yaml': `x: {get: {operationId: far, responses: ${OK}}}` })
  const text = '{"openapi":"3.0.0","info":{"title":"t"},"paths":{"/a":{"$ref":"shared.yaml#/x"}}}'
  await writeFile(join(root, 'api.json'), Buffer.from(`\uFEFF${text}`, 'utf16le'))
  expect(keys(await prepareSpec({ path: root }, limited()))).toEqual(['GET /a'])
})

test('a document by itself is read as it is, and its files are named', async () => {
  await write(SHOP)
  const spec = await prepareSpec({ path: join(root, 'openapi.yaml') }, limited())
  expect(keys(spec)).toEqual(['GET /owners'])
  expect(warned(spec, 'EXTERNAL_REF').map(({ message }) => message)).toContainEqual(
    expect.stringMatching(/never opened; a folder or zip/),
  )
})
