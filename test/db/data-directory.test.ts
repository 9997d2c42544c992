import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/db/open-database.js'
import { createDataDir } from '../setup/databases.js'

const settings = { poolSize: 1, programVersion: '0.0.0-test', log: pino({ level: 'silent' }) }

test('a data directory is made where there is none, for its user alone', async () => {
  const dataDir = join(await createDataDir('empty'), 'new', 'one')
  await using db = await openDatabase({ ...settings, dataDir })
  expect(db.hasVectors).toBe(true)
  expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
})

test('a data directory whose creation was cut short is made anew', async () => {
  const dataDir = await createDataDir('empty')
  await mkdir(join(dataDir, 'pgdata'))
  await writeFile(join(dataDir, 'pgdata', 'PG_VERSION'), '18\n')
  await writeFile(join(dataDir, 'pgdata.incomplete'), '')
  await using db = await openDatabase({ ...settings, dataDir })
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
})

test('opening can be given up while the database is being made', async () => {
  const dataDir = await createDataDir('empty')
  const giveUp = new AbortController()
  const opening = openDatabase({ ...settings, dataDir, signal: giveUp.signal })
  await expect.poll(() => stat(join(dataDir, 'pgdata.incomplete')).catch(() => null)).toBeTruthy()
  giveUp.abort(new Error('enough'))
  await expect(opening).rejects.toThrow('enough')
  await using db = await openDatabase({ ...settings, dataDir })
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
})

test('a file in the place of the data directory is named', async () => {
  const dataDir = join(await createDataDir('empty'), 'file')
  await writeFile(dataDir, '')
  for (const place of [dataDir, join(dataDir, 'below')]) {
    await expect(openDatabase({ ...settings, dataDir: place })).rejects.toMatchObject({
      name: 'InputError',
      message: `The data directory ${place} is not a directory: choose another with API_CATALOG_DATA_DIR.`,
    })
  }
})

test('a data directory that cannot be written is named', async () => {
  await expect(openDatabase({ ...settings, dataDir: '/proc/catalog' })).rejects.toMatchObject({
    name: 'InputError',
    message: expect.stringMatching(
      '^The data directory /proc/catalog cannot be written .* choose another with API_CATALOG_DATA_DIR.$',
    ),
  })
})

test('a database of another Postgres and one that is broken are named', async () => {
  const other = await createDataDir('empty')
  await mkdir(join(other, 'pgdata'))
  await writeFile(join(other, 'pgdata', 'PG_VERSION'), '17\n')
  await expect(openDatabase({ ...settings, dataDir: other })).rejects.toThrow('made by Postgres 17')

  const broken = await createDataDir()
  await writeFile(join(broken, 'pgdata', 'global', 'pg_control'), 'broken')
  await expect(openDatabase({ ...settings, dataDir: broken })).rejects.toMatchObject({
    name: 'UnavailableError',
    message: expect.stringContaining(`The database in ${broken} does not open`),
  })
})
