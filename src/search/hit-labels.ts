import type { Queryable } from '../db/database.js'

/** What hits are grouped and counted by. */
export interface HitLabels {
  op: number
  catalog: string
  spec: string
  tags: string[]
  method: string
  /** Lower case, every `{name}` written `{}`. */
  pathShape: string
  /** MD5 of summary and description; null where it has neither. */
  text: string | null
}

/** The labels of some operations; those gone meanwhile are left out. */
export async function hitLabels(
  db: Queryable,
  ops: readonly number[],
): Promise<Map<number, HitLabels>> {
  const rows = await db.query<HitLabels>(
    `select o.id as op, c.name as catalog, s.name as spec, o.tags, o.method,
       o.path_shape as "pathShape",
       md5(nullif(lower(concat_ws(' ', o.summary, o.description)), '')) as text
     from api_catalog.operations o
     join api_catalog.specs s on s.id = o.spec_id
     join api_catalog.catalogs c on c.id = s.catalog_id
     where o.id = any($1)`,
    [ops],
  )
  return new Map(rows.map((row) => [row.op, row]))
}
