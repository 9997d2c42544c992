import type { Database } from './database.js'

/** As many pages again as when it was looked at last; below ten it does not matter. */
const GROWN = `pg_relation_size(c.oid) / current_setting('block_size')::integer > relpages * 2 + 10`

/**
 * Lets the planner know how much there is to join, where tables have grown, before a search asks.
 * Cheap where none has. The embedded database's upkeep comes a minute later (embedded/upkeep.ts):
 * without this a search by meaning over 11,422 operations took 4 s, with it .1. So does the
 * autovacuum of Postgres, and in the first minute of a catalog the planner takes its vectors for
 * few: counting 5,000 operations took 10 s. Where others work on a table just now it is left to
 * them. Gives the tables that were looked at.
 */
export async function refreshStatistics(db: Database): Promise<string[]> {
  const grown = await db.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c
     where c.relnamespace = 'api_catalog'::regnamespace and c.relkind = 'r' and ${GROWN}
     order by name`,
  )
  const names = grown.map(({ name }) => name)
  if (names.length > 0) await db.query(`analyze (skip_locked) ${names.join(', ')}`)
  return names
}
