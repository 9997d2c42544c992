import type { Queryable } from '../db/database.js'

/** A name that more specs have (`User`, `Error`) tells nothing by itself. */
const MOST_SPECS = 5
/**
 * Each operation of these specs is read for the schema, and for so many shared bodies and answers as
 * keep what is read under this: a question costs the same of a document with thousands of them.
 */
const MOST_READ = 20_000
/** Shared requests and answers, in all versions, which an operation may name instead of a schema. */
const WRAPPERS = `pointer ~ '^#/(components/)?(responses|requestBodies)/[^/]+$'`

/**
 * The operations of these catalogs, and unless `specIds` is null of these specs, whose parameters,
 * body or answers refer to a schema of this name, written so: by themselves or by a shared body or
 * answer. In the order of their documents; none where the schema is in many specs.
 */
export async function findSchemaUsers(
  db: Queryable,
  name: string,
  { catalogIds, specIds }: { catalogIds: readonly number[]; specIds: readonly number[] | null },
): Promise<number[]> {
  const rows = await db.query<{ op: number }>(
    `with named as materialized (
       select c.spec_id, c.pointer from api_catalog.components c
       join api_catalog.specs s on s.id = c.spec_id
       where substring(c.pointer from '[^/]*$') = $1
         and c.pointer ~ '^#/(components/schemas|definitions)/[^/]+$'
         and s.catalog_id = any($2::integer[]) and ($3::integer[] is null or s.id = any($3))
       limit ${MOST_SPECS + 1}),
     wrapping as materialized (
       select wrapper.spec_id, wrapper.pointer from named
       join lateral (
         select spec_id, pointer, definition from api_catalog.components
         where spec_id = named.spec_id and ${WRAPPERS} offset 0) wrapper
         on position('"' || named.pointer || '"' in wrapper.definition) > 0
       order by wrapper.spec_id, wrapper.pointer
       limit (
         select greatest(0, ${MOST_READ} / greatest(1, sum(s.operation_count)) - 1)
         from api_catalog.specs s where s.id in (select spec_id from named))),
     used as materialized (
       select spec_id, pointer from named union all select spec_id, pointer from wrapping)
     select distinct o.id as op
     from used join api_catalog.operations o
       on o.spec_id = used.spec_id and position('"' || used.pointer || '"' in o.definition) > 0
     where (select count(*) from named) <= ${MOST_SPECS}
     order by o.id`,
    [name, catalogIds, specIds],
  )
  return rows.map(({ op }) => op)
}
