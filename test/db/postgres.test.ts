import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { pino } from 'pino'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { openDatabase } from '../../src/db/open-database.js'
import { PostgresListener } from '../../src/db/postgres-listener.js'
import { createPostgres, hasPostgres, onServer, openTestDatabase } from '../setup/databases.js'

const settings = {
  dataDir: '',
  poolSize: 4,
  programVersion: '0.0.0-test',
  log: pino({ level: 'silent' }),
}

/** Ends all other connections to the database that `db` is connected to, as a restart would. */
async function cutConnections(url: string): Promise<void> {
  await onServer(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid()`,
    url,
  )
}

async function listenOnLoopback(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

describe.skipIf(!hasPostgres)('on Postgres', () => {
  test('work goes on when connections are cut under load, and no transaction is lost or doubled', async () => {
    const url = await createPostgres()
    await using db = await openDatabase({ ...settings, url })
    await db.query('create table written (n integer)')
    await db.query('create table counter (value integer)')
    await db.query('insert into counter values (0)')
    const acknowledged: number[] = []
    const unknown: number[] = []
    let next = 0
    const writing = new AbortController()
    const write = async (): Promise<void> => {
      while (!writing.signal.aborted) {
        const n = next++
        try {
          await db.transaction(async (tx) => {
            await tx.query('insert into written values ($1)', [n])
            await tx.query('update counter set value = value + 1')
          })
          acknowledged.push(n)
        } catch (error) {
          expect(String(error)).toContain('lost while a change was being stored')
          unknown.push(n)
        }
      }
    }
    const writers = Array.from({ length: 4 }, write)
    for (let round = 0; round < 10; round++) {
      const before = acknowledged.length
      await expect.poll(() => acknowledged.length).toBeGreaterThan(before + 5)
      await cutConnections(url)
      expect(await db.query('select 1 as one')).toEqual([{ one: 1 }])
    }
    writing.abort()
    await Promise.all(writers)
    const rows = await db.query<{ n: number }>('select n from written order by n')
    const stored = rows.map((row) => row.n)
    expect(stored).toEqual([...new Set(stored)])
    expect(acknowledged.filter((n) => !stored.includes(n))).toEqual([])
    expect(stored.filter((n) => !acknowledged.includes(n) && !unknown.includes(n))).toEqual([])
    expect(await db.query('select value from counter')).toEqual([{ value: stored.length }])
  })

  describe('a statement that is kept', () => {
    const sum = (db: Database, n: number) =>
      db.query('select $1::integer + value as sum from counter', [n], { kept: true })
    const names = (db: Database) =>
      db.query<{ name: string }>('select name from pg_prepared_statements')

    async function withOneConnection(): Promise<{ db: Database; url: string }> {
      const url = await createPostgres()
      const db = await openDatabase({ ...settings, poolSize: 1, url })
      onTestFinished(() => db[Symbol.asyncDispose]())
      await db.query('create table counter (value integer)')
      await db.query('insert into counter values (1)')
      return { db, url }
    }

    test('is parsed once a connection, and others are not', async () => {
      const { db } = await withOneConnection()
      expect(await sum(db, 1)).toEqual([{ sum: 2 }])
      expect(await sum(db, 2)).toEqual([{ sum: 3 }])
      await db.query('select $1::integer', [1])
      expect(await names(db)).toHaveLength(1)
    })

    test.each([
      ['the session does not have it', false, () => 'deallocate all'],
      [
        'the session has it from somebody else',
        true,
        (name: string) => `prepare ${name} as select`,
      ],
      ['its table changed', false, () => 'alter table counter alter column value type bigint'],
    ])('runs without a name from when %s', async (_, isNewSession, change) => {
      const { db, url } = await withOneConnection()
      await sum(db, 1)
      const [made] = await names(db)
      if (isNewSession) await cutConnections(url)
      await db.query(change(made!.name))
      expect(await sum(db, 2)).toEqual([{ sum: 3 }])
      await db.query('deallocate all')
      expect(await sum(db, 3)).toEqual([{ sum: 4 }])
      expect(await names(db)).toEqual([])
    })

    test('fails with its own error, and stays kept', async () => {
      const { db } = await withOneConnection()
      await expect(sum(db, 2 ** 31 - 1)).rejects.toMatchObject({ code: '22003' })
      expect(await sum(db, 1)).toEqual([{ sum: 2 }])
      expect(await names(db)).toHaveLength(1)
    })
  })

  test('a listener whose connection is cut delivers again', async () => {
    const url = await createPostgres()
    await using db = await openDatabase({ ...settings, url })
    const heard = new Set<string>()
    await using _listening = await db.listen('news', (payload) => heard.add(payload))
    await db.query(`select pg_notify('news', 'before')`)
    await expect.poll(() => heard.has('before')).toBe(true)
    await cutConnections(url)
    await expect
      .poll(
        async () => {
          await db.query(`select pg_notify('news', 'after')`)
          return heard.has('after')
        },
        { timeout: 20_000 },
      )
      .toBe(true)
  })

  test('a connection that takes LISTEN but delivers nothing is found out', async () => {
    await using listener = new PostgresListener({
      client: { connectionString: await createPostgres() },
      notify: async () => {}, // as lost as behind a pooler in transaction mode
      log: settings.log,
    })
    await expect(listener.listen('news', () => {})).rejects.toThrow(
      'Postgres delivers no notifications on this connection',
    )
  })

  test('closing does not wait for a server that hangs, and ends what waits for it', async () => {
    const url = new URL(await createPostgres())
    const held = await startProxy(url)
    url.port = String(held.port)
    const db = await openDatabase({ ...settings, url: url.href })
    await db.listen('news', () => {})
    held.holdBack()
    const waiting = db.query('select 1').catch((error: unknown) => error)
    await db[Symbol.asyncDispose]()
    expect(String(await waiting)).toMatch('UnavailableError')
  })

  test('connections that are half open are given up and made anew', async () => {
    const url = new URL(await createPostgres())
    const held = await startProxy(url)
    url.port = String(held.port)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    onTestFinished(() => void vi.useRealTimers())
    await using db = await openDatabase({ ...settings, url: url.href })
    const heard = new Set<string>()
    await using _listening = await db.listen('news', (payload) => heard.add(payload))
    held.holdBack()
    const waiting = db.query('select $1', ['never']).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(130_000)
    vi.useRealTimers()
    expect(String(await waiting)).toMatch('UnavailableError')
    await expect
      .poll(
        async () => {
          await db.query(`select pg_notify('news', 'after')`)
          return heard.has('after')
        },
        { timeout: 20_000 },
      )
      .toBe(true)
  })

  test('a connection that breaks between two statements, or while nobody has it, ends nothing', async () => {
    const url = new URL(await createPostgres())
    const proxy = await startProxy(url)
    url.port = String(proxy.port)
    const crashes: Error[] = []
    const onCrash = (error: Error) => void crashes.push(error)
    process.on('uncaughtExceptionMonitor', onCrash)
    onTestFinished(() => void process.off('uncaughtExceptionMonitor', onCrash))
    await using db = await openDatabase({ ...settings, url: url.href })
    let runs = 0
    const result = await db.transaction(async (tx) => {
      await tx.query('select 1')
      if (runs++ === 0) await proxy.cut()
      return tx.query('select 2 as two')
    })
    expect({ result, runs }).toEqual({ result: [{ two: 2 }], runs: 2 })
    await proxy.cut()
    expect(await db.query('select 3 as three')).toEqual([{ three: 3 }])
    expect(crashes).toEqual([])
  })

  test('a transaction that is frozen between two statements lets its locks go, and runs again', async () => {
    await using db = await openDatabase({ ...settings, url: await createPostgres() })
    await db.query('create table locked (value integer)')
    await db.query('insert into locked values (0)')
    let attempts = 0
    await db.transaction(async (tx) => {
      await tx.query('select value from locked for update')
      if (++attempts === 1) await db.query('update locked set value = 10')
      await tx.query('update locked set value = value + 1')
    })
    expect(attempts).toBe(2)
    expect(await db.query('select value from locked')).toEqual([{ value: 11 }])
  })

  test('an error of the work itself passes as it is, also when it looks like a lost connection', async () => {
    const db = await openTestDatabase('postgres')
    const failure = Object.assign(new Error('no such file'), { code: 'ENOENT' })
    let runs = 0
    const transaction = db.transaction(async () => {
      runs++
      throw failure
    })
    await expect(transaction).rejects.toBe(failure)
    expect(runs).toBe(1)
  })

  test('deadlocked transactions are run again', async () => {
    const db = await openTestDatabase('postgres')
    await db.query('create table pair (id integer primary key, n integer)')
    await db.query('insert into pair values (1, 0), (2, 0)')
    let entered = 0
    const bump = async (first: number, second: number): Promise<void> => {
      await db.transaction(async (tx) => {
        await tx.query('update pair set n = n + 1 where id = $1', [first])
        entered++
        await expect.poll(() => entered).toBeGreaterThan(1)
        await tx.query('update pair set n = n + 1 where id = $1', [second])
      })
    }
    await Promise.all([bump(1, 2), bump(2, 1)])
    expect(await db.query('select n from pair')).toEqual([{ n: 2 }, { n: 2 }])
  })

  test('says that the database is missing', async () => {
    const url = new URL(await createPostgres())
    url.pathname = '/not_there'
    await expect(openDatabase({ ...settings, url: url.href })).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringContaining(
        'has no database "not_there": create it (createdb not_there)',
      ),
    })
  })

  test('says that the user is refused, and never the password', async () => {
    const url = new URL(await createPostgres())
    url.username = 'nobody_here'
    url.password = 'secret-word'
    const error: unknown = await openDatabase({ ...settings, url: url.href }).catch(
      (failure: unknown) => failure,
    )
    expect(String(error)).toContain('InputError')
    expect(String(error)).toContain('refused the user "nobody_here"')
    expect(String(error)).not.toContain('secret-word')
  })
})

test('says that the server does not answer', async () => {
  const server = createServer()
  const port = await listenOnLoopback(server)
  server.close()
  const url = `postgres://postgres:secret-word@127.0.0.1:${port}/catalog`
  await expect(openDatabase({ ...settings, url })).rejects.toMatchObject({
    name: 'UnavailableError',
    message: expect.stringMatching(
      `^Postgres at 127.0.0.1:${port} does not answer: start it, or check DATABASE_URL.`,
    ),
  })
})

test('opening can be given up', async () => {
  const server = createServer(() => {}) // accepts, and says nothing
  const port = await listenOnLoopback(server)
  onTestFinished(() => void server.close())
  const giveUp = new AbortController()
  const url = `postgres://postgres@127.0.0.1:${port}/catalog`
  const opening: Promise<Database> = openDatabase({ ...settings, url, signal: giveUp.signal })
  await once(server, 'connection')
  giveUp.abort(new Error('enough'))
  await expect(opening).rejects.toThrow('enough')
})

interface Proxy {
  port: number
  /** From now on nothing passes on the connections there are, and nobody is told. */
  holdBack: () => void
  /** Ends the connections there are, and waits until both sides know. */
  cut: () => Promise<void>
}

/** Passes bytes to and from the server at `url`, until it is told to hold them back or to cut. */
async function startProxy(url: URL): Promise<Proxy> {
  const target = { port: Number(url.port), host: url.hostname }
  const sockets = new Set<Socket>()
  const proxy = createServer((client) => {
    const upstream = connect(target)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.pipe(upstream).pipe(client)
  })
  const port = await listenOnLoopback(proxy)
  onTestFinished(() => {
    proxy.close()
    for (const socket of sockets) socket.destroy()
  })
  const holdBack = (): void => {
    for (const socket of sockets) {
      socket.unpipe()
      socket.pause()
    }
  }
  const cut = async (): Promise<void> => {
    const ended = [...sockets].map((socket) => once(socket, 'close'))
    for (const socket of sockets) socket.resetAndDestroy()
    await Promise.all(ended)
  }
  return { port, holdBack, cut }
}
