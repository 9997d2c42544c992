import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hasPostgres } from '../setup/databases.js'
import { runCommand, storageSettings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const ZOO = openApi('Zoo', {
  'GET /animals': { id: 'listAnimals', summary: 'List the animals of the zoo' },
  'POST /animals': { id: 'addAnimal', summary: 'Take in a new animal' },
  'DELETE /animals/{id}': { id: 'releaseAnimal', summary: 'Set an animal free' },
})
const BANK = openApi('Bank', {
  'GET /accounts': { id: 'listAccounts', summary: 'List the accounts of a customer' },
  'POST /transfers': { id: 'makeTransfer', summary: 'Send money to another account' },
})

const zoo = 'eu__zoo.json'
const QUESTIONS = [
  { id: 'q1', query: 'set free', gold: [{ spec: zoo, method: 'DELETE', path: '/animals/{id}' }] },
  {
    id: 'q2',
    query: 'send money',
    gold: [{ spec: 'bank.yaml', method: 'post', path: '/transfers' }],
  },
  {
    id: 'q3',
    query: 'list',
    scope: 'bank',
    gold: [{ spec: 'bank.yaml', method: 'GET', path: '/accounts' }],
  },
  { id: 'q4', query: 'zzxqy', gold: [{ spec: zoo, method: 'GET', path: '/animals' }] },
]

let folder: string
let args: string[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-catalog-eval-test-'))
  await mkdir(join(folder, 'specs', 'eu'), { recursive: true })
  await writeFile(join(folder, 'specs', 'eu', 'zoo.json'), ZOO)
  await writeFile(join(folder, 'specs', 'bank.yaml'), BANK)
  const lines = QUESTIONS.map((question) => JSON.stringify(question))
  await writeFile(join(folder, 'queries.jsonl'), `${lines.join('\n')}\n\n`)
  args = ['eval', '--queries', join(folder, 'queries.jsonl'), '--specs', join(folder, 'specs')]
})
afterAll(async () => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

test('names the right answers that no document has', async () => {
  const gold = [
    { spec: 'bank.yaml', method: 'get', path: '/accounts' },
    { spec: 'bank.yaml', method: 'GET', path: '/account' },
    { spec: 'shop.yaml', method: 'GET', path: '/orders' },
  ]
  const queries = join(folder, 'mistaken.jsonl')
  await writeFile(queries, JSON.stringify({ id: 'q9', query: 'accounts', gold }))
  const { code, stderr } = await runCommand(
    ['eval', '--queries', queries, '--specs', join(folder, 'specs'), '--ranking', 'lexical'],
    await storageSettings(),
  )
  expect(code).toBe(0)
  expect(stderr.trimEnd().split('\n')).toEqual([
    'Answers are in files that are not there: shop.yaml',
    'Answers that their document does not have: GET /account of bank.yaml (question q9)',
  ])
})

test('names the questions without a right answer, and how to see what they found', async () => {
  const { stderr } = await runCommand([...args, '--ranking', 'lexical'], await storageSettings())
  expect(stderr).toBe(
    'No right answer among the first ten: q4. `--run FILE` writes what was found.\n',
  )
})

test('scores the answers, and writes the rankings', async () => {
  const settings = await storageSettings()
  const run = join(folder, 'run.jsonl')
  const { code, stdout, stderr } = await runCommand(
    [...args, '--ranking', 'lexical', '--json', '--run', run],
    settings,
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({
    ranking: 'lexical',
    queries: 4,
    specs: 2,
    'hit@1': 0.75,
    'recall@5': 0.75,
    'MRR@10': 0.75,
    'nDCG@10': 0.75,
    latency_ms: { p50: expect.any(Number), p95: expect.any(Number) },
    page_tokens: { p50: expect.any(Number), p95: expect.any(Number) },
  })
  const rankings = (await readFile(run, 'utf8')).trimEnd().split('\n')
  expect(rankings.map((line) => JSON.parse(line))).toEqual([
    { id: 'q1', results: [{ spec: zoo, method: 'DELETE', path: '/animals/{id}' }] },
    { id: 'q2', results: [{ spec: 'bank.yaml', method: 'POST', path: '/transfers' }] },
    { id: 'q3', results: [{ spec: 'bank.yaml', method: 'GET', path: '/accounts' }] },
    { id: 'q4', results: [] },
  ])
  // It has a scratch database of its own.
  const listed = await runCommand(['list', '--json'], settings)
  expect(JSON.parse(listed.stdout)).toEqual({ catalogs: [] })
})

test('embeds first unless it is lexical, and prints figures for people', async () => {
  const { code, stdout, stderr } = await runCommand([...args, '--limit', '2'])
  expect(code).toBe(0)
  expect(stderr).toContain('5/5 operations embedded')
  expect(stdout).toMatch(/^ranking +auto$/m)
  expect(stdout).toMatch(/^hit@1 +(?:0\.75|1)/m)
  expect(stdout).toMatch(/^latency_ms +p50 [\d.]+, p95 [\d.]+, p99 [\d.]+$/m)
})

describe('with other documents around', () => {
  const TOWN = openApi('Town', {
    'DELETE /birds/{id}': { id: 'freeBird', summary: 'Set free a bird' },
    'GET /streets': { id: 'listStreets', summary: 'List streets' },
  })
  let buried: string
  let exclude: string

  beforeAll(async () => {
    buried = join(folder, 'buried')
    await mkdir(join(buried, 'eu'), { recursive: true })
    await writeFile(join(buried, 'town.json'), TOWN)
    await writeFile(join(buried, 'copy.json'), ZOO)
    // Of this name there is one among the specs asked about, which has more in it.
    await writeFile(join(buried, 'eu', 'zoo.json'), openApi('Empty', {}))
    exclude = join(folder, 'exclude.txt')
    await writeFile(exclude, '# copies of the specs asked about\n^copy\\.json$\n\n')
  })

  const evaluated = async (more: readonly string[]) => {
    const run = join(folder, 'buried.jsonl')
    const { code, stdout } = await runCommand(
      [...args, '--ranking', 'lexical', '--json', '--run', run, ...more],
      // Postgres, where there is one, is made in no time.
      {
        ...(await storageSettings()),
        API_CATALOG_EMBEDDER: 'none',
      },
    )
    expect(code).toBe(0)
    const lines = (await readFile(run, 'utf8')).trimEnd().split('\n')
    return {
      facts: JSON.parse(stdout),
      first: lines.map((line) => JSON.parse(line).results[0]),
    }
  }

  test('questions are asked among them, less those left out', async () => {
    const { facts, first } = await evaluated(['--buried', buried, '--exclude', exclude])
    expect(facts).toMatchObject({ specs: 3, operations: 7, embedder: null })
    expect(first[0]).toMatchObject({ path: expect.stringMatching(/^.(?:birds|animals)/) })
    const without = await evaluated(['--buried', buried])
    expect(without.facts).toMatchObject({ specs: 4, operations: 10 })
  })

  test('summaries of right answers are left out of the index when asked', async () => {
    const { first } = await evaluated([
      '--buried',
      buried,
      '--exclude',
      exclude,
      '--blank-gold-summaries',
    ])
    expect(first[0]).toEqual({ spec: 'town.json', method: 'DELETE', path: '/birds/{id}' })
  })

  test('one folder may be both', async () => {
    const { facts } = await evaluated(['--specs', buried, '--buried', buried, '--exclude', exclude])
    expect(facts).toMatchObject({ specs: 2, operations: 2 })
  })

  test('a pattern that is none is refused with its line', async () => {
    const bad = join(folder, 'bad.txt')
    await writeFile(bad, '# fine\n(\n')
    const { code, stderr } = await runCommand([...args, '--buried', buried, '--exclude', bad])
    expect(code).toBe(1)
    expect(stderr).toContain(`${bad}:2 is no regular expression`)
  })
})

test.skipIf(!hasPostgres)('measures a Postgres in a scratch database on its server', async () => {
  const settings = await storageSettings('postgres')
  const { code, stdout } = await runCommand([...args, '--ranking', 'lexical', '--json'], settings)
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ database: 'postgres', 'hit@1': 0.75 })
  const listed = await runCommand(['list', '--json'], settings)
  expect(JSON.parse(listed.stdout)).toEqual({ catalogs: [] })
})

test.each([
  ['not json', 'Line 1'],
  ['{"id":"x","query":"y","gold":[]}', 'Line 1'],
  [`${JSON.stringify(QUESTIONS[0])}\n{"id":7}`, 'Line 2'],
  ['\n\n', 'no questions'],
])('questions that are none are refused with a sentence: %j', async (text, part) => {
  const queries = join(folder, 'bad.jsonl')
  await writeFile(queries, text)
  const specs = join(folder, 'specs')
  const { code, stdout, stderr } = await runCommand([
    'eval',
    '--queries',
    queries,
    '--specs',
    specs,
  ])
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  expect(stderr).toMatch(/^[^\n]+\.\n$/)
  expect(stderr).toContain(part)
})

test('a folder without specs is refused', async () => {
  const empty = join(folder, 'empty')
  await mkdir(empty)
  const [command, flag, queries] = args as [string, string, string]
  const { code, stderr } = await runCommand([command, flag, queries, '--specs', empty])
  expect(code).toBe(1)
  expect(stderr).toContain('no OpenAPI document')
})
