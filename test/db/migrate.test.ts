import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { pendingMigrations, readMigrations } from '../../src/db/migrate.js'
import { openDatabase, type OpenDatabaseOptions } from '../../src/db/open-database.js'
import {
  createDataDir,
  createPostgres,
  hasPostgres,
  onServer,
  storageKinds,
} from '../setup/databases.js'

async function migrationsFolder(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  for (const [name, sql] of Object.entries(files)) await writeFile(join(folder, name), sql)
  return folder
}

const settings = { poolSize: 2, programVersion: '1.0.0', log: pino({ level: 'silent' }) }

async function place(kind: Database['kind']): Promise<OpenDatabaseOptions> {
  if (kind === 'embedded') return { ...settings, dataDir: await createDataDir('bare') }
  return { ...settings, dataDir: '', url: await createPostgres('empty') }
}

/** Opens and closes the database with these migrations; gives the names of those applied. */
async function applied(options: OpenDatabaseOptions): Promise<string[]> {
  await using db = await openDatabase(options)
  const rows = await db.query<{ name: string }>(
    'select name from api_catalog.migrations order by number',
  )
  return rows.map((row) => row.name)
}

describe.each(storageKinds)('migrations of the %s database', (kind) => {
  test('are applied in order, once, and recorded with the program that did it', async () => {
    const options = await place(kind)
    const first = { '0001_a.sql': 'create table a (id integer);' }
    const second = {
      ...first,
      '0002_b.sql': 'create table b (id integer); insert into a values (1);',
    }
    expect(await applied({ ...options, migrations: await migrationsFolder(first) })).toEqual([
      '0001_a',
    ])
    const migrations = await migrationsFolder(second)
    expect(await applied({ ...options, migrations, programVersion: '1.1.0' })).toEqual([
      '0001_a',
      '0002_b',
    ])
    await using db = await openDatabase({ ...options, migrations })
    expect(await db.query('select count(*) from a')).toEqual([{ count: 1 }])
    expect(
      await db.query('select number, program_version from api_catalog.migrations order by 1'),
    ).toEqual([
      { number: 1, program_version: '1.0.0' },
      { number: 2, program_version: '1.1.0' },
    ])
    expect(await pendingMigrations(db, await readMigrations(migrations))).toEqual([])
    const third = await migrationsFolder({ ...second, '0003_c.sql': 'select 1' })
    const pending = await pendingMigrations(db, await readMigrations(third))
    expect(pending.map((migration) => migration.name)).toEqual(['0003_c'])
  })

  test('that fail leave nothing behind', async () => {
    const options = await place(kind)
    const migrations = await migrationsFolder({
      '0001_a.sql': 'create table a (id integer);',
      '0002_broken.sql': 'create table b (id integer); select 1 / 0;',
    })
    await expect(openDatabase({ ...options, migrations })).rejects.toThrow('0002_broken failed')
    const empty = await migrationsFolder({})
    await using db = await openDatabase({ ...options, migrations: empty })
    expect(await db.query(`select to_regclass('a') as a, to_regclass('b') as b`)).toEqual([
      { a: null, b: null },
    ])
  })

  test('refuse a file that was changed after it was applied, but not for its line ends', async () => {
    const options = await place(kind)
    const sql = 'create table a (\n  id integer\n);\n'
    const migrations = await migrationsFolder({ '0001_a.sql': sql })
    await applied({ ...options, migrations })
    await writeFile(join(migrations, '0001_a.sql'), sql.replaceAll('\n', '\r\n'))
    expect(await applied({ ...options, migrations })).toEqual(['0001_a'])
    await writeFile(join(migrations, '0001_a.sql'), sql.replace('integer', 'bigint'))
    await expect(openDatabase({ ...options, migrations })).rejects.toThrow(
      'The migration 0001_a was changed after it had been applied to this database. ' +
        'Run api-catalog-mcp 1.0.0, which applied it, or put the file back.',
    )
  })

  test('of a newer program are refused, naming the version to run', async () => {
    const options = await place(kind)
    const migrations = await migrationsFolder({
      '0001_a.sql': 'select 1',
      '0002_b.sql': 'select 2',
    })
    await applied({ ...options, migrations, programVersion: '2.3.4' })
    await rm(join(migrations, '0002_b.sql'))
    await expect(openDatabase({ ...options, migrations })).rejects.toMatchObject({
      name: 'InputError',
      message:
        'This database was upgraded by api-catalog-mcp 2.3.4 and this program is older: ' +
        'run npx -y api-catalog-mcp@2.3.4 or a later version.',
    })
  })

  test('that remove data wait for consent', async () => {
    const options = await place(kind)
    const migrations = await migrationsFolder({
      '0001_a.sql': 'create table a (id integer);',
      '0002_drop.sql': '-- destructive\ndrop table a;',
    })
    await expect(openDatabase({ ...options, migrations })).rejects.toThrow(
      'The migration 0002_drop removes data.',
    )
    expect(await applied({ ...options, migrations, allowDestructive: true })).toHaveLength(2)
  })
})

describe.skipIf(!hasPostgres)('migrations on Postgres', () => {
  test('are applied once when many replicas start together', async () => {
    const options = await place('postgres')
    const migrations = await migrationsFolder({
      '0001_a.sql': 'create table a (id integer); insert into a values (1);',
      '0002_slow.sql': 'select pg_sleep(0.2);',
    })
    const replicas = await Promise.all(
      Array.from({ length: 8 }, () => applied({ ...options, migrations })),
    )
    for (const names of replicas) expect(names).toEqual(['0001_a', '0002_slow'])
    expect((await onServer('select count(*)::integer from a', options.url)).rows).toEqual([
      { count: 1 },
    ])
  })

  test('that require pgvector wait until it is there', async () => {
    const options = await place('postgres')
    const role = `plain_${process.pid}`
    await onServer(`create role ${role} login`)
    const url = new URL(options.url ?? '')
    const database = url.pathname.slice(1)
    await onServer(`grant create on database ${database} to ${role}`)
    // Runs before the database is dropped, so what the role owns goes first.
    onTestFinished(async () => {
      await onServer(`drop owned by ${role} cascade`, options.url)
      await onServer(`drop role ${role}`)
    })
    url.username = role
    const migrations = await migrationsFolder({
      '0001_a.sql': 'create schema s; create table s.a (id integer);',
      '0002_vector.sql': '-- requires: vector\nalter table s.a add column v vector;',
      '0003_c.sql': 'create table s.c (id integer);',
    })
    const asPlainRole = { ...options, url: url.href, migrations }
    {
      await using db = await openDatabase(asPlainRole)
      expect(db.hasVectors).toBe(false)
      const pending = await pendingMigrations(db, await readMigrations(migrations))
      expect(pending.map((migration) => migration.name)).toEqual(['0002_vector'])
    }
    await onServer('create extension vector', options.url)
    await using db = await openDatabase(asPlainRole)
    expect(db.hasVectors).toBe(true)
    expect(await db.query('select v from s.a')).toEqual([])
  })

  test('say what to do where the schema may not be created', async () => {
    const options = await place('postgres')
    const role = `poor_${process.pid}`
    await onServer(`create role ${role} login`)
    onTestFinished(async () => void (await onServer(`drop role ${role}`)))
    const url = new URL(options.url ?? '')
    url.username = role
    await expect(openDatabase({ ...options, url: url.href })).rejects.toThrow(
      'This database user may not create the schema api_catalog',
    )
  })
})

test('the package’s migrations are numbered without gaps', async () => {
  const migrations = await readMigrations()
  expect(migrations.map((migration) => migration.number)).toEqual(
    migrations.map((_, index) => index + 1),
  )
})
