import type { Database } from '../db/database.js'

/** Below this, comparing with every vector is as fast. Measured: bench/README.md. */
export const INDEXED_FROM = 20_000
/** What pgvector can index. */
const MOST_DIMENSIONS = 2_000
/** With the space's id after it. */
const NAME = 'embeddings_near_in_space_'

/**
 * SQL for a vector whose length is said: only so can it be indexed. Written like this in the index
 * and in the questions that are to use it.
 */
export function ofLength(vector: string, dimensions: number): string {
  return `(${vector}::vector(${dimensions}))`
}

/** SQL for the rows in a space's index; the id is written out so that the planner knows them. */
export function isEmbeddedIn(spaceId: number): string {
  return `space_id = ${spaceId} and state = 'embedded'`
}

/** Can the space's index be used? False while it is being built. */
export async function isIndexed(db: Database, spaceId: number): Promise<boolean> {
  if (db.kind === 'embedded') return false
  const rows = await db.query(
    `select from pg_index where indexrelid = to_regclass($1) and indisvalid`,
    [`api_catalog.${NAME}${spaceId}`],
  )
  return rows.length > 0
}

/**
 * Builds the indexes that large spaces lack, without blocking writes, and removes those of spaces
 * that are gone and what a killed build left. On Postgres only: on the embedded database a build
 * would hold everything up for minutes. It may take minutes; what a build cannot finish is tried
 * again the next time.
 */
export async function keepIndexes(db: Database, from: number = INDEXED_FROM): Promise<void> {
  if (db.kind === 'embedded' || !db.hasVectors) return
  const wanted = await largeSpaces(db, from)
  for (const { spaceId, isValid, isBuilding } of await indexes(db)) {
    const space = wanted.find(({ id }) => id === spaceId)
    if (isBuilding || (isValid && space)) continue
    await db.query(`drop index concurrently if exists api_catalog.${NAME}${spaceId}`)
  }
  for (const { id, dimensions } of wanted.filter(({ isLiving }) => isLiving)) {
    await db.query(
      `create index concurrently if not exists ${NAME}${id} on api_catalog.embeddings
       using hnsw (${ofLength('vector', dimensions)} vector_ip_ops) where ${isEmbeddedIn(id)}`,
    )
  }
}

interface SpaceIndex {
  spaceId: number
  isValid: boolean
  isBuilding: boolean
}

async function indexes(db: Database): Promise<SpaceIndex[]> {
  return db.query<SpaceIndex>(
    `select substr(c.relname, length($1) + 1)::integer as "spaceId", i.indisvalid as "isValid",
       exists (
         select from pg_stat_progress_create_index build where build.index_relid = i.indexrelid
       ) as "isBuilding"
     from pg_index i join pg_class c on c.oid = i.indexrelid
     where i.indrelid = 'api_catalog.embeddings'::regclass and starts_with(c.relname, $1)`,
    [NAME],
  )
}

interface LargeSpace {
  id: number
  dimensions: number
  isLiving: boolean
}

/** Spaces with so many vectors that an index pays; retired ones keep theirs, if they have one. */
async function largeSpaces(db: Database, from: number): Promise<LargeSpace[]> {
  return db.query<LargeSpace>(
    `select id, dimensions, is_active or is_next as "isLiving"
     from api_catalog.embedding_spaces space
     where dimensions <= ${MOST_DIMENSIONS} and $1::integer = (
       select count(*) from (
         select from api_catalog.embeddings e
         where e.space_id = space.id and e.state = 'embedded' limit $1::integer) counted)`,
    [from],
  )
}
