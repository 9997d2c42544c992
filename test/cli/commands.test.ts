import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { settingRows } from '../../src/config.js'
import { runHere } from '../setup/command-line.js'
import { storageKinds } from '../setup/databases.js'
import { RawServer, runCommand, storageSettings, type Settings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const PETS = openApi('Pets', {
  'GET /pets': { id: 'listPets', summary: 'List all pets', tags: ['pets'] },
  'POST /pets': { id: 'addPet', summary: 'Add a pet' },
})
const COWS = openApi('Cows', { 'GET /cows': { id: 'listCows', summary: 'List all cows' } })

describe('without a database', () => {
  test('--help names every command and every setting', async () => {
    const { code, stdout, stderr } = await runHere(['--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command}\\b`, 'm'))
    for (const { flag, env, default: fallback } of settingRows) {
      expect(stdout).toContain(flag)
      expect(stdout).toContain(env)
      expect(stdout).toContain(`(${fallback})`)
    }
  })

  test.each(COMMANDS)('%s --help tells what it takes', async (command) => {
    const { code, stdout, stderr } = await runHere([command, '--help'])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(`Usage: api-catalog-mcp ${command}`)
  })

  test('--version is that of the package', async () => {
    const { code, stdout } = await runCommand(['--version'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${packageJson.version}\n` })
  })

  test.each([
    [['upload']],
    [['get']],
    [['search']],
    [['warnings']],
    [['delete']],
    [['eval']],
    [['eval', '--queries', 'x']],
    [['backup']],
    [['frobnicate']],
    [['serve', 'something']],
    [['list', 'something']],
    [['list', '--frobnicate']],
    [['search', 'x', '--limit', 'many']],
    [['search', 'x', '--limit']],
    [['status', '--jobs', '-1']],
    [['list', '--workers']],
  ])('%j is not understood', async (args) => {
    const { code, stdout, stderr } = await runHere(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: [^\n]+/)
    expect(stderr).not.toMatch(/\bat .*\.js:\d/)
  })

  test('what is not understood ends the program with 2', async () => {
    const { code, stdout, stderr } = await runCommand(['frobnicate'])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: /)
  })

  test.each([
    [['list', '--data-dir', '/dev/null/x'], 'The data directory /dev/null/x'],
    [['search', 'x', '--ranking', 'best'], 'ranking'],
    [['search', 'x', '--limit', '0'], 'limit'],
    [['reembed'], '--all'],
    [['reembed', 'pets', '--all'], '--all'],
    [['upload', '/nowhere/*.json'], '/nowhere/*.json'],
    [
      ['eval', '--queries', '/nowhere', '--specs', '/nowhere'],
      '/nowhere cannot be read: there is no such file.',
    ],
  ])('%j fails with one line that says why', async (args, part) => {
    const { code, stdout, stderr } = await runHere(args)
    expect([1, 2]).toContain(code)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^[^\n]+\n$/)
    expect(stderr).not.toMatch(/Something went wrong|\bat .*\.js:\d/)
    expect(stderr).toContain(part)
  })
})

describe.each(storageKinds)('on the %s database', (kind) => {
  let settings: Settings
  let folder: string
  /** Runs while the tests do, but for those in the middle. */
  let server: RawServer
  const run = async (...args: string[]) => runCommand(args, settings)
  const here = async (...args: string[]) => runHere(args, settings)
  const json = async (...args: string[]) => {
    const { code, stdout, stderr } = await here(...args, '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    return JSON.parse(stdout)
  }

  const inFolder = (...names: string[]) => join(folder, ...names)

  beforeAll(async () => {
    settings = await storageSettings(kind)
    folder = await mkdtemp(join(tmpdir(), 'api-catalog-cli-'))
    await mkdir(inFolder('specs', 'more'), { recursive: true })
    await writeFile(inFolder('specs', 'pets.json'), PETS)
    await writeFile(inFolder('specs', 'more', 'cows.yaml'), COWS)
    server = await RawServer.start(settings, ['--no-worker'])
  })
  afterAll(async () => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  test('upload takes a file, a folder, a pattern and standard input', async () => {
    const file = await run('upload', inFolder('specs', 'pets.json'))
    expect(file).toMatchObject({ code: 0, stderr: '' })
    expect(file.stdout).toContain('**pets** created: revision 1, 2 operations')

    const lines = await run('upload', inFolder('specs'), '--catalog', 'farm', '--json')
    expect(lines).toMatchObject({ code: 0, stderr: '' })
    expect(jsonLines(lines.stdout)).toMatchObject([
      { catalog: 'farm', spec: 'cows', outcome: 'created', operation_count: 1 },
      { catalog: 'farm', spec: 'pets', outcome: 'created', operation_count: 2 },
    ])

    const pattern = await run(
      'upload',
      inFolder('specs', '**', '*.yaml'),
      '--name',
      'herd',
      '--json',
    )
    expect(jsonLines(pattern.stdout)).toMatchObject([{ catalog: 'default', spec: 'herd' }])

    const args = ['upload', '-', '--name', 'piped', '--json']
    const piped = await runCommand(args, settings, PETS)
    expect(jsonLines(piped.stdout)).toMatchObject([{ spec: 'piped', outcome: 'created' }])
  })

  test('upload takes what it can, says what it cannot, and fails then', async () => {
    await writeFile(inFolder('empty.json'), '')
    await writeFile(inFolder('page.html'), '<!doctype html>')
    const inputs = [inFolder('empty.json'), inFolder('specs', 'pets.json'), inFolder('page.html')]
    const { code, stdout, stderr } = await run('upload', ...inputs, inFolder('none.json'), '--json')
    expect(code).toBe(1)
    expect(jsonLines(stdout)).toMatchObject([
      { source: inputs[0], error: expect.stringMatching(/^EMPTY: .*\.$/) },
      { spec: 'pets', outcome: 'unchanged' },
      { source: inputs[2], error: expect.stringMatching(/HTML page/) },
      { source: inFolder('none.json'), error: expect.stringMatching(/\.$/) },
    ])
    expect(stderr).toContain('3 of 4 documents could not be taken.')
    expect(stderr).not.toMatch(/\bat .*\.js:\d/)
  })

  test('upload of a folder passes over what is no spec, and fails where none is', async () => {
    await mkdir(inFolder('mixed'), { recursive: true })
    await writeFile(
      inFolder('mixed', 'package.json'),
      '{"name":"x","version":"1","dependencies":{}}',
    )
    await writeFile(inFolder('mixed', 'pets.json'), PETS)
    const mixed = await run('upload', inFolder('mixed'), '--json', '--catalog', 'mixed')
    expect(mixed.code).toBe(0)
    expect(jsonLines(mixed.stdout)).toMatchObject([{ spec: 'pets' }])
    expect(mixed.stderr).toMatch(/1 more JSON or YAML file without .*: package\.json\n/)

    await mkdir(inFolder('none'), { recursive: true })
    const none = await run('upload', inFolder('none'))
    expect(none).toMatchObject({ code: 1, stdout: '' })
    expectSentence(none.stderr, inFolder('none'))
    await writeFile(
      inFolder('none', 'package.json'),
      '{"name":"x","version":"1","dependencies":{}}',
    )
    expect(await run('upload', inFolder('none'))).toMatchObject({ code: 1, stdout: '' })
  })

  test('one name cannot be given to several documents', async () => {
    const { code, stdout, stderr } = await run('upload', inFolder('specs'), '--name', 'both')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expectSentence(stderr, '--name')
  })

  test('backfill embeds what is missing, and tells how it goes', async () => {
    await server.close()
    const { code, stdout, stderr } = await run('backfill', '--json')
    expect(code).toBe(0)
    const { summary } = JSON.parse(stdout)
    expect(summary).toMatchObject({ specs_pending: 0, specs_running: 0, specs_failed: 0 })
    expect(summary.embedding_count).toBe(summary.operation_count)
    expect(stderr).toMatch(/^(?:\d+\/\d+ operations embedded[^\n]*\n)+$/)
    const { operation_count: all } = summary
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(`${all}/${all} operations embedded`)
  })

  test('a command knows what the one before did, and leaves the database to the next', async () => {
    const listed = await run('list', '--json')
    expect(listed).toMatchObject({ code: 0, stderr: '' })
    const { catalogs } = JSON.parse(listed.stdout)
    expect(catalogs).toMatchObject([{ name: 'default' }, { name: 'farm' }, { name: 'mixed' }])
    const found = await run('search', 'add', 'a', 'pet', '--json')
    expect(JSON.parse(found.stdout)).toMatchObject({ ranking: 'hybrid' })
  })

  test('all commands work while a server runs on the same database', async () => {
    server = await RawServer.start(settings)
    const { facts } = await server.call('list_specs')
    expect(JSON.parse((await run('list', '--json')).stdout)).toEqual(facts)
  })

  test('list, search, get and status give the same facts as the tools', async () => {
    const facts = async (tool: string, args: object) => (await server.call(tool, args)).facts
    expect(await json('list')).toEqual(await facts('list_specs', {}))
    expect(await json('list', '--catalog', 'farm')).toEqual(
      await facts('list_specs', { catalog: 'farm' }),
    )
    const filters = ['--catalog', 'farm', '--method', 'get', '--limit', '1', '--ranking', 'lexical']
    const found = await json('search', 'list', 'the', 'pets', ...filters, '--explain')
    expect(found).toEqual(
      await facts('search_operations', {
        query: 'list the pets',
        catalog: 'farm',
        method: 'get',
        limit: 1,
        ranking: 'lexical',
        explain: true,
      }),
    )
    expect(found.results).toMatchObject([{ id: 'farm/pets:listPets', why: { rank_lexical: 1 } }])
    const pets = ['search', 'pets', '--catalog', 'farm', '--limit', '1']
    const page = await here(...pets)
    const [, cursor = ''] = /^There is more: --cursor (\S+)\n$/.exec(page.stderr) ?? []
    const [one, next] = [await json(...pets), await json(...pets, '--cursor', cursor)]
    expect(next.results).toHaveLength(1)
    expect(next.results[0].id).not.toBe(one.results[0].id)
    expect(await json('search', 'pets', '--spec', 'farm/pets', '--tag', 'pets')).toMatchObject({
      total: 1,
    })
    const ids = ['farm/pets:addPet', 'nothing']
    expect(await json('get', ...ids)).toEqual(await facts('get_operation', { ids }))
    const include = ['errors', 'schema']
    expect(await json('get', ...ids, '--include', ...include)).toEqual(
      await facts('get_operation', { ids, include }),
    )
    expect(await json('status', '--jobs', '3')).toEqual(
      await facts('embedding_status', { jobs: 3 }),
    )
  })

  test('what they print for people is no JSON, and ends with a line break', async () => {
    for (const args of [['list'], ['search', 'pets'], ['get', 'piped:addPet'], ['status']]) {
      const { code, stdout, stderr } = await run(...args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/^[^{[][^]*\n$/)
    }
  })

  test('what is not there fails with a sentence', async () => {
    for (const [args, part] of [
      [['search', 'pets', '--spec', 'pest'], 'No spec named "pest"'],
      [['list', '--catalog', 'nowhere'], 'No catalog named "nowhere"'],
      [['warnings', 'pest'], 'No spec named "pest"'],
      [['delete', 'pest'], 'No spec named "pest"'],
      [['delete', 'nowhere/pets'], 'No spec named "pets"'],
      [['reembed', 'pest'], 'No spec named "pest"'],
      [['get', 'nothing'], 'No operation was found'],
    ] as const) {
      const { code, stderr } = await here(...args)
      expect(code).toBe(1)
      expectSentence(stderr, part)
    }
  })

  test('upload --wait returns when all is embedded', async () => {
    await writeFile(inFolder('new.json'), openApi('New', { 'GET /new': { summary: 'Brand new' } }))
    const { code, stdout, stderr } = await run('upload', inFolder('new.json'), '--wait', '--json')
    expect(code).toBe(0)
    expect(jsonLines(stdout)).toMatchObject([{ spec: 'new', job: { status: 'pending' } }])
    expect(stderr).toContain('operations embedded')
    const { specs } = await json('status')
    const { badge } = specs.find((one: { spec_name: string }) => one.spec_name === 'new')
    expect(badge).toBe('indexed')
  })

  test('reembed asks for one spec, or for all', async () => {
    expect(await json('reembed', 'farm/pets')).toMatchObject({ catalog: 'farm', spec: 'pets' })
    const { code, stdout, stderr } = await run('reembed', '--all', '--json')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const { catalogs } = await json('list')
    const specs = catalogs.flatMap((one: { specs: object[] }) => one.specs)
    expect(jsonLines(stdout)).toHaveLength(specs.length)
    const { jobs } = await json('status', '--jobs', '50')
    const asked = jobs.filter(({ kind }: { kind: string }) => kind === 'manual_retry')
    expect(asked.length).toBeGreaterThanOrEqual(specs.length)
  })

  test('delete removes the spec named', async () => {
    expect(await json('delete', 'farm/pets')).toEqual({
      deleted: { catalog: 'farm', spec: 'pets', revision: 1, operation_count: 2 },
    })
    const { catalogs } = await json('list', '--catalog', 'farm')
    expect(catalogs).toMatchObject([{ specs: [{ name: 'cows' }] }])
  })

  test('doctor finds everything well', async () => {
    const { checks } = await json('doctor')
    expect(checks.length).toBeGreaterThan(3)
    expect(checks.filter(({ state }: { state: string }) => state !== 'ok')).toEqual([])
    expect((await run('doctor')).stdout).toMatch(/^ok +program +api-catalog-mcp/)
  })

  test('migrate has nothing left to do', async () => {
    expect(await run('migrate')).toMatchObject({ code: 0, stderr: '' })
  })

  test('the server knows at once what a command did', async () => {
    await writeFile(inFolder('late.json'), openApi('Late', { 'GET /late': { id: 'beLate' } }))
    expect(await run('upload', inFolder('late.json'), '--wait')).toMatchObject({ code: 0 })
    const { facts } = await server.call('search_operations', { query: 'beLate' })
    expect(facts.results[0]).toMatchObject({ id: 'late:beLate', match: 'exact' })
    expect(await run('delete', 'late')).toMatchObject({ code: 0 })
    const after = await server.call('get_operation', { ids: ['late:beLate'] })
    expect(after.facts).toMatchObject({ operations: [], not_found: ['late:beLate'] })
    await server.close()
  })
})

test('what fails says which command helps, in the words of the command line', async () => {
  const { code, stderr } = await runCommand(['delete', 'list_specs'], await storageSettings())
  expect(code).toBe(1)
  expect(stderr).toContain('No spec named "list_specs"')
  expect(stderr).toContain('`upload` adds one')
})

test('doctor names what is wrong, and fails', async () => {
  const settings = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' }
  const { code, stdout, stderr } = await runCommand(['doctor', '--json'], settings)
  expect(code).toBe(1)
  expect(JSON.parse(stdout).checks).toContainEqual({
    name: 'storage',
    state: 'failed',
    detail: expect.stringContaining('127.0.0.1:1'),
  })
  expectSentence(stderr, 'storage')
})

test('reembed says who embeds, and doctor blames the embedder where it is the embedder', async () => {
  const settings = await storageSettings()
  const folder = await mkdtemp(join(tmpdir(), 'api-catalog-cli-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'pets.json')
  await writeFile(file, openApi('Pets', { 'GET /pets': { id: 'listPets' } }))
  expect(await runCommand(['upload', file, '--wait'], settings)).toMatchObject({ code: 0 })
  const { stdout } = await runCommand(['reembed', 'pets'], settings)
  expect(stdout).toContain('without one, `backfill` does')

  const away = { ...settings, OLLAMA_HOST: '127.0.0.1:1' }
  const asked = await runCommand(['doctor', '--json'], away)
  expect(asked.code).toBe(1)
  const states = JSON.parse(asked.stdout).checks.map(
    ({ name, state }: { name: string; state: string }) => `${name} ${state}`,
  )
  expect(states).toEqual(expect.arrayContaining(['storage ok', 'embedder failed', 'catalog ok']))
  expectSentence(asked.stderr, 'Not well: embedder')
})

test('--log-level debug shows where a failure came from, nothing else does', async () => {
  const settings = { API_CATALOG_DATA_DIR: '/dev/null/x' }
  const plain = await runCommand(['list'], settings)
  expect(plain.stderr).not.toMatch(/\bat .*\.js:\d/)
  const debug = await runCommand(['list', '--log-level', 'debug'], settings)
  expect(debug.stderr).toMatch(/\bat .*\.js:\d/)
})

const COMMANDS = [
  'serve',
  'upload',
  'search',
  'get',
  'list',
  'status',
  'reembed',
  'warnings',
  'delete',
  'backfill',
  'eval',
  'migrate',
  'doctor',
  'backup',
  'restore',
]

function jsonLines(text: string): unknown[] {
  const lines = text.split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line) => JSON.parse(line))
}

/** One line on stderr that ends as sentences do, with no trace of the program in it. */
function expectSentence(stderr: string, part: string): void {
  expect(stderr).toMatch(/^[^\n]+\.\n$/)
  expect(stderr).not.toMatch(/Something went wrong|\bat .*\.js:\d/)
  expect(stderr).toContain(part)
}
