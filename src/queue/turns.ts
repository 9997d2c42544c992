import type { Queryable } from '../db/database.js'
import type { ClaimedJob } from './jobs.js'

/**
 * Whose turn it is. Waiting jobs are claimed by `turn_at`, a virtual time as in start-time fair
 * queueing (Goyal, Vin, Cheng 1996), with a catalog for a flow and a turn for a packet: a job's turn
 * comes a second after the last one of its own catalog, but not before the turn that is being
 * served. So a catalog with 60 waiting specs has the next 60 seconds, and a spec of another catalog
 * comes second, not 61st. Whoever comes later never comes first: nothing starves.
 *
 * A job that yields goes behind all of its catalog, a new one only behind those that are new too.
 * Each space has a line of its own. Turns only order; they delay nothing.
 */
const TURN = `interval '1 second'`

/** SQL of the turn that is being served in a space (an SQL expression), or would be next. */
function served(space: string): string {
  return `coalesce(
    (select max(turn_at) from api_catalog.embedding_jobs
     where status = 'running' and coalesce(space_id, 0) = coalesce(${space}, 0)),
    (select min(turn_at) from api_catalog.embedding_jobs
     where status = 'pending' and coalesce(space_id, 0) = coalesce(${space}, 0)
       and next_run_at <= now()),
    now())`
}

/** SQL of the turn of a job (SQL expressions of its spec and space) that is put in line now. */
export function nextTurn(
  { spec, space }: { spec: string; space: string },
  behind: 'new jobs' | 'all jobs' = 'new jobs',
): string {
  return `greatest(${served(space)}, (
    select mate.turn_at + ${TURN} from api_catalog.embedding_jobs mate
    join api_catalog.specs sibling on sibling.id = mate.spec_id
    where mate.status = 'pending' and coalesce(mate.space_id, 0) = coalesce(${space}, 0)
      and mate.next_run_at <= now()
      and sibling.catalog_id = (select catalog_id from api_catalog.specs where id = ${spec})
      ${behind === 'new jobs' ? 'and not mate.yielded' : ''}
    order by mate.turn_at desc limit 1))`
}

/** What `nextTurn` wants to know of a row named `job`. */
export const OF_JOB = { spec: 'job.spec_id', space: 'job.space_id' }

/** SQL of the turn of a `job` that has had one, and goes behind all that wait. */
export const TURN_AFTER_ITS_OWN = `greatest(job.turn_at + ${TURN}, ${nextTurn(OF_JOB, 'all jobs')})`

/** SQL of the turns of many jobs put in line together: the `n`th (from 1) of a catalog. */
export function turnOf(n: string, space: string): string {
  return `${served(space)} + (${n} - 1) * ${TURN}`
}

/**
 * Is there a job that should be done now if this one made way? One of its own space or, while it
 * fills another, of the active one; never the other way round.
 */
export async function isSomeoneWaiting(
  db: Queryable,
  { specId, spaceId }: Pick<ClaimedJob, 'specId' | 'spaceId'>,
): Promise<boolean> {
  const [row] = await db.query<{ found: boolean }>(
    `select exists (
       select from api_catalog.embedding_jobs
       where status = 'pending' and next_run_at <= now() and (spec_id <> $1 or space_id <> $2)
         and (space_id = $2 or space_id is null or space_id = (
           select id from api_catalog.embedding_spaces where is_active))) as found`,
    [specId, spaceId],
  )
  return row?.found ?? false
}
