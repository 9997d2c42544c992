import { beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { codeOf } from '../../src/errors.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

describe.each(storageKinds)('the %s driver', (kind) => {
  let db: Database

  beforeAll(async () => {
    db = await openTestDatabase(kind)
    await db.query('create table notes (id integer primary key, text text)')
  })

  const textsOf = async (...ids: number[]): Promise<(string | null)[]> => {
    const rows = await db.query<{ text: string | null }>(
      'select text from notes where id = any($1::integer[]) order by id',
      [ids],
    )
    return rows.map((row) => row.text)
  }

  test('gives every type as the interface promises', async () => {
    const [row] = await db.query<Record<string, unknown>>(`
      select 1::smallint as small, 2::integer as int, 3::bigint as big, 1.5::real as real,
        2.5::double precision as double, 3.25::numeric as numeric, true as yes,
        'text' as text, '2024-05-06 07:08:09.123+02'::timestamptz as at,
        '{"a": [1, null]}'::jsonb as jsonb, '[1]'::json as json,
        array[1, null, 3] as ints, array['a"b', 'c\\d', null, 'NULL', ''] as texts,
        array[[1, 2], [3, 4]] as nested, '\\x00ff10'::bytea as bytes,
        array['\\x01'::bytea] as many_bytes, array['{"b": 1}'::jsonb] as many_json,
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as uuid, null as nothing,
        '[1,2.5]'::vector as vector`)
    expect(row).toEqual({
      small: 1,
      int: 2,
      big: 3,
      real: 1.5,
      double: 2.5,
      numeric: 3.25,
      yes: true,
      text: 'text',
      at: new Date('2024-05-06T05:08:09.123Z'),
      jsonb: { a: [1, null] },
      json: [1],
      ints: [1, null, 3],
      texts: ['a"b', 'c\\d', null, 'NULL', ''],
      nested: [
        [1, 2],
        [3, 4],
      ],
      bytes: Buffer.from([0, 255, 16]),
      many_bytes: [Buffer.from([1])],
      many_json: [{ b: 1 }],
      uuid: 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
      nothing: null,
      vector: '[1,2.5]',
    })
  })

  test('stores what it is given', async () => {
    const at = new Date('2024-05-06T07:08:09.123Z')
    const bytes = new Uint8Array([0, 1, 254, 255])
    const texts = ['plain', 'a "quoted" \\ one', '', 'NULL', '{1,2}', null, 'ünï ✓']
    const [row] = await db.query<Record<string, unknown>>(
      `select $1::text as text, $2::integer as int, $3::boolean as no, $4::timestamptz as at,
         $5::bytea as bytes, $6::jsonb as json, $7::text[] as texts, $8::real[] as reals,
         $9::jsonb as list, $10::text as nothing, $11::timestamptz[] as ats, $12::integer[][] as nested`,
      [
        'ü',
        -7,
        false,
        at,
        bytes,
        { a: [1] },
        texts,
        [0.5, -2],
        '[1,"x"]',
        undefined,
        [at],
        [[1], [2]],
      ],
    )
    expect(row).toEqual({
      text: 'ü',
      int: -7,
      no: false,
      at,
      bytes: Buffer.from(bytes),
      json: { a: [1] },
      texts,
      reals: [0.5, -2],
      list: [1, 'x'],
      nothing: null,
      ats: [at],
      nested: [[1], [2]],
    })
  })

  test('takes and gives a value of 40 MB', async () => {
    const text = 'x'.repeat(40_000_000)
    const [row] = await db.query<{ text: string; length: number }>(
      'select $1::text as text, length($1::text) as length',
      [text],
    )
    expect(row?.length).toBe(text.length)
    expect(row?.text === text).toBe(true)
  })

  test('runs several statements at once when there are no values, and gives the last one’s rows', async () => {
    expect(
      await db.query(`insert into notes values (1, 'one'); select text from notes where id = 1`),
    ).toEqual([{ text: 'one' }])
  })

  test('an error says what Postgres says of it', async () => {
    await db.query(`insert into notes values (2, 'two')`)
    const error: unknown = await db
      .query('insert into notes values ($1, $2)', [2, 'again'])
      .catch((failure: unknown) => failure)
    expect(error).toMatchObject({ code: '23505', constraint: 'notes_pkey', table: 'notes' })
    expect(codeOf(error)).toBe('23505')
    expect(await textsOf(2)).toEqual(['two'])
  })

  test('a transaction stores all, and gives what its work gives', async () => {
    const result = await db.transaction(async (tx) => {
      await tx.query('insert into notes values ($1, $2)', [10, 'ten'])
      await Promise.all([
        tx.query('insert into notes values ($1, $2)', [11, 'eleven']),
        tx.query('insert into notes values ($1, $2)', [12, 'twelve']),
      ])
      return 'done'
    })
    expect(result).toBe('done')
    expect(await textsOf(10, 11, 12)).toEqual(['ten', 'eleven', 'twelve'])
  })

  test('a transaction whose work throws stores nothing, and throws the same', async () => {
    const failure = new Error('changed my mind')
    const transaction = db.transaction(async (tx) => {
      await tx.query(`insert into notes values (20, 'twenty')`)
      throw failure
    })
    await expect(transaction).rejects.toBe(failure)
    expect(await textsOf(20)).toEqual([])
  })

  test('a transaction that hides a failed statement throws instead of storing nothing', async () => {
    const transaction = db.transaction(async (tx) => {
      await tx.query(`insert into notes values (30, 'thirty')`)
      await tx.query('select 1 / 0').catch(() => {})
    })
    await expect(transaction).rejects.toThrow(/transaction/)
    expect(await textsOf(30)).toEqual([])
  })

  test('transactions side by side do not see into each other', async () => {
    await db.query(`insert into notes values (40, '0')`)
    await Promise.all(
      Array.from({ length: 20 }, () =>
        db.transaction(async (tx) => {
          const [row] = await tx.query<{ text: string }>(
            'select text from notes where id = 40 for update',
          )
          await tx.query('update notes set text = $1 where id = 40', [
            String(Number(row?.text) + 1),
          ])
        }),
      ),
    )
    expect(await textsOf(40)).toEqual(['20'])
  })

  test('delivers notifications on commit, to each listener of the channel, until it is disposed', async () => {
    const heard: string[] = []
    const onMessage = (from: string) => (payload: string) => heard.push(`${from} ${payload}`)
    const first = await db.listen('Odd "channel"', onMessage('first'))
    await using _second = await db.listen('Odd "channel"', onMessage('second'))
    const arrived = expect.poll(() => heard)
    await db
      .transaction(async (tx) => {
        await tx.query('select pg_notify($1, $2)', ['Odd "channel"', 'rolled back'])
        throw new Error('no')
      })
      .catch(() => {})
    await db.query('select pg_notify($1, $2)', ['Odd "channel"', 'a'])
    await arrived.toEqual(['first a', 'second a'])
    await first[Symbol.asyncDispose]()
    await db.query('select pg_notify($1, $2)', ['Odd "channel"', 'b'])
    await expect.poll(() => heard).toEqual(['first a', 'second a', 'second b'])
  })

  test('is closed twice without harm, and refuses calls after that', async () => {
    const other = await openTestDatabase(kind)
    await other[Symbol.asyncDispose]()
    await other[Symbol.asyncDispose]()
    await expect(other.query('select 1')).rejects.toThrow('closed')
  })
})
