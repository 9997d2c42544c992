import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readConfig } from '../../src/config.js'
import { DEFAULT_LIMITS } from '../../src/openapi/spec-error.js'
import { environment, runCommand, storageSettings, type Settings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'
import { zipOf } from '../setup/zip.js'

const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

let folder: string
let settings: Settings

beforeAll(async () => {
  settings = await storageSettings()
  folder = await mkdtemp(join(tmpdir(), 'api-catalog-limits-'))
})
afterAll(async () => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

const PETS = openApi('Pets', { 'GET /pets': {}, 'GET /pets/{id}': {} })
const ALIASES = `openapi: 3.0.0\ninfo: {title: t, version: "1"}\npaths: {}\nx: &x 1\ny: [*x, *x, *x]\n`
const BIG = JSON.stringify({
  openapi: '3.0.0',
  paths: {},
  'x-n': Array.from({ length: 400_000 }, () => ({ a: [1] })),
})

test('the settings start where parsing without settings does', () => {
  expect(readConfig({}, {})).toMatchObject(DEFAULT_LIMITS)
})

test.each([
  ['API_CATALOG_MAX_BYTES', '1024', `${PETS}${' '.repeat(2_000)}`, /^TOO_LARGE: .*1024 bytes/],
  ['API_CATALOG_MAX_OPERATIONS', '1', PETS, /^TOO_LARGE: the document has 2 operations.* is 1\./],
  [
    'API_CATALOG_MAX_DEPTH',
    '10',
    `{"openapi":"3.0.0","x":${'['.repeat(11)}${']'.repeat(11)}}`,
    /^TOO_DEEP: .*more than 10 levels/,
  ],
  ['API_CATALOG_MAX_ALIASES', '2', ALIASES, /^ALIAS_BUDGET: .*more than 2 YAML aliases/],
  ['API_CATALOG_PARSE_TIMEOUT_MS', '100', BIG, /^TIMEOUT: .*longer than 0\.1 s/],
  ['API_CATALOG_PARSE_MEMORY_MB', '32', BIG, /^TOO_LARGE: .*more than 32 MB of memory/],
])('%s is heeded, and named by the refusal', async (name, value, document, why) => {
  const file = join(folder, 'document')
  await writeFile(file, document)
  const { code, stdout, stderr } = await runCommand(['upload', file], {
    ...settings,
    [name]: value,
  })
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  const [sentence = ''] = stderr.replace(`${file}: `, '').split('\n')
  expect(sentence).toMatch(why)
  expect(sentence).toContain(name)
})

test.each([
  ['a file', 3_000_000, (content: string) => content],
  [
    'two files, each of which would not',
    290_000,
    (content: string) =>
      zipOf([
        {
          name: 'a.json',
          content: content.replace('"paths":{}', '"paths":{"/a":{"$ref":"b.json"}}'),
        },
        { name: 'b.json', content: content.replace('"openapi":"3.0.0",', '') },
      ]),
  ],
])(
  'JSON whose value would take more memory than reading may is refused: %s',
  async (_, count, make) => {
    const file = join(folder, 'empty-objects')
    const content = `{"openapi":"3.0.0","paths":{},"x-n":[${'{},'.repeat(count)}1]}`
    await writeFile(file, make(content))
    const { code, stderr } = await runCommand(['upload', file], {
      ...settings,
      API_CATALOG_PARSE_MEMORY_MB: '64',
    })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('TOO_LARGE: reading the document may take more than 64 MB'),
    })
  },
)

test('standard input is read to the limit, though it has no end', async () => {
  const endless = { ...settings, API_CATALOG_MAX_BYTES: '100000' }
  const child = spawn(process.execPath, [PROGRAM, 'upload', '-'], { env: environment(endless) })
  child.stdin.on('error', () => {}) // it is not read on
  const stderr = text(child.stderr)
  child.stdin.write('# '.repeat(100_000)) // and never ended
  await once(child, 'close')
  expect(await stderr).toMatch(/^TOO_LARGE: standard input has \d+ bytes; the limit/)
})

test('a path may be a file: URL, and an empty one is not the folder one is in', async () => {
  const file = join(folder, 'pets and more.json')
  await writeFile(file, PETS)
  const { code, stdout } = await runCommand(['upload', String(pathToFileURL(file))], settings)
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('2 operations'),
  })
  const two = join(folder, 'two')
  await mkdir(two)
  for (const name of ['a', 'b']) await writeFile(join(two, `${name}.json`), PETS)
  const all = await runCommand(['upload', String(pathToFileURL(two)), '--json'], settings)
  expect(all.stdout.trim().split('\n')).toHaveLength(2)
  for (const [path, why] of [
    ['', 'empty'],
    ['file://far.test/a.json', 'no file of this machine'],
  ] as const) {
    const refused = await runCommand(['upload', path], settings)
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(why) })
  }
})

test('every document of a zip is taken with its files, and a broken one stops no other', async () => {
  const file = join(folder, 'apis.zip')
  const paths = { '/b': { $ref: '../paths/b.yaml' } }
  const zip = zipOf([
    { name: 'a/pets.json', content: PETS },
    {
      name: 'b/shop.json',
      content: JSON.stringify({ openapi: '3.0.0', info: { title: 'Shop' }, paths }),
    },
    { name: 'paths/b.yaml', content: 'get: {operationId: listShops, responses: {}}' },
    { name: 'broken.yaml', content: 'openapi: 3.0.0\ninfo: {title: [' },
  ])
  await writeFile(file, zip)
  const uploads = [['upload', file, '--json'] as const, ['upload', '-', '--json'] as const]
  for (const args of uploads) {
    const { code, stdout, stderr } = await runCommand(args, settings, zip)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object)
    expect(lines).toMatchObject([
      { spec: 'pets', operation_count: 2 },
      { spec: 'shop', operation_count: 1 },
      {
        source: expect.stringContaining('broken.yaml'),
        error: expect.stringMatching(/^NOT_PARSABLE/),
      },
    ])
    expect(code).toBe(1)
    expect(stderr).toContain('1 of 3 documents could not be taken.')
  }
})
