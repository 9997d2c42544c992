import { once } from 'node:events'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openDatabase } from '../../src/db/open-database.js'
import { packageMigrations } from '../../src/db/migrate.js'
import { createDataDir } from '../setup/databases.js'
import { StorageProcess } from './storage-process.js'

async function startWriters(dataDir: string, count: number): Promise<StorageProcess[]> {
  const first = await StorageProcess.start({ dataDir })
  await first.query('create table written (writer text, n integer)')
  await first.query('create table counter (value integer)')
  await first.query('insert into counter values (0)')
  const rest = Array.from({ length: count - 1 }, () => StorageProcess.start({ dataDir }))
  return [first, ...(await Promise.all(rest))]
}

/** Every write of which a writer was told is there, and each that is there was made once. */
async function expectExactlyOnce(
  reader: StorageProcess,
  writers: Map<string, StorageProcess>,
): Promise<void> {
  const rows = await reader.query(
    `select writer, count(*) as rows, count(distinct n) as different from written group by writer`,
  )
  let total = 0
  for (const row of rows) {
    const acknowledged = writers.get(String(row['writer']))?.acknowledged ?? 0
    expect(row['different']).toBe(row['rows'])
    expect(row['rows']).toBeGreaterThanOrEqual(acknowledged)
    total += Number(row['rows'])
  }
  expect(await reader.query('select value from counter')).toEqual([{ value: total }])
}

test('processes on one data directory see what each of them writes', async () => {
  const dataDir = await createDataDir()
  const [owner, second, third] = (await startWriters(dataDir, 3)) as [
    StorageProcess,
    StorageProcess,
    StorageProcess,
  ]
  expect([owner.role, second.role, third.role]).toEqual(['owner', 'attached', 'attached'])
  await Promise.all([
    owner.query(`insert into written values ('owner', 1)`),
    second.query(`insert into written values ('second', 1)`),
    third.transaction([{ sql: `insert into written values ('third', 1)` }]),
  ])
  for (const process of [owner, second, third]) {
    expect(await process.query('select writer from written order by writer')).toEqual([
      { writer: 'owner' },
      { writer: 'second' },
      { writer: 'third' },
    ])
  }
})

test('when the owner is killed under load, the others go on and no write is lost or doubled', async () => {
  const dataDir = await createDataDir()
  const processes = await startWriters(dataDir, 3)
  const writers = new Map<string, StorageProcess>()
  const started: Promise<number>[] = []
  const startWriting = (process: StorageProcess): void => {
    const name = `writer-${writers.size}`
    writers.set(name, process)
    started.push(process.write(name).catch(() => 0))
  }
  for (const process of processes) startWriting(process)

  for (let round = 0; round < 6; round++) {
    const owner = processes.find((process) => process.role === 'owner')
    const others = processes.filter((process) => process !== owner)
    await Promise.all(processes.map((process) => once(process, 'acknowledged')))
    const takenOver = Promise.race(
      others.map(async (process) => {
        for (;;) if ((await once(process, 'role'))[0] === 'owner') return
      }),
    )
    await owner?.kill()
    await takenOver
    await Promise.all(others.map((process) => once(process, 'acknowledged')))
    const replacement = await StorageProcess.start({ dataDir })
    processes.splice(0, processes.length, ...others, replacement)
    startWriting(replacement)
  }
  await Promise.all(processes.map((process) => process.stopWriting()))
  await Promise.all(started)
  const [reader] = processes
  if (reader) await expectExactlyOnce(reader, writers)
})

const settings = { poolSize: 1, programVersion: '1', log: pino({ level: 'silent' }) }

test('a transaction whose owner dies just after its commit is not made again', async () => {
  const dataDir = await createDataDir()
  const [owner] = (await startWriters(dataDir, 1)) as [StorageProcess]
  await using db = await openDatabase({ ...settings, dataDir })
  await owner.dieOn('committed')
  const died = once(owner, 'exit')
  let runs = 0
  const result = await db.transaction(async (tx) => {
    runs++
    await tx.query(`insert into written values ('test', 1)`)
    await tx.query(`select pg_notify('committed', '')`)
    return 'stored'
  })
  await died
  expect([result, runs]).toEqual(['stored', 1])
  expect(await db.query('select count(*) from written')).toEqual([{ count: 1 }])
})

test('a transaction whose owner dies before its commit is made again', async () => {
  const dataDir = await createDataDir()
  const [owner] = (await startWriters(dataDir, 1)) as [StorageProcess]
  await using db = await openDatabase({ ...settings, dataDir })
  let runs = 0
  await db.transaction(async (tx) => {
    runs++
    await tx.query(`insert into written values ('test', 1)`)
    await owner.kill()
  })
  expect(runs).toBe(2)
  expect(await db.query('select count(*) from written')).toEqual([{ count: 1 }])
})

test('a process that holds a transaction idle loses it, so that others go on', async () => {
  const dataDir = await createDataDir()
  await using owner = await openDatabase({ ...settings, dataDir })
  await using attached = await openDatabase({ ...settings, dataDir })
  await owner.query('create table notes (id integer)')
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const idle = attached.transaction(async (tx) => {
    await tx.query('insert into notes values (1)')
    const others = owner.query('select count(*) from notes')
    await vi.advanceTimersByTimeAsync(31_000)
    expect(await others).toEqual([{ count: 0 }])
    await tx.query('insert into notes values (2)')
  })
  await expect(idle).rejects.toThrow(
    'The transaction was idle for more than 30 s and is rolled back.',
  )
  expect(await owner.query('select count(*) from notes')).toEqual([{ count: 0 }])
})

test('a database that breaks down in a statement is opened again, without that statement', async () => {
  const dataDir = await createDataDir()
  await using owner = await openDatabase({ ...settings, dataDir })
  await using attached = await openDatabase({ ...settings, dataDir })
  await owner.query(`create function deep(n integer) returns integer language sql
    as 'select deep(n + 1)'`)
  await expect(attached.query('select deep(1)')).rejects.toThrow('broke down in this statement')
  for (const db of [owner, attached]) {
    expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
  }
})

test('when the owner ends, another takes over at once and nothing is lost', async () => {
  const dataDir = await createDataDir()
  const [owner, second] = (await startWriters(dataDir, 2)) as [StorageProcess, StorageProcess]
  const writers = new Map([['second', second]])
  const written = second.write('second')
  await once(second, 'acknowledged')
  const takenOver = once(second, 'role')
  await owner.close()
  expect(await takenOver).toEqual(['owner'])
  await once(second, 'acknowledged')
  await second.stopWriting()
  expect(await written).toBe(second.acknowledged)
  await expectExactlyOnce(second, writers)
})

test('notifications reach every process, also after the owner has changed', async () => {
  const dataDir = await createDataDir()
  const [owner, second, third] = (await startWriters(dataDir, 3)) as [
    StorageProcess,
    StorageProcess,
    StorageProcess,
  ]
  const heard = new Set<StorageProcess>()
  for (const process of [owner, second, third]) {
    process.on('notified', () => heard.add(process))
    await process.listen('news')
  }
  await second.query(`select pg_notify('news', 'hello')`)
  await expect.poll(() => heard.size).toBe(3)

  heard.clear()
  await owner.kill()
  // One that is not attached again yet misses a message, so it is sent until both have it.
  await expect
    .poll(
      async () => {
        await third.query(`select pg_notify('news', 'hello again')`)
        return heard.size
      },
      { timeout: 20_000 },
    )
    .toBe(2)
})

test('a process that is killed in a transaction leaves nothing of it, and others go on', async () => {
  const dataDir = await createDataDir()
  const [owner, second] = (await startWriters(dataDir, 2)) as [StorageProcess, StorageProcess]
  await second.hold(`insert into written values ('second', 1)`)
  const count = owner.query('select count(*) from written')
  await second.kill()
  expect(await count).toEqual([{ count: 0 }])
})

test('a data directory with a path too long for sockets works', async () => {
  const base = await createDataDir('empty')
  const dataDir = join(base, 'a'.repeat(120), 'b'.repeat(120))
  const template = await createDataDir()
  await cp(template, dataDir, { recursive: true })
  const [owner, second] = (await startWriters(dataDir, 2)) as [StorageProcess, StorageProcess]
  expect([owner.role, second.role]).toEqual(['owner', 'attached'])
  // Its path being long must not make it look dead to a process with another temporary directory.
  const elsewhere = await mkdtemp(join(tmpdir(), 'else-'))
  onTestFinished(() => rm(elsewhere, { recursive: true }))
  const third = await StorageProcess.start({ dataDir }, { TMPDIR: elsewhere })
  expect(third.role).toBe('attached')
})

test('a copy of a data directory in use is a directory of its own', async () => {
  const dataDir = await createDataDir()
  const [owner] = (await startWriters(dataDir, 1)) as [StorageProcess]
  const copy = join(await createDataDir('empty'), 'copy')
  await cp(dataDir, copy, { recursive: true, filter: (path) => !path.includes('/run') })
  const other = await StorageProcess.start({ dataDir: copy })
  expect([owner.role, other.role]).toEqual(['owner', 'owner'])
})

test('an owner that hangs is named, and calls go on when it does', async () => {
  const dataDir = await createDataDir()
  const [owner] = (await startWriters(dataDir, 1)) as [StorageProcess]
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  await using db = await openDatabase({ ...settings, dataDir })
  owner.signal('SIGSTOP')
  const answer = db.query('select 1 as one').catch((error: unknown) => error)
  await vi.advanceTimersByTimeAsync(60_000)
  vi.useRealTimers()
  expect(String(await answer)).toMatch(
    `UnavailableError: Process ${owner.pid} (api-catalog-mcp 0.0.0-test) has the database open`,
  )
  owner.signal('SIGCONT')
  expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
})

async function migrationsWith(extra: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp(packageMigrations, folder, { recursive: true })
  await writeFile(join(folder, '9000_newer.sql'), extra)
  return folder
}

test('a newer program takes the directory over and upgrades it; the older one says what to run', async () => {
  const dataDir = await createDataDir()
  const [owner, second] = (await startWriters(dataDir, 2)) as [StorageProcess, StorageProcess]
  const migrations = await migrationsWith('create table newer (id integer);')
  const newer = await StorageProcess.start({ dataDir, migrations, programVersion: '9.9.9' })
  expect([newer.role, owner.role]).toEqual(['owner', 'attached'])
  expect(await newer.query('select count(*) from newer')).toEqual([{ count: 0 }])
  for (const older of [owner, second]) {
    await expect(older.query('select 1')).rejects.toThrow(
      'This database was upgraded by api-catalog-mcp 9.9.9 and this program is older: ' +
        'run npx -y api-catalog-mcp@9.9.9 or a later version.',
    )
  }
  await expect(StorageProcess.start({ dataDir })).rejects.toThrow('api-catalog-mcp@9.9.9')
})
