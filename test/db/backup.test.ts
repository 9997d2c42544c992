import { execFile } from 'node:child_process'
import { access, lstat, mkdir, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { vector } from '@electric-sql/pglite-pgvector'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { backup, restore } from '../../src/db/backup.js'
import { openDatabase } from '../../src/db/open-database.js'
import { InputError } from '../../src/errors.js'
import { createDataDir, hasPostgres, openTestDatabase } from '../setup/databases.js'

const run = promisify(execFile)
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
      'The backup /not/there cannot be read: there is no such file. Check its path.',
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
    const letter = join(await createDataDir('empty'), 'letter.txt')
    await writeFile(letter, 'Dear reader')
    for (const directory of ['/not/there', letter]) {
      const file = join(directory, 'catalog.tar.gz')
      const refusal = await backup(db, file).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(InputError)
      expect(refusal).toHaveProperty('message', expect.stringContaining(`written to ${file} (`))
    }
  })

  test('replaces nothing but a regular file, and follows no link', async () => {
    const db = await openTestDatabase('embedded')
    const folder = await createDataDir('empty')
    const letter = join(folder, 'letter.txt')
    await writeFile(letter, 'Dear reader')
    await mkdir(join(folder, 'directory'))
    await run('mkfifo', [join(folder, 'pipe')])
    await symlink(letter, join(folder, 'link'))
    await symlink(join(folder, 'none'), join(folder, 'loose-link'))
    await symlink(join(folder, 'pipe'), join(folder, 'link-to-pipe'))
    const before = await readdir(folder)
    for (const [name, kind] of [
      ['directory', 'a directory'],
      ['pipe', 'a device, pipe or socket'],
      ['link', 'a symbolic link'],
      ['loose-link', 'a symbolic link'],
      ['link-to-pipe', 'a symbolic link'],
    ] as const) {
      const refusal = await backup(db, join(folder, name)).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(InputError)
      expect(refusal).toHaveProperty('message', expect.stringContaining(`${name} is ${kind}`))
    }
    expect(await readdir(folder)).toEqual(before)
    expect(await readFile(letter, 'utf8')).toBe('Dear reader')
    expect((await lstat(join(folder, 'pipe'))).isFIFO()).toBe(true)
  })

  test('is not written into what it is a backup of, not even through a link', async () => {
    const dataDir = await createDataDir()
    const link = join(await createDataDir('empty'), 'link')
    await symlink(dataDir, link)
    await using db = await openDatabase({ ...settings, dataDir })
    const before = await readdir(dataDir)
    for (const directory of [dataDir, join(dataDir, 'pgdata', 'base'), link]) {
      const refusal = await backup(db, join(directory, 'mine')).catch((error: unknown) => error)
      expect(refusal).toBeInstanceOf(InputError)
      expect(refusal).toHaveProperty(
        'message',
        expect.stringContaining('inside the data directory'),
      )
    }
    expect(await readdir(dataDir)).toEqual(before)
    const beside = `${dataDir}.tar.gz`
    await backup(db, beside)
    await rm(beside)
  })

  test('is for its user alone, whatever lay there before', async () => {
    const db = await openTestDatabase('embedded')
    const folder = await createDataDir('empty')
    const file = join(folder, 'catalog.tar.gz')
    const letter = join(folder, 'letter.txt')
    await writeFile(letter, 'Dear reader')
    await writeFile(file, 'An earlier one', { mode: 0o666 })
    await symlink(letter, `${file}.unfinished`)
    await backup(db, file)
    expect((await lstat(file)).mode & 0o777).toBe(0o600)
    expect(await readFile(letter, 'utf8')).toBe('Dear reader')
    await restore(file, { ...restoring, dataDir: await createDataDir('empty') })
  })

  test.each(['owner', 'attached'] as const)(
    'that fails at its end, asked for by the %s process, leaves nothing behind',
    async (role) => {
      const dataDir = await createDataDir()
      await using owner = await openDatabase({ ...settings, dataDir })
      await using attached = await openDatabase({ ...settings, dataDir })
      const folder = await createDataDir('empty')
      const file = join(folder, 'catalog.tar.gz')
      const failing = await owner.transaction(async () => {
        const asked = backup(role === 'owner' ? owner : attached, file)
        const outcome = asked.catch((error: unknown) => error)
        // It has its place, and waits for the transaction.
        await expect.poll(() => readdir(folder)).toHaveLength(1)
        const [unfinished = ''] = await readdir(folder)
        expect((await lstat(join(folder, unfinished))).mode & 0o777).toBe(0o600)
        await mkdir(file)
        return { outcome }
      })
      const failure = await failing.outcome
      expect(failure).toBeInstanceOf(InputError)
      expect(failure).toHaveProperty('message', expect.stringContaining(`written to ${file} (`))
      expect(await readdir(folder)).toEqual(['catalog.tar.gz'])
      expect(await owner.query('select 1 as one')).toEqual([{ one: 1 }])
    },
  )
})

test.skipIf(!hasPostgres)('of a Postgres server is left to its own tools', async () => {
  const db = await openTestDatabase('postgres')
  await expect(backup(db, 'catalog.tar.gz')).rejects.toThrow('pg_dump')
})
