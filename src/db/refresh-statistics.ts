import type { Database } from './database.js'

/** Pages that a table grows by before it is looked at anew, and a fifth of what it had. */
const GROWN = `pg_relation_size(c.oid) / current_setting('block_size')::integer > relpages * 1.2 + 10`

/**
 * Lets the planner know how much there is to join, where tables have grown, before a search asks:
 * the embedded database has no autovacuum (`embedded/upkeep.ts` comes a minute later), and without it
 * a search by meaning over 11,422 operations took 4 s, with it .1. Gives the tables that were looked at; none on Postgres,
 * which sees to it by itself.
 */
export async function refreshStatistics(db: Database): Promise<string[]> {
  if (db.kind !== 'embedded') return []
  const grown = await db.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relnamespace = 'api_catalog'::regnamespace and c.relkind = 'r' and ${GROWN}
     order by name`,
  )
  const names = grown.map(({ name }) => name)
  if (names.length > 0) await db.query(`analyze ${names.join(', ')}`)
  return names
}
