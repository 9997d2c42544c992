import { expect, test } from 'vitest'
import { refreshStatistics } from '../../src/db/refresh-statistics.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

test.each(storageKinds)(
  'a table that has grown is counted for the planner, once, on %s',
  async (kind) => {
    const db = await openTestDatabase(kind)
    await refreshStatistics(db)
    await db.query(
      `insert into api_catalog.catalogs (name) select 'catalog-' || n from generate_series(1, 5000) n`,
    )
    const tables = await refreshStatistics(db)
    expect(tables).toEqual(['api_catalog.catalogs'])
    expect(await refreshStatistics(db)).toEqual([])
    const [row] = await db.query<{ rows: number }>(
      `select reltuples::integer as rows from pg_class where oid = 'api_catalog.catalogs'::regclass`,
    )
    expect(row?.rows).toBe(5_000)
  },
)
