import type { Queryable } from '../database.js'

/** As often as a server's autovacuum looks. */
export const UPKEEP_MS = 60_000

/** A fifth of the rows and some, as a server's autovacuum has it. */
const MANY = `50 + 0.2 * greatest(c.reltuples, 0)`

/**
 * What a Postgres server does beside its work, and the embedded database has nobody for. Gives the
 * tables in which much had changed.
 *
 * - A checkpoint when the log has its size (`max_wal_size`): without it the log grows as long as the
 *   process lives, and has to be read after a crash.
 * - Vacuum: the room of removed rows is used again, and searches read words from the index alone.
 *   After 88,157 operations (2 cores, shared) it took 6.7 s, at most 2.8 s for one table, and a
 *   lexical search p95 60 ms, before it 99. Where little changed it takes milliseconds.
 */
export async function upkeep(db: Queryable): Promise<string[]> {
  // First: should the process be stopped meanwhile, there is less to read for the next one.
  await shortenLog(db)
  const tables = await tablesToVacuum(db)
  // One at a time, so that whoever waits for the session waits for one at most.
  for (const { name, isChanged } of tables) {
    await db.query(`vacuum ${isChanged ? '(analyze) ' : ''}${name}`)
    await shortenLog(db)
  }
  return tables.filter(({ isChanged }) => isChanged).map(({ name }) => name)
}

async function shortenLog(db: Queryable): Promise<void> {
  const [log] = await db.query<{ isLong: boolean }>(
    `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)
       > pg_size_bytes(current_setting('max_wal_size')) as "isLong"
     from pg_control_checkpoint()`,
  )
  if (log?.isLong === true) await db.query('checkpoint')
}

/**
 * Those in which much changed, and all of them once in a process: changes are counted from its start,
 * and what one before left is not known.
 */
async function tablesToVacuum(db: Queryable): Promise<{ name: string; isChanged: boolean }[]> {
  // The engine counts, but only shows the counts when it is told to.
  await db.query('select pg_stat_force_next_flush()')
  return await db.query(
    `select name, "isChanged"
     from (
       select c.oid::regclass::text as name, s.last_vacuum,
         s.n_dead_tup + s.n_ins_since_vacuum > ${MANY} as "isChanged"
       from pg_class c join pg_stat_user_tables s on s.relid = c.oid
       where c.relnamespace = 'api_catalog'::regnamespace and c.relkind = 'r') t
     where "isChanged" or last_vacuum is null
     order by name`,
  )
}
