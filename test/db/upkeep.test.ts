import { expect, onTestFinished, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { UPKEEP_MS, upkeep } from '../../src/db/embedded/upkeep.js'
import { openTestDatabase } from '../setup/databases.js'

const MB = 1024 * 1024

async function bytesOf(db: Database, sql: string): Promise<number> {
  const [row] = await db.query<{ bytes: number }>(`select ${sql} as bytes`)
  return row?.bytes ?? 0
}

const tableBytes = `pg_total_relation_size('api_catalog.orphaned_texts')`
const logBytes = '(select sum(size) from pg_ls_waldir())'

test('rows that are written anew again and again take no more room after a while', async () => {
  const db = await openTestDatabase('embedded')
  await upkeep(db)
  await db.query(
    `insert into api_catalog.orphaned_texts (text_hash)
     select encode(sha256(n::text::bytea), 'hex') from generate_series(1, 5000) n`,
  )
  const bytes: number[] = []
  for (let round = 0; round < 6; round++) {
    await db.query(`update api_catalog.orphaned_texts set since = now()`)
    expect(await upkeep(db)).toEqual(['api_catalog.orphaned_texts'])
    bytes.push(await bytesOf(db, tableBytes))
  }
  expect(bytes[5]).toBe(bytes[1])
})

test('a table in which little has changed is left alone', async () => {
  const db = await openTestDatabase('embedded')
  await upkeep(db)
  await db.query(`insert into api_catalog.orphaned_texts (text_hash) values ('of nothing')`)
  expect(await upkeep(db)).toEqual([])
})

test('the log of writes is cut when it is long, while the database stays open', async () => {
  const db = await openTestDatabase('embedded')
  await db.query('create table api_catalog.notes (text text)')
  for (let round = 0; round < 4; round++) {
    await db.query(
      `insert into api_catalog.notes select repeat(md5(n::text), 8) from generate_series(1, 150000) n`,
    )
  }
  expect(await bytesOf(db, logBytes)).toBeGreaterThan(128 * MB)
  await upkeep(db)
  expect(await bytesOf(db, logBytes)).toBeLessThanOrEqual(80 * MB)
})

test('whoever has the database open sees to it every minute', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const db = await openTestDatabase('embedded')
  const vacuumed = `select relname from pg_stat_user_tables
    where schemaname = 'api_catalog' and last_vacuum is not null`
  expect(await db.query(vacuumed)).toEqual([])
  vi.advanceTimersByTime(UPKEEP_MS)
  await expect
    .poll(() => db.query(vacuumed), { timeout: 10_000 })
    .toContainEqual({ relname: 'operations' })
})
