import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { localPrincipal, type Principal } from '../../src/catalog/principal.js'
import { checkCatalog, deleteSpec, findSpec, listSpecs } from '../../src/catalog/specs.js'
import { uploadSpec, type UploadReport } from '../../src/catalog/upload-spec.js'
import { readConfig } from '../../src/config.js'
import type { Database } from '../../src/db/database.js'
import { InputError } from '../../src/errors.js'
import { emptyDatabase, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { specDocument, things, type OperationSketch } from '../setup/spec-document.js'

const limits = readConfig({}, {})

describe.each(storageKinds)('the catalog on %s', (kind) => {
  let db: Database

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(() => emptyDatabase(db))

  const put = (name: string, operations: OperationSketch[], catalog?: string) =>
    upload({ db, embedder: null }, name, operations, catalog === undefined ? {} : { catalog })

  /** Uploads a document as it is, without a name of its own unless one is given. */
  const putDocument = (
    content: string,
    { source = null, name }: { source?: string | null; name?: string } = {},
  ): Promise<UploadReport> =>
    uploadSpec(db, localPrincipal, {
      document: { content },
      source,
      name,
      limits,
      willEmbed: false,
    })

  const names = async () => (await listSpecs(db, localPrincipal)).map(({ name }) => name)

  /** What the tables hold of a spec, counted. */
  const stored = async (spec: string) => {
    const [row] = await db.query<Record<string, number>>(
      `select s.revision, s.operation_count,
         (select count(*) from api_catalog.operations where spec_id = s.id) as operations,
         (select count(*) from api_catalog.revisions where spec_id = s.id) as revisions,
         (select count(distinct op) from api_catalog.terms where spec_id = s.id) as with_words
       from api_catalog.specs s where s.name = $1`,
      [spec],
    )
    return row
  }

  describe('a revision', () => {
    test('tells what it adds, removes, changes and leaves', async () => {
      const first = await put('api', [{ path: '/a' }, { path: '/b' }, { path: '/c' }])
      expect(first).toMatchObject({ outcome: 'created', revision: 1, operationCount: 3 })
      expect(first.changes).toEqual({ added: 3, removed: 0, changed: 0, unchanged: 0 })
      const second = await put('api', [
        { path: '/a' },
        { path: '/b', summary: 'New' },
        { path: '/d' },
      ])
      expect(second).toMatchObject({ outcome: 'revised', revision: 2 })
      expect(second.changes).toEqual({ added: 1, removed: 1, changed: 1, unchanged: 1 })
      expect(await stored('api')).toEqual({
        revision: 2,
        operation_count: 3,
        operations: 3,
        revisions: 2,
        with_words: 3,
      })
    })

    test('that is the same document changes nothing', async () => {
      await put('api', things(3))
      const again = await put('api', things(3))
      expect(again).toMatchObject({ outcome: 'unchanged', revision: 1, job: null })
      expect(again.changes).toEqual({ added: 0, removed: 0, changed: 0, unchanged: 3 })
    })

    test('leaves the rows of unchanged operations alone', async () => {
      const ids = () =>
        db.query(`select id from api_catalog.operations where path = '/things/1' order by id`)
      await put('api', things(3))
      const before = await ids()
      await put('api', [...things(3), { path: '/new' }])
      expect(await ids()).toEqual(before)
    })

    test('shows the signature of a schema that changed apart from its operations', async () => {
      const operation = {
        path: '/pets',
        method: 'post',
        requestBody: {
          required: true,
          content: { 'application/json': { schema: { $ref: '#/components/schemas/Pet' } } },
        },
      }
      const pet = (required: string[]) => ({
        components: {
          schemas: {
            Pet: {
              type: 'object',
              required,
              properties: { name: { type: 'string' }, tag: { type: 'string' } },
            },
          },
        },
      })
      const signature = async () => {
        const [row] = await db.query<{ signature: string }>(
          `select signature from api_catalog.operations`,
        )
        return row!.signature
      }
      await putDocument(specDocument('Pets', [operation], pet(['name'])))
      const before = await signature()
      await putDocument(specDocument('Pets', [operation], pet(['name', 'tag'])))
      expect(before).toContain('tag?')
      expect(await signature()).not.toContain('tag?')
    })

    test('without operations takes the old ones away', async () => {
      await put('api', things(3))
      const emptied = await put('api', [])
      expect(emptied).toMatchObject({ outcome: 'revised', operationCount: 0 })
      expect(await stored('api')).toMatchObject({ operations: 0, with_words: 0 })
    })

    test('of many operations is stored whole', async () => {
      await put('api', things(1_203))
      expect(await stored('api')).toMatchObject({ operations: 1_203, with_words: 1_203 })
    })
  })

  describe('the name of an upload', () => {
    test('is made of the title, and the same title is the same spec', async () => {
      expect(await putDocument(specDocument('My API', things(1)))).toMatchObject({ spec: 'my-api' })
      expect(await putDocument(specDocument('My API', things(2)))).toMatchObject({
        spec: 'my-api',
        outcome: 'revised',
      })
    })

    test('is made of the file, else of the host, where there is no title', async () => {
      const document = (n: number) => specDocument(null, things(n))
      const sources = ['/tmp/Billing API.yaml', 'https://api.example.com/v1/openapi.json', null]
      const made: string[] = []
      for (const [n, source] of sources.entries()) {
        made.push((await putDocument(document(n + 1), { source })).spec)
      }
      expect(made).toEqual(['billing-api', 'api.example.com', 'spec'])
    })

    test('is the one under which its source is known', async () => {
      await putDocument(specDocument('One', things(1)), { source: '/a.json', name: 'mine' })
      const again = await putDocument(specDocument('Another', things(2)), { source: '/a.json' })
      expect(again).toMatchObject({ spec: 'mine', outcome: 'revised' })
    })

    test('that another API has gets a number', async () => {
      await putDocument(specDocument('One', things(1)), { name: 'api' })
      const second = await putDocument(specDocument('Two', things(2)), { name: 'api' })
      expect(second).toMatchObject({ spec: 'api-2', outcome: 'created' })
      const third = await putDocument(specDocument('Three', things(3)), { name: 'api' })
      expect(third).toMatchObject({ spec: 'api-3', outcome: 'created' })
      const again = await putDocument(specDocument('Two', things(5)), { name: 'api' })
      expect(again).toMatchObject({ spec: 'api-2', outcome: 'revised' })
    })

    test.each([61, 62, 63, 64])(
      'of %i characters gets a number too, and never takes a place',
      async (length) => {
        const name = 'n'.repeat(length)
        const made: string[] = []
        for (const title of ['One', 'Two', 'Three', 'Two']) {
          made.push(
            (await putDocument(specDocument(title, things(made.length + 1)), { name })).spec,
          )
        }
        expect(new Set(made).size).toBe(3)
        expect(made[3]).toBe(made[1])
        for (const one of made) expect(one.length).toBeLessThanOrEqual(64)
      },
    )

    test('that is no name is refused, before anything is read', async () => {
      await expect(putDocument('rubbish', { name: 'No Name' })).rejects.toThrow(
        'cannot name a spec',
      )
      await expect(put('api', [], 'No Catalog')).rejects.toThrow('cannot name a catalog')
    })
  })

  describe('many uploads at once', () => {
    test('to one catalog are all there, with right counts', async () => {
      const uploads = Array.from({ length: 8 }, (_, n) => put(`api-${n}`, things(n + 1)))
      await Promise.all(uploads)
      expect(await names()).toHaveLength(8)
      await expectRightCounts()
    })

    test('to several catalogs do not wait for each other for ever', async () => {
      const uploads = Array.from({ length: 12 }, (_, n) => put('api', things(5), `c${n % 4}`))
      await Promise.all(uploads)
      expect(await listSpecs(db, localPrincipal)).toHaveLength(4)
      await expectRightCounts()
    })

    test('of one name and title make one spec with as many revisions', async () => {
      const reports = await Promise.all(
        [1, 2, 3, 4, 5].map((count) => putDocument(specDocument('API', things(count)))),
      )
      expect(await names()).toEqual(['api'])
      expect(reports.map(({ revision }) => revision).toSorted((a, b) => a - b)).toEqual([
        1, 2, 3, 4, 5,
      ])
      const latest = reports.find(({ revision }) => revision === 5)
      expect(await stored('api')).toMatchObject({
        revision: 5,
        revisions: 5,
        operations: latest?.operationCount,
      })
      await expectRightCounts()
    })

    test('of one document make one revision', async () => {
      const reports = await Promise.all([1, 2, 3, 4].map(() => put('api', things(3))))
      expect(reports.map(({ outcome }) => outcome).toSorted()).toEqual([
        'created',
        'unchanged',
        'unchanged',
        'unchanged',
      ])
    })

    test('of one name for different APIs give each a name', async () => {
      const reports = await Promise.all(
        ['One', 'Two', 'Three'].map((title) =>
          putDocument(specDocument(title, things(1)), { name: 'api' }),
        ),
      )
      expect(reports.map(({ spec }) => spec).toSorted()).toEqual(['api', 'api-2', 'api-3'])
    })

    test('and deletions leave right counts', async () => {
      await Promise.all(
        ['a', 'b', 'c'].map((name) =>
          put(
            name,
            things(4, (n) => `${name} ${n}`),
          ),
        ),
      )
      const deleteC = () => deleteSpec(db, localPrincipal, 'c')
      const [first, second] = await Promise.allSettled([
        deleteC(),
        deleteC(),
        deleteSpec(db, localPrincipal, 'a'),
        put('b', things(2)),
        put('d', things(3)),
      ])
      expect([first.status, second.status].toSorted()).toEqual(['fulfilled', 'rejected'])
      expect(await names()).toEqual(['b', 'd'])
      await expectRightCounts()
    })

    const expectRightCounts = async (): Promise<void> => {
      expect(
        await db.query(
          `select catalog_id, term, df from api_catalog.catalog_terms
           order by catalog_id, term collate "C"`,
        ),
      ).toEqual(
        await db.query(
          `select catalog_id, term, count(*) as df from api_catalog.terms
           group by catalog_id, term order by catalog_id, term collate "C"`,
        ),
      )
      const wrong = await db.query(
        `select c.name from api_catalog.catalogs c
         left join api_catalog.specs s on s.catalog_id = c.id
         left join api_catalog.operations o on o.spec_id = s.id
         group by c.id having c.operation_count <> count(o.id)`,
      )
      expect(wrong).toEqual([])
    }
  })

  describe('tenants', () => {
    const us = { ...localPrincipal, tenant: 'us' }
    const them = { ...localPrincipal, tenant: 'them' }
    const putFor = (principal: Principal, name: string, catalog = 'default') =>
      upload({ db, embedder: null }, name, things(2), { principal, catalog })

    test('have catalogs and specs of the same names, each its own', async () => {
      await putFor(us, 'api')
      await putFor(them, 'api')
      await putFor(them, 'more', 'private')
      expect(await listSpecs(db, us)).toHaveLength(1)
      expect(await listSpecs(db, them)).toHaveLength(2)
      expect((await findSpec(db, us, 'api')).id).not.toBe((await findSpec(db, them, 'api')).id)
    })

    test('cannot see, name or delete what is the other’s', async () => {
      await putFor(us, 'ours')
      await putFor(them, 'theirs')
      await putFor(them, 'theirs', 'private')
      await expect(findSpec(db, us, 'theirs')).rejects.toThrow(/No spec.*There are: ours\./s)
      await expect(deleteSpec(db, us, 'theirs')).rejects.toThrow(InputError)
      await expect(checkCatalog(db, us, 'private')).rejects.toThrow(/There are: default\./)
      expect(await listSpecs(db, them)).toHaveLength(2)
    })
  })

  test.each([
    ['stripe', 'stripe-api'],
    ['Stripe API', 'stripe-api'],
    ['strpe-api', 'stripe-api'],
    ['stripe-api-v2', 'stripe-api'],
    ['Payments of the World', 'pay'],
    ['world', 'pay'],
  ])('that is asked for as %j may be meant', async (asked, name) => {
    await put('anything', things(1))
    await put('stripe-api', things(2))
    const info = { title: 'Payments of the World', version: '1' }
    await putDocument(JSON.stringify({ openapi: '3.1.0', info, paths: {} }), { name: 'pay' })
    const sentence = new RegExp(`named "${asked}".* Did you mean "${name}"\\? There are: anything,`)
    await expect(findSpec(db, localPrincipal, asked)).rejects.toThrow(sentence)
  })

  test('is not said to be meant by what is nothing like it', async () => {
    await put('stripe-api', things(2))
    for (const asked of ['zoo', 'st-peter', '宠物']) {
      await expect(findSpec(db, localPrincipal, asked)).rejects.toThrow(/"default"\. There are:/)
    }
  })

  describe('a spec that is deleted', () => {
    test('takes all it has along', async () => {
      await put('api', things(3))
      await put('kept', things(2))
      expect(await deleteSpec(db, localPrincipal, 'api')).toMatchObject({ operation_count: 3 })
      expect(await names()).toEqual(['kept'])
      for (const table of ['operations', 'components', 'terms', 'revisions', 'embedding_jobs']) {
        const rows = await db.query(
          `select 1 from api_catalog.${table}
           where spec_id not in (select id from api_catalog.specs)`,
        )
        expect(rows).toEqual([])
      }
    })

    test('may come again, as its first revision', async () => {
      await put('api', things(3))
      await deleteSpec(db, localPrincipal, 'api')
      expect(await put('api', things(3))).toMatchObject({ outcome: 'created', revision: 1 })
    })
  })

  test('a document with characters that no database takes is stored all the same', async () => {
    const odd = '\u0000\u0007\uD800x'
    const report = await putDocument(
      specDocument(`Odd${odd}`, [
        { path: `/a${odd}`, operationId: `op${odd}`, summary: odd, tags: [odd], description: odd },
        { path: '/good', summary: 'Good one' },
      ]),
    )
    expect(report.operationCount).toBeGreaterThanOrEqual(1)
    expect(await stored(report.spec)).toMatchObject({ operations: report.operationCount })
  })

  test('a path is read as a file, and what cannot be read is refused in a sentence', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'api-catalog-upload-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'api.json')
    await writeFile(file, specDocument('From a file', things(2)))
    const from = (path: string) =>
      uploadSpec(db, localPrincipal, { document: { path }, source: path, limits, willEmbed: false })
    expect(await from(file)).toMatchObject({ spec: 'from-a-file', operationCount: 2 })
    expect(await from(folder)).toMatchObject({ spec: 'from-a-file', outcome: 'unchanged' })
    await expect(from(join(folder, 'none.json'))).rejects.toThrow(/There is no file/)
    await expect(from('/dev/null')).rejects.toThrow(/no regular file/)
  })

  test('a refused document leaves nothing', async () => {
    for (const content of ['', '<html></html>', '{"openapi": "3.1.0", "paths": {', '[1, 2]']) {
      await expect(putDocument(content)).rejects.toThrow(InputError)
    }
    expect(await db.query(`select 1 from api_catalog.catalogs`)).toEqual([])
  })
})
