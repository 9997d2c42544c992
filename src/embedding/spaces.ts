import type { Database, Queryable } from '../db/database.js'
import type { SpaceIdentity } from './embedder.js'

export interface SpaceRow extends SpaceIdentity {
  id: number
  /** No process that embeds in it was seen lately. */
  isAbandoned: boolean
}

/** A space whose last process was seen longer ago than this may be replaced by another's. */
const ABANDONED_AFTER = `interval '2 minutes'`

const COLUMNS = `id, provider, model, dimensions, weights, recipe,
  last_seen_at < now() - ${ABANDONED_AFTER} as "isAbandoned"`

export async function activeSpace(db: Queryable): Promise<SpaceRow | undefined> {
  const [row] = await db.query<SpaceRow>(
    `select ${COLUMNS} from api_catalog.embedding_spaces where is_active`,
  )
  return row
}

/** Throws when there is no such space: a job names one that exists as long as the job does. */
export async function spaceById(db: Queryable, id: number): Promise<SpaceRow> {
  const [row] = await db.query<SpaceRow>(
    `select ${COLUMNS} from api_catalog.embedding_spaces where id = $1`,
    [id],
  )
  if (!row) throw new Error(`there is no embedding space ${id}`)
  return row
}

/**
 * Registers a process that embeds in `identity`, and gives that space's id and the active space.
 * The first space becomes the active one; another takes its place only when no process of the
 * active one was seen for two minutes, or when `force` says so.
 */
export async function joinSpace(
  db: Database,
  identity: SpaceIdentity,
  { force = false } = {},
): Promise<{ spaceId: number; active: SpaceRow }> {
  return db.transaction(async (tx) => {
    await tx.query(`lock table api_catalog.embedding_spaces in share row exclusive mode`)
    const spaceId = await registerSpace(tx, identity)
    const active = await activeSpace(tx)
    if (active && (active.id === spaceId || !(active.isAbandoned || force))) {
      return { spaceId, active }
    }
    await activate(tx, spaceId)
    return { spaceId, active: { id: spaceId, ...identity, isAbandoned: false } }
  })
}

export function isSameSpace(a: SpaceIdentity, b: SpaceIdentity): boolean {
  return (['provider', 'model', 'dimensions', 'weights', 'recipe'] as const).every(
    (field) => a[field] === b[field],
  )
}

/** Says that a process which can embed in the space is alive. */
export async function touchSpace(db: Queryable, spaceId: number): Promise<void> {
  await db.query(`update api_catalog.embedding_spaces set last_seen_at = now() where id = $1`, [
    spaceId,
  ])
}

async function registerSpace(tx: Queryable, space: SpaceIdentity): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `insert into api_catalog.embedding_spaces (provider, model, dimensions, weights, recipe)
     values ($1, $2, $3, $4, $5)
     on conflict (provider, model, dimensions, weights, recipe) do update set last_seen_at = now()
     returning id`,
    [space.provider, space.model, space.dimensions, space.weights, space.recipe],
  )
  return (row as { id: number }).id
}

/** Waiting jobs of other spaces are dropped: the reconciler asks for what the new one misses. */
async function activate(tx: Queryable, spaceId: number): Promise<void> {
  await tx.query(`update api_catalog.embedding_spaces set is_active = false where is_active`)
  await tx.query(`update api_catalog.embedding_spaces set is_active = true where id = $1`, [
    spaceId,
  ])
  await tx.query(
    `delete from api_catalog.embedding_jobs where status = 'pending' and space_id <> $1`,
    [spaceId],
  )
  await adoptJobs(tx, spaceId)
}

/** Gives the space the jobs that were made while none was active. */
export async function adoptJobs(db: Queryable, spaceId: number): Promise<void> {
  await db.query(
    `update api_catalog.embedding_jobs job
     set space_id = $1, last_error = null, next_run_at = now(), updated_at = now()
     where space_id is null and status = 'pending'
       and not exists (
         select from api_catalog.embedding_jobs other
         where other.spec_id = job.spec_id and other.space_id = $1
           and other.status in ('pending', 'running'))`,
    [spaceId],
  )
  await db.query(
    `delete from api_catalog.embedding_jobs where space_id is null and status = 'pending'`,
  )
}

/** Says in jobs that wait for a space's provider what they wait for; failures keep their error. */
export async function explainWaitingJobs(
  db: Queryable,
  spaceId: number | null,
  reason: string,
): Promise<void> {
  await db.query(
    `update api_catalog.embedding_jobs set last_error = $2, updated_at = now()
     where (space_id is null or space_id = $1) and status = 'pending' and attempts = 0
       and last_error is distinct from $2`,
    [spaceId, reason],
  )
}
