import { access, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { backup, restore } from '../../src/db/backup.js'
import { openDatabase } from '../../src/db/open-database.js'
import { createDataDir, hasPostgres, openTestDatabase } from '../setup/databases.js'

const settings = { poolSize: 1, programVersion: '0.0.0-test', log: pino({ level: 'silent' }) }
const restoring = { programVersion: '0.0.0-test', force: false }

describe('a backup of the embedded database', () => {
  test('brings everything back, also when an attached process makes it while others write', async () => {
    const dataDir = await createDataDir()
    const file = join(await createDataDir('empty'), 'catalog.tar.gz')
    {
      await using owner = await openDatabase({ ...settings, dataDir })
      await using attached = await openDatabase({ ...settings, dataDir })
      await owner.query('create table notes (id integer, text text)')
      await owner.query(`insert into notes select n, 'note ' || n from generate_series(1, 1000) n`)
      const writing = owner.transaction(async (tx) => {
        await tx.query(`insert into notes values (1001, 'in time')`)
        await tx.query('select pg_sleep(0.1)')
      })
      await backup(attached, file)
      await writing
      await owner.query(`insert into notes values (1002, 'too late')`)
    }
    const target = await createDataDir('empty')
    await restore(file, { ...restoring, dataDir: target })
    await using restored = await openDatabase({ ...settings, dataDir: target })
    expect(await restored.query('select count(*), max(id) from notes')).toEqual([
      { count: 1001, max: 1001 },
    ])
    expect(await readdir(join(file, '..'))).toEqual(['catalog.tar.gz'])
  })

  test('replaces a database only by force, and never one that is open', async () => {
    const dataDir = await createDataDir()
    const file = join(await createDataDir('empty'), 'catalog.tar.gz')
    {
      await using db = await openDatabase({ ...settings, dataDir })
      await backup(db, file)
      await db.query('create table later (id integer)')
      await expect(restore(file, { ...restoring, dataDir, force: true })).rejects.toThrow(
        `Process ${process.pid} has the data directory ${dataDir} open`,
      )
    }
    await expect(restore(file, { ...restoring, dataDir })).rejects.toThrow('--force')
    await restore(file, { ...restoring, dataDir, force: true })
    await using db = await openDatabase({ ...settings, dataDir })
    expect(await db.query(`select to_regclass('later') as later`)).toEqual([{ later: null }])
  })

  test('that is none replaces nothing', async () => {
    const dataDir = await createDataDir()
    const file = join(await createDataDir('empty'), 'letter.txt')
    await writeFile(file, 'Dear reader')
    await expect(restore(file, { ...restoring, dataDir, force: true })).rejects.toThrow(
      'is not a backup of this program',
    )
    await expect(restore('/not/there', { ...restoring, dataDir })).rejects.toThrow(
      'The backup cannot be read',
    )
    await using db = await openDatabase({ ...settings, dataDir })
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    await expect(access(join(dataDir, 'pgdata.restored'))).rejects.toThrow('ENOENT')
  })

  test('that was cut short replaces nothing', async () => {
    const dataDir = await createDataDir()
    const file = join(await createDataDir('empty'), 'catalog.tar.gz')
    await using db = await openDatabase({ ...settings, dataDir })
    await backup(db, file)
    const whole = await readFile(file)
    await writeFile(file, whole.subarray(0, whole.length / 2))
    const target = await createDataDir('empty')
    await expect(restore(file, { ...restoring, dataDir: target })).rejects.toThrow(
      'is not a backup of this program',
    )
    await expect(access(join(target, 'pgdata'))).rejects.toThrow('ENOENT')
  })

  test('that an earlier version made comes back', async () => {
    const dataDir = await createDataDir()
    const file = join(await createDataDir('empty'), 'catalog.tar.gz')
    const engine = await PGlite.create({
      dataDir: join(dataDir, 'pgdata'),
      extensions: { vector },
    })
    await engine.exec('create table notes (id integer); insert into notes values (1)')
    await engine.exec('checkpoint')
    const archive = await engine.dumpDataDir('gzip')
    await engine.close()
    await writeFile(file, archive.stream())
    const target = await createDataDir('empty')
    await restore(file, { ...restoring, dataDir: target })
    await using db = await openDatabase({ ...settings, dataDir: target })
    expect(await db.query('select id from notes')).toEqual([{ id: 1 }])
  })

  test('cannot be written where there is no directory', async () => {
    const db = await openTestDatabase('embedded')
    await expect(backup(db, '/not/there/catalog.tar.gz')).rejects.toThrow(
      '/not/there cannot be written',
    )
  })
})

test.skipIf(!hasPostgres)('of a Postgres server is left to its own tools', async () => {
  const db = await openTestDatabase('postgres')
  await expect(backup(db, 'catalog.tar.gz')).rejects.toThrow('pg_dump')
})
