import type { Database, Queryable } from '../db/database.js'
import type { SpaceIdentity } from './embedder.js'
import { adoptJobs, dropJobsOfOthers } from './space-jobs.js'
import { livingSpaces, registerSpace, type SpaceRow } from './spaces.js'

/**
 * Registers a process that embeds in `identity`, and gives that space's id. The first space
 * becomes the active one; another becomes the next one, to be filled, where nobody of the active
 * one (and of another next one) was seen for two minutes, or where `force` says so. With `force` a
 * process of the active space gives up what was being changed over to.
 */
export async function joinSpace(
  db: Database,
  identity: SpaceIdentity,
  { force = false } = {},
): Promise<number> {
  return db.transaction(async (tx) => {
    await lockSpaces(tx)
    const spaceId = await registerSpace(tx, identity)
    const living = await livingSpaces(tx)
    const own = living.find(({ id }) => id === spaceId)
    const others = living.filter(({ id }) => id !== spaceId)
    if (own?.isActive) {
      if (force) await giveUpNext(tx)
    } else if (others.every(({ isActive }) => !isActive)) {
      await activate(tx, spaceId)
    } else if (own || others.every(({ isAbandoned }) => isAbandoned || force)) {
      if (!own) await makeNext(tx, spaceId)
      await switchWhereCovered(tx)
    }
    return spaceId
  })
}

/**
 * Makes the next space the active one when it covers what that one covers. Cheap where there is no
 * next space. True when it did.
 */
export async function finishSwap(db: Database): Promise<boolean> {
  const next = (await livingSpaces(db)).find(({ isActive }) => !isActive)
  if (!next || !(await isCovered(db, next))) return false
  return db.transaction(async (tx) => {
    await lockSpaces(tx)
    return switchWhereCovered(tx)
  })
}

/** No space begins or ends in this transaction but by it. Reading, and writing vectors, go on. */
async function lockSpaces(tx: Queryable): Promise<void> {
  await tx.query(`lock table api_catalog.embedding_spaces in share row exclusive mode`)
}

async function switchWhereCovered(tx: Queryable): Promise<boolean> {
  // The lock on the row waits for vectors that are being written in the active space (their
  // reference holds it), and keeps more from coming until the switch: none is lost to search.
  await tx.query(`select id from api_catalog.embedding_spaces where is_active for update`)
  const next = (await livingSpaces(tx)).find(({ isActive }) => !isActive)
  if (!next || !(await isCovered(tx, next))) return false
  await activate(tx, next.id)
  return true
}

/** Has every operation with a vector in the active space a settled text in the next one? */
async function isCovered(db: Queryable, next: SpaceRow): Promise<boolean> {
  const [row] = await db.query<{ covered: boolean }>(
    `select not exists (
       select from api_catalog.embedding_spaces active
       join api_catalog.embeddings old on old.space_id = active.id and old.state = 'embedded'
       join api_catalog.operations o on o.text_hash = old.text_hash
       left join api_catalog.embeddings new
         on new.space_id = $1 and new.text_hash = old.text_hash
       where active.is_active and new.text_hash is null) as covered`,
    [next.id],
  )
  return row?.covered ?? false
}

async function makeNext(tx: Queryable, spaceId: number): Promise<void> {
  await giveUpNext(tx)
  await tx.query(
    `update api_catalog.embedding_spaces set is_next = true, retired_at = null where id = $1`,
    [spaceId],
  )
}

/** Its vectors stay for the retention time; its waiting jobs go. */
async function giveUpNext(tx: Queryable): Promise<void> {
  await tx.query(
    `update api_catalog.embedding_spaces set is_next = false, retired_at = now() where is_next`,
  )
  await dropJobsOfOthers(tx)
}

/** Waiting jobs of other spaces are dropped: the reconciler asks for what this one misses. */
async function activate(tx: Queryable, spaceId: number): Promise<void> {
  await tx.query(
    `update api_catalog.embedding_spaces set is_active = false, retired_at = now() where is_active`,
  )
  await tx.query(
    `update api_catalog.embedding_spaces
     set is_active = true, is_next = false, retired_at = null where id = $1`,
    [spaceId],
  )
  await dropJobsOfOthers(tx)
  await adoptJobs(tx, spaceId)
}

/** Gives up a next space that nobody filled for `days`: nobody is left who would. */
export async function giveUpForgotten(db: Database, days: number): Promise<void> {
  await db.transaction(async (tx) => {
    await lockSpaces(tx)
    const forgotten = await tx.query(
      `select id from api_catalog.embedding_spaces
       where is_next and last_seen_at < now() - $1::integer * interval '1 day'`,
      [days],
    )
    if (forgotten.length > 0) await giveUpNext(tx)
  })
}
