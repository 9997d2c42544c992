import { beforeAll, describe, expect, test } from 'vitest'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { isIndexed, keepIndexes } from '../../src/embedding/space-index.js'
import { removeRetired } from '../../src/embedding/remove-retired.js'
import { joinSpace } from '../../src/embedding/swap-space.js'
import { unitVector, vectorToSql } from '../../src/embedding/vector-to-sql.js'
import { nearest, searchByMeaning, type Way } from '../../src/search/by-meaning.js'
import { readScope, type SearchFilter } from '../../src/search/scope.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

const OPERATIONS = 3_000
const DIMENSIONS = 48
const LIMIT = 100
/** Each filter leaves a part of the operations that has nothing to do with their vectors. */
const FILTERS: [string, SearchFilter, share: number][] = [
  ['everything', {}, 1],
  ['a catalog', { catalog: 'c1' }, 1 / 2],
  ['a spec', { catalog: 'c1', specs: ['s1'] }, 1 / 6],
  ['a method', { method: 'post' }, 1 / 5],
  ['a tag', { tag: 't3' }, 1 / 7],
]

describe.each(storageKinds)('search by meaning on %s', (kind) => {
  let db: Database
  let spaceId: number

  beforeAll(async () => {
    db = await openTestDatabase(kind)
    spaceId = await joinSpace(db, new StubEmbedder({ dimensions: DIMENSIONS }).identity)
    await fill(db, spaceId)
    await keepIndexes(db, 1_000)
  })

  const questions = (parts: number) =>
    Array.from({ length: 10 }, (_, n) => ({
      spaceId,
      parts: Array.from({ length: parts }, (__, part) => vectorOf(7 * n + part, 5)),
    }))

  const found = async (filter: SearchFilter, parts: number, way: Way) => {
    const scope = await readScope(db, localPrincipal, filter)
    return Promise.all(
      questions(parts).map(async (meaning) =>
        (await nearest(db, meaning, scope, LIMIT, way)).map(({ op }) => op),
      ),
    )
  }

  describe.each(FILTERS)('in %s', (_, filter, share) => {
    const texts = Math.ceil((2 * LIMIT) / share)

    test.each([1, 4])('gives the same by comparing the scope or the space, %i parts', async (n) => {
      const exact = await found(filter, n, { by: 'scope' })
      expect(exact.every((ops) => ops.length === LIMIT)).toBe(true)
      expect(await found(filter, n, { by: 'space', texts: OPERATIONS })).toEqual(exact)
      expect(recall(await found(filter, n, { by: 'space', texts }), exact)).toBeGreaterThan(0.99)
    })

    test.runIf(kind === 'postgres').each([1, 4])(
      'finds by the index at least 95 of 100 of what comparing finds, %i parts',
      async (n) => {
        const exact = await found(filter, n, { by: 'scope' })
        const byIndex = await found(filter, n, { by: 'index', texts })
        expect(recall(byIndex, exact)).toBeGreaterThanOrEqual(0.95)
      },
    )

    test('gives the nearest, and the similarity of every operation that was named', async () => {
      const scope = await readScope(db, localPrincipal, filter)
      const [meaning] = questions(1)
      const [exact] = await found(filter, 1, { by: 'scope' })
      const rest = await nearest(db, meaning!, scope, OPERATIONS, { by: 'scope' })
      const also = rest.slice(-3)
      const all = await searchByMeaning(db, meaning!, scope, {
        limit: LIMIT,
        also: Promise.resolve(also.map(({ op }) => op)),
        embedded: rest.length,
      })
      expect([...all.keys()].slice(0, 20)).toEqual(exact!.slice(0, 20))
      for (const { op, similarity } of also) expect(all.get(op)).toBeCloseTo(similarity, 6)
    })
  })

  test('finds all of a scope that is far from the question', async () => {
    const scope = await readScope(db, localPrincipal, { tag: 'far' })
    const [meaning] = questions(1)
    const all = await searchByMeaning(db, meaning!, scope, {
      limit: 5,
      also: Promise.resolve([]),
      embedded: 3,
    })
    expect(all.size).toBe(3)
  })

  test.runIf(kind === 'embedded')('builds no index: that would hold everything up', async () => {
    expect(await isIndexed(db, spaceId)).toBe(false)
  })

  describe.runIf(kind === 'postgres')('the index of a space', () => {
    const names = async () =>
      (
        await db.query<{ name: string }>(
          `select indexname as name from pg_indexes
           where tablename = 'embeddings' and indexname like 'embeddings_near%'`,
        )
      ).map(({ name }) => name)

    test('is there where the space is large, and not where it is small', async () => {
      expect(await isIndexed(db, spaceId)).toBe(true)
      await keepIndexes(db)
      expect(await names()).toEqual([])
      await keepIndexes(db, 1_000)
      expect(await isIndexed(db, spaceId)).toBe(true)
    })

    test('is built again when its build was killed', async () => {
      await db.query(
        `update pg_index set indisvalid = false
         where indrelid = 'api_catalog.embeddings'::regclass and not indisprimary`,
      )
      expect(await isIndexed(db, spaceId)).toBe(false)
      await keepIndexes(db, 1_000)
      expect(await isIndexed(db, spaceId)).toBe(true)
    })

    test('takes vectors that are written while it is built', async () => {
      await keepIndexes(db)
      const building = keepIndexes(db, 1_000)
      await db.query(`update api_catalog.embeddings set tries = tries + 1`)
      await building
      expect(await isIndexed(db, spaceId)).toBe(true)
    })

    test('goes when the space goes', async () => {
      await joinSpace(db, new StubEmbedder({ model: 'another' }).identity, { force: true })
      await db.query(
        `update api_catalog.embedding_spaces
         set is_active = (model = 'another'), is_next = false,
           retired_at = case when model <> 'another' then now() - interval '15 days' end`,
      )
      expect(await removeRetired(db, 14)).toBe(OPERATIONS)
      await keepIndexes(db, 1_000)
      expect(await names()).toEqual([])
    })
  })
})

function recall(found: number[][], exact: number[][]): number {
  const kept = exact.map((ops, n) => {
    const set = new Set(found[n]?.slice(0, LIMIT))
    return ops.filter((op) => set.has(op)).length / ops.length
  })
  return kept.reduce((sum, one) => sum + one, 0) / kept.length
}

/** The n-th vector, the same on every run; `spread` tells how many directions there are. */
function vectorOf(n: number, spread: number): Float32Array {
  const noise = (a: number, b: number) => Math.sin(a * 12.9898 + b * 78.233) * 43758.5453
  const at = (a: number, b: number) => noise(a, b) - Math.floor(noise(a, b)) - 0.5
  return Float32Array.from(
    { length: DIMENSIONS },
    (_, i) => at(n % spread, i) + 0.8 * at(n + 1_000, i),
  )
}

/** Operations with vectors, made in the tables: as many through uploads would take minutes. */
async function fill(db: Database, spaceId: number): Promise<void> {
  await db.query(
    `insert into api_catalog.catalogs (name, operation_count)
     select 'c' || n, ${OPERATIONS / 2} from generate_series(0, 1) n`,
  )
  await db.query(
    `insert into api_catalog.specs (catalog_id, name, revision, operation_count)
     select c.id, 's' || n, 1, ${OPERATIONS / 6} from api_catalog.catalogs c, generate_series(0, 2) n`,
  )
  await db.query(
    `insert into api_catalog.operations
       (spec_id, method, path, path_shape, tags, parameters, body_properties, effect, is_deprecated,
        signature, definition, definition_hash, text_hash)
     select s.id, case when n % 5 = 0 then 'POST' else 'GET' end, '/' || n, '/' || n,
       case when n < 3 then array['far'] else array['t' || n % 7] end, '{}', '{}', 'read', false,
       '', '', '', 'text ' || n
     from generate_series(0, ${OPERATIONS - 1}) n
     join (select id, row_number() over (order by id) - 1 as place from api_catalog.specs) s
       on s.place = n % 6`,
  )
  const numbers = Array.from({ length: OPERATIONS }, (_, n) => n)
  await db.query(
    `insert into api_catalog.embeddings (space_id, text_hash, state, vector)
     select $1, 'text ' || n, 'embedded', ${unitVector('vector')}
     from unnest($2::integer[], $3::text[]) as row (n, vector)`,
    [spaceId, numbers, numbers.map((n) => vectorToSql(vectorOf(n, 11)))],
  )
  await db.query('analyze')
}
