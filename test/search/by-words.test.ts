import * as fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { localPrincipal } from '../../src/catalog/principal.js'
import { deleteSpec } from '../../src/catalog/specs.js'
import type { Database } from '../../src/db/database.js'
import { searchByWords } from '../../src/search/by-words.js'
import { namedSpecs } from '../../src/search/named-specs.js'
import { queryTerms } from '../../src/search/query-terms.js'
import { readScope, type SearchFilter } from '../../src/search/scope.js'
import { answerByWords } from '../../src/search/word-answer.js'
import { emptyDatabase, upload } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things, type OperationSketch } from '../setup/spec-document.js'

const WORDS = ['user', 'team', 'file', 'page', 'token', 'invoice']

describe.each(storageKinds)('search by words on %s', (kind) => {
  let db: Database
  const uploadTo = (...args: [string, OperationSketch[], string?]) =>
    upload({ db, embedder: null }, args[0], args[1], { catalog: args[2] ?? 'default' })

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(() => emptyDatabase(db))

  const rank = async (query: string, filter: SearchFilter = {}, limit = 100) => {
    const scope = await readScope(db, localPrincipal, filter)
    return searchByWords(db, await queryTerms(db, query, scope, []), scope, limit)
  }
  const pathsOf = async (hits: { op: number }[]): Promise<string[]> => {
    const rows = await db.query<{ id: number; path: string }>(
      `select id, path from api_catalog.operations`,
    )
    const byOp = new Map(rows.map(({ id, path }) => [id, path]))
    return hits.map(({ op }) => byOp.get(op)!)
  }
  const search = async (...question: Parameters<typeof rank>) => pathsOf(await rank(...question))

  /** What the counts must be, from the words themselves. */
  const countsAfresh = () =>
    db.query(
      `select t.catalog_id, t.term, count(*) as df from api_catalog.terms t
       group by t.catalog_id, t.term order by t.catalog_id, t.term collate "C"`,
    )
  const countsKept = () =>
    db.query(
      `select catalog_id, term, df from api_catalog.catalog_terms
       order by catalog_id, term collate "C"`,
    )

  test('the name of an API in a question is no part of what its operations must match', async () => {
    await uploadTo('farm', [{ path: '/pets', method: 'post', summary: 'Add a pet' }])
    await uploadTo('mill', [{ path: '/sacks', summary: 'List the sacks of flour' }])
    const scope = await readScope(db, localPrincipal, {})
    const query = 'add a pet to the farm'
    const answer = await answerByWords(db, query, scope, await namedSpecs(db, query, scope))
    expect(answer.hits[0]?.matched).toBeCloseTo(1)
    const [hit] = await rank('add a pet to the farm')
    expect(hit?.matched).toBeLessThan(1)
  })

  test('counts of words stay right through any uploads, revisions and deletions', async () => {
    const operations = fc.uniqueArray(
      fc.record({
        path: fc.constantFrom(...WORDS).map((word) => `/${word}`),
        summary: fc.array(fc.constantFrom(...WORDS), { maxLength: 3 }).map((s) => s.join(' ')),
      }),
      { selector: ({ path }) => path, maxLength: 4 },
    )
    const step = fc.record({
      spec: fc.constantFrom('a', 'b'),
      catalog: fc.constantFrom('default', 'other'),
      operations: fc.option(operations),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 5 }), async (steps) => {
        await emptyDatabase(db)
        for (const { spec, catalog, operations } of steps) {
          if (operations) await uploadTo(spec, operations, catalog)
          else await deleteSpec(db, localPrincipal, spec, catalog).catch(() => undefined)
        }
        expect(await countsKept()).toEqual(await countsAfresh())
        const sizes = await db.query(
          `select c.operation_count as kept, count(o.id) as counted from api_catalog.catalogs c
           left join api_catalog.specs s on s.catalog_id = c.id
           left join api_catalog.operations o on o.spec_id = s.id group by c.id`,
        )
        for (const size of sizes as { kept: number; counted: number }[]) {
          expect(size.kept).toBe(size.counted)
        }
        const [orphans] = await db.query<{ count: number }>(
          `select count(*) as count from api_catalog.terms t
           where not exists (select from api_catalog.operations o where o.id = t.op)`,
        )
        expect(orphans?.count).toBe(0)
      }),
      { numRuns: 6 },
    )
  })

  test('a word’s weight is that of the catalogs asked, whatever else narrows the question', async () => {
    await uploadTo('a', [
      { path: '/user', summary: 'user' },
      { path: '/team', summary: 'team', tags: ['t'] },
    ])
    await uploadTo('b', [{ path: '/file', summary: 'user' }])
    await uploadTo('c', [{ path: '/page' }, { path: '/invoice' }], 'other')
    const idf = async (filter: SearchFilter) => {
      const terms = await queryTerms(db, 'user', await readScope(db, localPrincipal, filter), [])
      return terms[0]
    }
    const expected = (n: number, df: number) => Math.log(1 + (n - df + 0.5) / (df + 0.5))
    for (const filter of [{}, { specs: ['a'] }, { method: 'get' }, { tag: 't' }]) {
      expect(await idf(filter)).toMatchObject({ df: 2, idf: expected(5, 2) })
    }
    expect(await idf({ catalog: 'default' })).toMatchObject({ df: 2, idf: expected(3, 2) })
    expect(await idf({ catalog: 'other' })).toMatchObject({ df: 0, idf: expected(2, 0) })
    expect(await idf({ catalog: 'nowhere' })).toMatchObject({ df: 0 })
  })

  test('filters leave only what they name', async () => {
    await uploadTo('a', [
      { path: '/user', summary: 'user', tags: ['people'] },
      { path: '/users', method: 'post', summary: 'user' },
    ])
    await uploadTo('b', [{ path: '/b/user', summary: 'user' }])
    await uploadTo('c', [{ path: '/c/user', summary: 'user' }], 'other')
    expect((await search('user')).toSorted()).toEqual(['/b/user', '/c/user', '/user', '/users'])
    expect(await search('user', { catalog: 'other' })).toEqual(['/c/user'])
    expect(await search('user', { specs: ['b'] })).toEqual(['/b/user'])
    expect(await search('user', { method: 'post' })).toEqual(['/users'])
    expect(await search('user', { tag: 'people' })).toEqual(['/user'])
    expect(await search('user', { tag: 'people', method: 'post' })).toEqual([])
    expect((await search('user', { specs: ['a', 'b'], method: 'get' })).toSorted()).toEqual([
      '/b/user',
      '/user',
    ])
  })

  test('ranks as the sum over all words does, with the share of the question’s weight', async () => {
    const operations = Array.from({ length: 60 }, (_, n) => ({
      path: `/p${n}`,
      summary: WORDS.filter((_, word) => (n * 7 + word * n) % (word + 2) === 0).join(' '),
    }))
    await uploadTo('a', operations)
    const scope = await readScope(db, localPrincipal, {})
    for (const query of ['user team', 'invoice token page', 'file file user', 'user nowhere']) {
      const terms = await queryTerms(db, query, scope, [])
      const brute = await db.query<{ op: number; score: number; matched: number }>(
        `select t.op, sum(t.impact * q.idf)::float8 as score, sum(q.idf)::float8 as matched
         from api_catalog.terms t join unnest($1::text[], $2::float8[]) as q (term, idf)
           on q.term = t.term
         group by t.op`,
        [terms.map(({ term }) => term), terms.map(({ idf }) => idf)],
      )
      const weight = terms.reduce((sum, { idf }) => sum + idf, 0)
      const byOp = new Map(brute.map((row) => [row.op, row]))
      const hits = await rank(query)
      expect(hits).toHaveLength(brute.length)
      for (const [index, { op, score, matched }] of hits.entries()) {
        expect(score).toBeCloseTo(byOp.get(op)!.score, 4)
        expect(matched).toBeCloseTo(byOp.get(op)!.matched / weight, 4)
        expect(score).toBeLessThanOrEqual(hits[index - 1]?.score ?? Infinity)
      }
    }
  })

  test('a question of many words finds the same in a small catalog as in a large one', async () => {
    await uploadTo('a', [
      { path: '/user', summary: 'user list' },
      { path: '/file', summary: 'file list' },
    ])
    const scope = await readScope(db, localPrincipal, { specs: ['a'] })
    // As if these words were in that many operations of other specs.
    const terms = [
      { term: 'invoic', word: 'invoice', df: 10, idf: 8, clauses: [], guess: null, joins: [] },
      { term: 'list', word: 'list', df: 30_000, idf: 1, clauses: [], guess: null, joins: [] },
    ]
    const hits = await searchByWords(db, terms, scope, 100)
    expect(hits).toHaveLength(2)
  })

  test('what has all words of a question is found though each of them is common', async () => {
    await uploadTo('a', [
      ...things(80, (n) => `create thing ${n}`),
      {
        path: '/accounts/{id}/certificates/authority/key',
        summary: 'Make signed authority certificates and create one for an account',
      },
    ])
    const scope = await readScope(db, localPrincipal, {})
    // As if these words were in that many operations.
    const common = { idf: 2, clauses: [], guess: null, joins: [] }
    const terms = [
      { ...common, term: 'creat', word: 'create', df: 12_000 },
      { ...common, term: 'kei', word: 'key', df: 13_000 },
    ]
    const [best] = await searchByWords(db, terms, scope, 60)
    expect(best?.matched).toBe(1)
  })

  test('words that occur nowhere find nothing, and cost a share of the match', async () => {
    await uploadTo('a', [{ path: '/user', summary: 'user' }])
    expect(await rank('unheard')).toEqual([])
    expect(await rank('')).toEqual([])
    const [hit] = await rank('user unheard')
    expect(hit?.matched).toBeGreaterThan(0)
    expect(hit?.matched).toBeLessThan(0.5)
  })

  test('a spec is found by its new words after a revision, and not by the old ones', async () => {
    await uploadTo('a', [{ path: '/x', summary: 'user' }])
    await uploadTo('a', [{ path: '/x', summary: 'invoice' }])
    expect(await search('user')).toEqual([])
    expect(await search('invoice')).toEqual(['/x'])
    await deleteSpec(db, localPrincipal, 'a')
    expect(await search('invoice')).toEqual([])
  })

  test('equals are ranked in one order', async () => {
    await uploadTo(
      'a',
      Array.from({ length: 20 }, (_, n) => ({ path: `/x${n}`, summary: 'user' })),
    )
    const first = await rank('user', {}, 5)
    expect(await rank('user', {}, 5)).toEqual(first)
    expect(await rank('user', {}, 10)).toEqual([...first, ...(await rank('user', {}, 10)).slice(5)])
  })

  test('a paste of 100 KB is answered by its rarest words', async () => {
    await uploadTo('a', [{ path: '/user', summary: 'user' }])
    const paste = `user ${Array.from({ length: 10_000 }, (_, n) => `w${n}`).join(' ')}`
    expect(Array.isArray(await rank(paste))).toBe(true)
  })
})
