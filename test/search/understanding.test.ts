import * as fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { uploadSpec } from '../../src/app/upload-spec.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { reindexWords } from '../../src/catalog/reindex-words.js'
import type { Database } from '../../src/db/database.js'
import { emptyDatabase, servicesOn, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

const PAYMENTS = [
  { path: '/v1/refunds', method: 'post', operationId: 'createRefund', summary: 'Create a refund' },
  { path: '/v1/refunds', operationId: 'listRefunds', summary: 'List all refunds' },
  { path: '/v1/refunds/{id}', operationId: 'readRefund', summary: 'Retrieve a refund' },
  { path: '/v1/refunds/{id}', method: 'delete', summary: 'Delete a refund' },
  { path: '/v1/audit/logs', operationId: 'auditLogs', summary: 'Entries of the audit log' },
  { path: '/v1/log/audits', operationId: 'logAudits', summary: 'Log what audits found' },
  { path: '/v1/customers', operationId: 'listCustomers', summary: 'List customers' },
]

describe.each(storageKinds)('what a question means on %s', (kind) => {
  let db: Database
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
    services = servicesOn(db, null)
  })
  beforeEach(async () => {
    await emptyDatabase(db)
    await upload(services, 'payments', PAYMENTS)
  })

  const ask = async (query: string) =>
    (await searchOperations(services, localPrincipal, { query })).structured
  const first = async (query: string) => (await ask(query)).results[0]

  test.each([
    ['createRefund', 'createRefund'],
    ['how do I call createRefund?', 'createRefund'],
    ['what does POST /v1/refunds take', 'createRefund'],
    ['payments:readRefund please', 'readRefund'],
    ['/v1/refunds/re_123', 'readRefund'],
    ['v1/audit/logs', 'auditLogs'],
    ['what does v1/audit/logs give?', 'auditLogs'],
    ['post v1/refunds', 'createRefund'],
    ['GET https://api.example.com/v1/refunds/re_123?expand=1', 'readRefund'],
    ['GET /base/v1/refunds/{refund}', 'readRefund'],
  ])('%j names an operation exactly', async (query, operationId) => {
    expect(await first(query)).toMatchObject({ match: 'exact', operation_id: operationId })
  })

  test.each([
    [
      'GET /v1/customers, DELETE /v1/refunds/{refund}',
      ['GET /v1/customers', 'DELETE /v1/refunds/{id}'],
    ],
    ['POST /v1/refunds and GET /v1/log/audits', ['POST /v1/refunds', 'GET /v1/log/audits']],
    ['GET /v1/log/audits and then POST /v1/refunds', ['GET /v1/log/audits', 'POST /v1/refunds']],
    [
      'get /v1/customers, then delete /v1/refunds/re_1',
      ['GET /v1/customers', 'DELETE /v1/refunds/{id}'],
    ],
    ['GET /v1/customers? POST /v1/refunds', ['GET /v1/customers', 'POST /v1/refunds']],
    ['GET /v1/refunds once more', ['GET /v1/refunds']],
  ])('each method belongs to the path after it: %s', async (query, wanted) => {
    const { results } = await ask(query)
    const exact = results.filter(({ match }) => match === 'exact')
    expect(exact.map(({ method, path }) => `${method} ${path}`)).toEqual(wanted)
  })

  test('filters take a tag in any case and a path without its first slash', async () => {
    await upload(services, 'work', [{ path: '/v2/tasks', tags: ['Tasks'], summary: 'List tasks' }])
    const filtered = async (filter: object) => {
      const input = { query: 'list', ...filter }
      return (await searchOperations(services, localPrincipal, input)).structured.results
    }
    expect((await filtered({ tag: 'tasks' })).map(({ path }) => path)).toEqual(['/v2/tasks'])
    expect((await filtered({ path_prefix: 'v2/ta' })).map(({ path }) => path)).toEqual([
      '/v2/tasks',
    ])
    expect(await filtered({ path_prefix: 'tasks' })).toEqual([])
  })

  test('a method that nobody has is refused, naming those there are', async () => {
    const asked = searchOperations(services, localPrincipal, { query: 'refund', method: 'pst' })
    await expect(asked).rejects.toThrow(
      /^No operation has the method "PST"\. Methods are GET, PUT, POST,/,
    )
  })

  test('methods that documents have of their own are named too', async () => {
    const content = JSON.stringify({
      openapi: '3.2.0',
      info: { title: 'Files' },
      paths: { '/files': { get: {}, additionalOperations: { COPY: {}, MOVE: {} } } },
    })
    await uploadSpec(services, localPrincipal, { content, catalog: 'copies' }, { isChecked: false })
    const asked = searchOperations(services, localPrincipal, {
      query: 'files',
      catalog: 'copies',
      method: 'fetch',
    })
    await expect(asked).rejects.toThrow(/ Methods are GET, .*, QUERY, COPY, MOVE\.$/)
  })

  test('where no operation is in scope the answer says that, and nothing of embedding', async () => {
    const input = { query: 'refund', tag: 'none', ranking: 'auto' } as const
    const { structured } = await searchOperations(services, localPrincipal, input)
    expect(structured).toMatchObject({ total: 0, results: [] })
    expect(structured.fallback).toBeUndefined()
    expect(structured.note).toMatch(/^No operation is in the scope asked/)
  })

  test.each(['refnuds', 'rfunds', 'reffunds', 'rofunds'])(
    'the typing error %s is read as the word it is near, and said',
    async (query) => {
      const { results, note } = await ask(`list ${query}`)
      expect(results[0]?.operation_id).toBe('listRefunds')
      expect(note).toContain(`No operation has \`${query}\``)
    },
  )

  test('of the words that a typing error may be, the one with two letters swapped is meant', async () => {
    await upload(services, 'work', [
      ...Array.from({ length: 5 }, (_, n) => ({ path: `/tags/${n}`, summary: `List tags ${n}` })),
      { path: '/tasks', summary: 'List tasks' },
    ])
    expect((await first('list the taks'))?.path).toBe('/tasks')
  })

  test.each(['list crops', 'drop the refund', 'merge a customer', 'list the things'])(
    'no word of English is taken for a typing error: %s',
    async (query) => {
      await upload(services, 'farm', [
        { path: '/props', summary: 'List props, rings and crafts' },
        { path: '/emerge', summary: 'Emerge, thin and think' },
      ])
      expect((await ask(query)).note ?? '').not.toContain('was taken')
    },
  )

  test('an error in the first letter is no typing error but another word', async () => {
    expect((await ask('list xefunds')).note ?? '').not.toContain('was taken')
  })

  test('who asks does not take over the answer where nothing else is known', async () => {
    await upload(services, 'chat', [{ path: '/users/me/messages', summary: 'Messages of me' }])
    expect((await ask('my frobnicator')).results).toEqual([])
    expect((await first('my messages'))?.path).toBe('/users/me/messages')
    expect((await first('me'))?.path).toBe('/users/me/messages')
  })

  test.each(['?', 'a', 'the …'])(
    'a question without a word, %s, is told what to ask',
    async (query) => {
      expect((await ask(query)).note).toMatch(/^The question has no word to search for\. Say/)
    },
  )

  test.each([
    ['refund a customer', 'POST /v1/customers/{id}/refund'],
    ['open the customer', 'POST /v1/customers/{id}/open'],
    ['turn off this customer', 'PUT /v1/customers/{id}/power'],
    ['I want to unlock a customer', 'POST /v1/customers/{id}/unlock'],
  ])('a command wants something done, whatever its verb: %s', async (query, wanted) => {
    const [method = '', path = ''] = wanted.split(' ')
    await upload(services, 'payments', [
      { path, summary: 'Customer refund open turn off power unlock' },
      { path, method, summary: 'Customer refund open turn off power unlock' },
    ])
    const best = (await first(query))!
    expect(`${best.method} ${best.path}`).toBe(wanted)
  })

  test.each(['is the customer open', 'are the customers open', 'about a customer', 'customers'])(
    'a question is no command: %s',
    async (query) => {
      await upload(services, 'payments', [
        { path: '/v1/customers/{id}/open', summary: 'Customer is open' },
        { path: '/v1/customers/{id}/open', method: 'post', summary: 'Customer is open' },
      ])
      expect((await first(query))?.method).toBe('GET')
    },
  )

  test('no hit is surer than those before it', async () => {
    const questions = [
      'refund logs',
      'list what audits found',
      'customers log',
      'delete the audits',
    ]
    for (const query of questions) {
      const marks = (await ask(query)).results.map(({ match }) => match)
      expect(marks).toEqual(marks.toSorted())
    }
  })

  test('a clone in another catalog stands behind what it was made of', async () => {
    await emptyDatabase(db)
    await upload(services, 'payments', PAYMENTS, { catalog: 'another' })
    await upload(services, 'payments', PAYMENTS)
    const { results } = await ask('list all refunds')
    expect(results[0]).toMatchObject({
      id: 'payments:listRefunds',
      alike: ['another/payments:listRefunds'],
    })
  })

  test('the start of a word is enough in a short question', async () => {
    expect((await first('custo'))?.operation_id).toBe('listCustomers')
  })

  test('words of another language are left alone, and what is known answers', async () => {
    expect((await first('Rückerstattung refund возврат list'))?.operation_id).toBe('listRefunds')
  })

  test.each([
    ['list refunds', 'GET /v1/refunds'],
    ['create refund', 'POST /v1/refunds'],
    ['delete refund', 'DELETE /v1/refunds/{id}'],
  ])('%j is answered by %s', async (query, operation) => {
    const { method, path } = (await first(query))!
    expect(`${method} ${path}`).toBe(operation)
  })

  test('what only reads comes first and what deletes last where no verb says otherwise', async () => {
    const { results } = await ask('refund')
    const effects = results.slice(0, 4).map(({ effect }) => effect)
    expect(effects[0]).toBe('read')
    expect(effects.at(-1)).toBe('destructive')
  })

  const REMINDERS = [
    { path: '/reminders.delete', method: 'post', summary: 'Delete a reminder' },
    { path: '/reminders.add', method: 'post', summary: 'Create a reminder for a user' },
    { path: '/reminders.info', summary: 'Get information about a reminder' },
    { path: '/reminders/{id}', method: 'delete', summary: 'Zap a reminder' },
  ]

  test.each([
    ['set a reminder', '/reminders.add'],
    ['take a reminder', '/reminders.add'],
    ['reminder', '/reminders.info'],
    ["don't delete, just get the reminder", '/reminders.info'],
    ['get the reminder without deleting it', '/reminders.info'],
  ])('what is not to be taken away never is first or strong: %s', async (query, path) => {
    await emptyDatabase(db)
    await upload(services, 'chat', REMINDERS)
    const { results } = await ask(query)
    expect(results[0]?.path).toBe(path)
    const harmful = results.filter((hit) => /delete$|id}$/.test(hit.path))
    expect(harmful.map(({ match }) => match)).toEqual(['weak', 'weak'])
  })

  test.each([
    ['delete a reminder', '/reminders.delete'],
    ['how may an admin of a team delete a reminder', '/reminders.delete'],
    ['we can not delete a reminder', '/reminders.delete'],
    ['zap a reminder', '/reminders/{id}'],
  ])('what is to be taken away is first, whatever the method: %s', async (query, path) => {
    await emptyDatabase(db)
    await upload(services, 'chat', REMINDERS)
    expect((await first(query))?.path).toBe(path)
  })

  test.each([
    ['"audit log"', 'auditLogs'],
    ['"log audits"', 'logAudits'],
  ])('a quoted phrase %s is wanted word for word', async (query, operationId) => {
    expect((await first(query))?.operation_id).toBe(operationId)
  })

  test.each([
    ['who acted in the film Zyxwvut', 'GET /search/films'],
    ['make the film "Zyxwvut"', 'POST /films'],
  ])(
    'a thing known by its name is looked up, unless it is to be made: %s',
    async (query, wanted) => {
      await upload(services, 'films', [
        { path: '/search/films', summary: 'Search films' },
        { path: '/films/{id}', summary: 'Read a film' },
        { path: '/films', method: 'post', summary: 'Make a film' },
      ])
      const { method, path } = (await first(query))!
      expect(`${method} ${path}`).toBe(wanted)
    },
  )

  test('the successor of a deprecated operation comes first', async () => {
    await upload(services, 'payments', [
      { path: '/a/payouts', summary: 'List payouts', deprecated: true },
      { path: '/b/payouts', summary: 'List payouts' },
    ])
    expect((await first('list payouts'))?.path).toBe('/b/payouts')
  })

  test('a spec’s name in the question prefers that spec', async () => {
    await upload(services, 'acme', [{ path: '/v1/refunds', summary: 'List all refunds' }])
    await upload(services, 'globex', [{ path: '/v1/refunds', summary: 'List all refunds' }])
    expect((await first('globex refunds'))?.spec).toBe('globex')
    expect((await first('acme refunds'))?.spec).toBe('acme')
  })

  test('what fits nowhere is weak, with the words that nobody has', async () => {
    const { results, note } = await ask('brew espresso with oat milk, no refund')
    expect(results.every(({ match }) => match === 'weak')).toBe(true)
    expect(note).toContain('`espresso`')
  })

  test('any text of any length is answered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1, unit: 'binary' }), async (query) => {
        const asked = ask(`${query} refund`)
        expect(Array.isArray((await asked).results)).toBe(true)
      }),
      { numRuns: 20 },
    )
    expect((await ask('refund /v1/x "a b" '.repeat(6_000))).results.length).toBeGreaterThan(0)
  })

  test('specs of an older version are indexed again, and their counts stay right', async () => {
    await db.query(`update api_catalog.specs set words_version = 1`)
    await db.query(`update api_catalog.terms set term = 'old' where term = 'refund'`)
    await db.query(`update api_catalog.catalog_terms set term = 'old' where term = 'refund'`)
    const wordsNow = () =>
      db.query<{ op: number; term: string; impact: number }>(
        `select op, term, impact from api_catalog.terms order by op, term collate "C"`,
      )
    const { signal } = new AbortController()
    expect(await reindexWords(db, signal)).toBe(1)
    const words = await wordsNow()
    expect(await reindexWords(db, signal)).toBe(0)
    expect((await first('list refunds'))?.operation_id).toBe('listRefunds')
    expect(
      await db.query(`select term, df from api_catalog.catalog_terms order by term collate "C"`),
    ).toEqual(
      await db.query(
        `select term, count(*) as df from api_catalog.terms group by term order by term collate "C"`,
      ),
    )
    await emptyDatabase(db)
    await upload(services, 'payments', PAYMENTS)
    const fresh = await wordsNow()
    expect(words.map(({ term }) => term)).toEqual(fresh.map(({ term }) => term))
  })
})
