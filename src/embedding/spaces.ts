import type { Queryable } from '../db/database.js'
import type { SpaceIdentity } from './embedder.js'

/**
 * The states of an embedding space:
 *
 *     (joined first) ──────────────────────────────> active <──┐
 *                                                    │         │ switch
 *     retired ──start of a swap──> next ──────────────────────>┘
 *        ^                           │ given up      │ switch of another
 *        └───────────────────────────┴───────────────┘
 *
 * - active: questions are asked in it, and uploads are embedded in it. One at most.
 * - next: filled beside the active one, behind its work; nothing is asked in it. One at most.
 * - retired: registered by a process, or active or next before. Its vectors stay until the
 *   retention time is over, so that going back to it costs nothing.
 *
 * A process with another embedder than the active one starts a swap when no process of the active
 * space was seen for two minutes, or when a person says so (`reembed --all`). The switch comes in
 * one transaction, when every operation that has a vector in the active space is settled in the
 * next one: at once where the active one is empty or the next one was filled before. Everything is
 * in rows, so whoever comes after a kill goes on. Start and switch: swap-space.ts.
 */
export interface SpaceRow extends SpaceIdentity {
  id: number
  isActive: boolean
  /** No process that embeds in it was seen lately. */
  isAbandoned: boolean
}

/** A space whose last process was seen longer ago than this may be replaced by another's. */
const ABANDONED_AFTER = `interval '2 minutes'`

const COLUMNS = `id, provider, model, dimensions, weights, recipe, is_active as "isActive",
  last_seen_at < now() - ${ABANDONED_AFTER} as "isAbandoned"`

export async function activeSpace(db: Queryable): Promise<SpaceRow | undefined> {
  return (await livingSpaces(db)).find(({ isActive }) => isActive)
}

/** The active space and the next one, as far as there are any. */
export async function livingSpaces(db: Queryable): Promise<SpaceRow[]> {
  return db.query<SpaceRow>(
    `select ${COLUMNS} from api_catalog.embedding_spaces
     where is_active or is_next order by is_active desc`,
  )
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

export function isSameSpace(a: SpaceIdentity, b: SpaceIdentity): boolean {
  return (['provider', 'model', 'dimensions', 'weights', 'recipe'] as const).every(
    (field) => a[field] === b[field],
  )
}

/** Makes the space known and its process seen; gives its id. */
export async function registerSpace(tx: Queryable, space: SpaceIdentity): Promise<number> {
  const [row] = await tx.query<{ id: number }>(
    `insert into api_catalog.embedding_spaces (provider, model, dimensions, weights, recipe)
     values ($1, $2, $3, $4, $5)
     on conflict (provider, model, dimensions, weights, recipe) do update set last_seen_at = now()
     returning id`,
    [space.provider, space.model, space.dimensions, space.weights, space.recipe],
  )
  return (row as { id: number }).id
}

/** Says that a process which can embed in the space is alive. */
export async function touchSpace(db: Queryable, spaceId: number): Promise<void> {
  await db.query(`update api_catalog.embedding_spaces set last_seen_at = now() where id = $1`, [
    spaceId,
  ])
}
