import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { storageKinds } from '../setup/databases.js'
import { RawServer, storageSettings, type ToolResult } from '../setup/server.js'
import { openApi, type TestOperation } from '../setup/specs.js'

let folder: string
let server: RawServer

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-catalog-upload-'))
})
afterAll(async () => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

const LIST: Record<string, TestOperation> = {
  'GET /pets': { id: 'listPets', summary: 'List pets' },
}
const SHOW: Record<string, TestOperation> = { 'GET /pets/{id}': { id: 'showPet' } }
const DROP: Record<string, TestOperation> = { 'DELETE /pets/{id}': { id: 'dropPet' } }

describe.each(storageKinds)('on the %s database', (kind) => {
  /** Each test has a catalog of its own. */
  let catalog: string
  let catalogs = 0

  beforeAll(async () => {
    server = await RawServer.start(await storageSettings(kind))
  })
  afterAll(async () => server.close())
  beforeEach(() => {
    catalog = `catalog-${++catalogs}`
  })

  const uploaded = async (args: object) => (await upload(args)).facts
  const upload = async (args: object) => server.call('upload_spec', { catalog, ...args })
  const namesIn = async () => {
    const { facts } = await server.call('list_specs', { catalog })
    return facts.catalogs.flatMap((one: { specs: { name: string }[] }) =>
      one.specs.map(({ name }) => name),
    )
  }

  describe('the name of an upload', () => {
    test('is the one given', async () => {
      const facts = await uploaded({ content: openApi('Pets', LIST), name: 'zoo_2.1-beta' })
      expect(facts).toMatchObject({ spec: 'zoo_2.1-beta', title: 'Pets', outcome: 'created' })
    })

    test.each([
      ['The Pet Shop™ API (v2)', 'the-pet-shoptm-api-v2'],
      ['Überraschung & Söhne', 'uberraschung-sohne'],
      ['  --Pets--  ', 'pets'],
      ['x'.repeat(200), 'x'.repeat(60)],
    ])('is made of the title %j otherwise', async (title, spec) => {
      expect(await uploaded({ content: openApi(title, LIST) })).toMatchObject({ spec })
    })

    test('is made of the file where the title has no letter for it', async () => {
      const path = await file('Haustiere Süd.json', openApi('宠物', LIST))
      expect(await uploaded({ path })).toMatchObject({ spec: 'haustiere-sud', title: '宠物' })
      expect(await uploaded({ content: openApi('动物', LIST) })).toMatchObject({ spec: 'spec' })
    })

    test('is refused, with one that would do, where it is none', async () => {
      const answer = await upload({ content: openApi('Pets', LIST), name: 'My Pets!' })
      expectSentence(answer, '"My Pets!" cannot name a spec', 'for example "my-pets"')
      const elsewhere = await upload({ content: openApi('Pets', LIST), catalog: '../etc' })
      expectSentence(elsewhere, '"../etc" cannot name a catalog', 'for example "etc"')
    })

    test('of the same title is that of the spec, which is revised', async () => {
      await uploaded({ content: openApi('Pets', { ...LIST, ...SHOW }) })
      const changed = { 'GET /pets': { id: 'listPets', summary: 'List all pets' } }
      const facts = await uploaded({ content: openApi('Pets', { ...changed, ...DROP }) })
      expect(facts).toMatchObject({
        spec: 'pets',
        outcome: 'revised',
        revision: 2,
        operation_count: 2,
        changes: { added: 1, removed: 1, changed: 1, unchanged: 0 },
      })
      expect(await namesIn()).toEqual(['pets'])
    })

    test('of the same title, and nothing else the same, is said to be perhaps another API', async () => {
      await upload({ content: openApi('Pets', { ...LIST, ...SHOW }) })
      const less = await upload({ content: openApi('Pets', LIST) })
      expect(less.text).not.toContain('No operation is left')
      const other = await upload({ content: openApi('Pets', DROP) })
      expect(other.text).toContain('No operation is left of the revision before')
    })

    test('of the same file is that of the spec, whatever its title is now', async () => {
      const path = await file('renamed.json', openApi('Before', LIST))
      await uploaded({ path })
      await file('renamed.json', openApi('After', LIST))
      const facts = await uploaded({ path })
      expect(facts).toMatchObject({
        spec: 'before',
        title: 'After',
        outcome: 'revised',
        revision: 2,
      })
      expect(facts.changes).toEqual({ added: 0, removed: 0, changed: 0, unchanged: 1 })
    })

    test('that another API has gets -2, and -3', async () => {
      await uploaded({ content: openApi('Pets', LIST), name: 'animals' })
      const second = { content: openApi('Cows', SHOW), name: 'animals' }
      expect(await uploaded(second)).toMatchObject({ spec: 'animals-2', outcome: 'created' })
      const third = { content: openApi('Sheep', DROP), name: 'animals' }
      expect(await uploaded(third)).toMatchObject({ spec: 'animals-3', outcome: 'created' })
      expect(await uploaded(second)).toMatchObject({ spec: 'animals-2', outcome: 'unchanged' })
      expect(await namesIn()).toEqual(['animals', 'animals-2', 'animals-3'])
    })

    test('that another API has is said to be its, with what can be done', async () => {
      const first = await upload({ content: openApi('Pets', LIST), name: 'animals' })
      expect(first.facts).not.toHaveProperty('note')
      const taken = await upload({ content: openApi('Cows', SHOW), name: 'animals' })
      const said =
        'The name `animals` belongs to "Pets"; this is `animals-2`. To make it a revision'
      expect(taken.text).toContain(said)
      expect(taken.facts.note).toContain(said)
      const again = await upload({ content: openApi('Cows', SHOW), name: 'animals' })
      expect(again.facts).toMatchObject({ outcome: 'unchanged', note: taken.facts.note })
      const unnamed = await upload({ content: openApi('Animals', DROP) })
      expect(unnamed.facts).toMatchObject({ spec: 'animals-3' })
      expect(unnamed.facts).not.toHaveProperty('note')
      const nameless = JSON.stringify({ ...JSON.parse(openApi('', LIST)), info: {} })
      await upload({ content: nameless, name: 'untitled' })
      const second = await upload({ content: openApi('Cows', LIST), name: 'untitled' })
      expect(second.facts.note).toContain('`untitled` belongs to an API without a title')
    })

    test('that is as long as can be gets -2 and -3 too', async () => {
      const name = 'n'.repeat(64)
      expect(await uploaded({ content: openApi('Pets', LIST), name })).toMatchObject({ spec: name })
      for (const [title, end] of [
        ['Cows', '-2'],
        ['Sheep', '-3'],
      ]) {
        const facts = await uploaded({ content: openApi(String(title), LIST), name })
        expect(facts).toMatchObject({ spec: `${'n'.repeat(62)}${end}`, outcome: 'created' })
      }
      const again = await uploaded({ content: openApi('Cows', LIST), name })
      expect(again).toMatchObject({ spec: `${'n'.repeat(62)}-2`, outcome: 'unchanged' })
    })

    test('is free in another catalog', async () => {
      await uploaded({ content: openApi('Pets', LIST), name: 'animals' })
      const elsewhere = `${catalog}-too`
      const facts = await uploaded({
        content: openApi('Cows', SHOW),
        name: 'animals',
        catalog: elsewhere,
      })
      expect(facts).toMatchObject({ catalog: elsewhere, spec: 'animals', outcome: 'created' })
    })

    test('is settled once when many arrive together', async () => {
      const titles = ['One', 'Two', 'Three', 'Four', 'One', 'Two', 'Three', 'Four']
      const answers = await Promise.all(
        titles.map((title) => uploaded({ content: openApi(title, LIST), name: 'same' })),
      )
      const created = answers.filter(({ outcome }) => outcome === 'created')
      expect(created.map(({ spec }) => String(spec)).toSorted()).toEqual([
        'same',
        'same-2',
        'same-3',
        'same-4',
      ])
      expect(answers.filter(({ outcome }) => outcome === 'unchanged')).toHaveLength(4)
      expect(await namesIn()).toHaveLength(4)
    })
  })

  test('the same bytes again change nothing', async () => {
    const content = openApi('Pets', { ...LIST, ...SHOW })
    await uploaded({ content })
    expect(await uploaded({ content })).toMatchObject({
      outcome: 'unchanged',
      revision: 1,
      operation_count: 2,
      changes: { added: 0, removed: 0, changed: 0, unchanged: 2 },
      job: null,
    })
  })

  test('other bytes that mean the same are a revision in which nothing changed', async () => {
    const content = openApi('Pets', { ...LIST, ...SHOW })
    await uploaded({ content })
    const facts = await uploaded({ content: JSON.stringify(JSON.parse(content), null, 2) })
    expect(facts).toMatchObject({
      outcome: 'revised',
      revision: 2,
      changes: { added: 0, removed: 0, changed: 0, unchanged: 2 },
    })
  })

  test('a document without operations is taken, as empty', async () => {
    const { facts, text } = await upload({ content: openApi('Nothing yet', {}) })
    expect(facts).toMatchObject({ outcome: 'created', operation_count: 0, job: null })
    expect(text).toContain('It has no operations, so there is nothing to search.')
    const status = await server.call('embedding_status', { catalog })
    expect(status.facts.specs).toMatchObject([{ badge: 'empty' }])
    expect(status.facts.summary).toMatchObject({ specs_total: 1, specs_indexed: 1 })
    const filled = await uploaded({ content: openApi('Nothing yet', LIST) })
    expect(filled).toMatchObject({ outcome: 'revised', revision: 2, operation_count: 1 })
  })

  test('a bad operation costs a warning that points at it, and no other operation', async () => {
    const document = JSON.parse(openApi('Pets', LIST))
    document.paths['/bad'] = { get: 'no operation' }
    document.paths['/worse'] = 17
    const { facts, text } = await upload({ content: JSON.stringify(document) })
    expect(facts).toMatchObject({ outcome: 'created', operation_count: 1, warning_count: 2 })
    expect(facts.warnings.map((one: { pointer: string }) => one.pointer)).toEqual([
      '/paths/~1bad/get',
      '/paths/~1worse',
    ])
    for (const { code, message } of facts.warnings) {
      expect(code).toMatch(/^[A-Z_]+$/)
      expect(message).toMatch(/\.$/)
    }
    expect(text).toContain('/paths/~1worse')
  })

  test('of many warnings twenty are shown, and all are counted', async () => {
    const document = JSON.parse(openApi('Pets', LIST))
    for (let n = 0; n < 50; n++) document.paths[`/bad-${n}`] = n
    const { facts, text } = await upload({ content: JSON.stringify(document) })
    expect(facts.warnings).toHaveLength(20)
    expect(facts.warning_count).toBe(50)
    expect(text).toContain('… and 30 more: the command `warnings')
  })

  test.each([
    ['NUL', '/pets\u0000/bad'],
    ['half a surrogate pair', '/pets\ud800/bad'],
  ])('a path with %s in it costs no more than itself', async (_what, path) => {
    const document = JSON.parse(openApi('Pets', LIST))
    document.paths[path] = { get: { operationId: 'odd', responses: {} } }
    const answer = await upload({ content: JSON.stringify(document) })
    expect(answer).toMatchObject({ isError: false, facts: { outcome: 'created' } })
    expect(answer.facts.operation_count).toBeGreaterThanOrEqual(1)
    const { facts } = await server.call('search_operations', { query: 'listPets', catalog })
    expect(facts.results[0]).toMatchObject({ operation_id: 'listPets', match: 'exact' })
  })

  describe('a sentence is the answer to', () => {
    test.each([
      ['nothing', '', /^EMPTY: the document has no content/],
      ['white space', ' \n\t ', /^EMPTY: /],
      ['HTML', '<!doctype html><title>Hello</title>', /^NOT_PARSABLE: .*an HTML page/],
      ['truncated JSON', openApi('Pets', LIST).slice(0, -20), /^NOT_PARSABLE: .*cut off/],
      ['broken YAML', 'openapi: 3.0.0\ninfo: {', /^NOT_PARSABLE: line \d+, column \d+/],
      ['a text', 'Hello, world', /^NOT_OPENAPI: /],
      ['JSON that is no OpenAPI', '{"name":"x","version":"1","dependencies":{}}', /package\.json/],
      ['an unknown version', '{"openapi":"4.0.0","paths":{}}', /^UNSUPPORTED_VERSION: /],
    ])('%s', async (_what, content, sentence) => {
      const answer = await upload({ content })
      expectSentence(answer)
      expect(answer.text).toMatch(sentence)
    })

    test.each([
      ['an empty file', '', /^EMPTY: /],
      ['a PDF', '%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n1 0 obj', /^NOT_TEXT: .*PDF/],
      [
        'noise',
        Buffer.from(Array.from({ length: 4096 }, (_, n) => (n * 7919) % 256)),
        /^NOT_TEXT: /,
      ],
    ])('%s', async (_what, content, sentence) => {
      const answer = await upload({ path: await file('bad.yaml', content) })
      expectSentence(answer)
      expect(answer.text).toMatch(sentence)
    })

    test('a directory, a missing file, a device', async () => {
      await mkdir(join(folder, 'specs.json'), { recursive: true })
      expectSentence(await upload({ path: join(folder, 'specs.json') }), 'no JSON or YAML file')
      expectSentence(await upload({ path: join(folder, 'none.json') }), join(folder, 'none.json'))
      expectSentence(await upload({ path: '/dev/zero' }), '/dev/zero is no regular file')
      expectSentence(await upload({ path: '' }), '`path` is empty')
    })

    test('both content and path, and neither', async () => {
      const both = { content: openApi('Pets', LIST), path: join(folder, 'none.json') }
      expectSentence(await upload(both), '`content`', '`path`', 'one of them')
      expectSentence(await upload({}), '`content`', '`path`', 'one of them')
    })

    test.each([
      ['search_operations', { query: 'pets' }],
      ['embedding_status', {}],
      ['reembed_spec', {}],
      ['delete_spec', {}],
    ])('an unknown name given to %s: it says which there are', async (tool, args) => {
      await uploaded({ content: openApi('Pets', LIST) })
      const unknown = await server.call(tool, { ...args, catalog, spec: 'pest' })
      expectSentence(unknown, `No spec named "pest" in the catalog "${catalog}"`)
      const elsewhere = await server.call(tool, { ...args, spec: 'pets' })
      expectSentence(elsewhere, `"${catalog}"`)
    })

    test.each([
      ['search_operations', { query: 'pets' }],
      ['embedding_status', {}],
      ['list_specs', {}],
    ])('an unknown catalog given to %s: it says which there are', async (tool, args) => {
      await uploaded({ content: openApi('Pets', LIST) })
      const answer = await server.call(tool, { ...args, catalog: 'nowhere' })
      expectSentence(answer, 'No catalog named "nowhere"', catalog)
    })
  })

  test('a spec in a catalog is named by both, together or apart', async () => {
    await uploaded({ content: openApi('Pets', LIST) })
    const together = await server.call('reembed_spec', { spec: `${catalog}/pets` })
    expect(together.facts).toMatchObject({ catalog, spec: 'pets' })
    const apart = await server.call('delete_spec', { spec: 'pets', catalog })
    expect(apart.facts.deleted).toEqual({ catalog, spec: 'pets', revision: 1, operation_count: 1 })
  })

  test('a deletion names one spec: two catalogs that contradict each other are refused', async () => {
    await uploaded({ content: openApi('Pets', LIST) })
    const answer = await server.call('delete_spec', { spec: 'elsewhere/pets', catalog })
    expectSentence(answer, 'elsewhere')
    expect(await namesIn()).toEqual(['pets'])
  })

  test('an upload tells operations that are written anew from those that changed', async () => {
    const operation = { responses: {}, description: 'Best first' }
    const anew = { description: 'Best first', responses: {} }
    const cafes = (get: object) =>
      JSON.stringify({ openapi: '3.1.0', info: { title: 'Cafes' }, paths: { '/cafes': { get } } })
    await uploaded({ content: cafes(operation) })
    const again = await upload({ content: cafes(anew) })
    expect(again.text).toContain('0 added, 0 removed, 1 rewritten, 0 unchanged.\n')
    expect(again.text).toContain('in wording or layout only: `compare_revisions`')
    const { text } = await server.call('compare_revisions', { catalog, spec: 'cafes' })
    expect(text).toContain('0 removed, 0 changed, 0 added, 1 unchanged; nothing breaks clients.')
  })

  test('a deleted spec can be uploaded anew, as revision 1', async () => {
    const content = openApi('Pets', LIST)
    await uploaded({ content })
    await server.call('delete_spec', { spec: 'pets', catalog })
    expect(await uploaded({ content })).toMatchObject({ outcome: 'created', revision: 1 })
  })
})

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

/** An expected failure: one line that ends as sentences do, with no trace of the program in it. */
function expectSentence(answer: ToolResult, ...parts: string[]): void {
  expect(answer.isError).toBe(true)
  expect(answer.text).toMatch(/^[^\n]+\.$/)
  expect(answer.text).not.toMatch(/Something went wrong|\bat .*\.js:\d/)
  for (const part of parts) expect(answer.text).toContain(part)
}
