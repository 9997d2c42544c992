import type { Queryable } from '../db/database.js'
import type { OperationText } from './embedder.js'

/**
 * The one question of what is missing, by content: operations `o` of spec `s` whose text has no
 * row `e` in the space, or one from before the last request to embed everything there again.
 */
export const IS_MISSING = `(e.text_hash is null or
  (e.space_id = s.reembed_space_id and e.embedded_at < s.reembed_requested_at))`

/** Operations joined with their spec and with their text's row in the space `$1`. */
export const WITH_EMBEDDINGS = `api_catalog.operations o
  join api_catalog.specs s on s.id = o.spec_id
  left join api_catalog.embeddings e on e.space_id = $1 and e.text_hash = o.text_hash`

/** A text to embed, and how many operations of the spec have it. */
export interface MissingText extends OperationText {
  textHash: string
  operations: number
  /** When it was found missing, by the database's clock: what is asked later is not done yet. */
  foundAt: string
}

export interface Work {
  specId: number
  spaceId: number
}

/** All texts that a spec misses in a space, by their hashes. */
export async function missingHashes(db: Queryable, { specId, spaceId }: Work): Promise<string[]> {
  const rows = await db.query<{ hash: string }>(
    `select distinct o.text_hash as hash from ${WITH_EMBEDDINGS}
     where o.spec_id = $2 and ${IS_MISSING} order by hash`,
    [spaceId, specId],
  )
  return rows.map(({ hash }) => hash)
}

/**
 * The texts with these hashes, less those that are not missing any more. Lists come as JSON: reading
 * arrays as Postgres writes them takes many times as long.
 */
export async function textsOf(
  db: Queryable,
  { specId, spaceId }: Work,
  hashes: readonly string[],
): Promise<MissingText[]> {
  return db.query<MissingText>(
    `select distinct on (o.text_hash) o.text_hash as "textHash",
       count(*) over (partition by o.text_hash) as operations,
       o.method, o.path, o.operation_id as "operationId", o.summary, o.description,
       to_json(o.tags) as tags, to_json(o.parameters) as parameters,
       to_json(o.body_properties) as "bodyProperties", now()::text as "foundAt"
     from ${WITH_EMBEDDINGS}
     where o.spec_id = $2 and ${IS_MISSING} and o.text_hash = any($3::text[])
     order by o.text_hash`,
    [spaceId, specId, hashes],
  )
}

/** How many operations of a spec have a vector that is not to be made again. */
export async function countEmbedded(db: Queryable, { specId, spaceId }: Work): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    `select count(*) as count from ${WITH_EMBEDDINGS}
     where o.spec_id = $2 and e.state = 'embedded' and not coalesce(${IS_MISSING}, false)`,
    [spaceId, specId],
  )
  return row?.count ?? 0
}
