import type { Queryable } from '../db/database.js'
import type { OperationDefinition } from '../openapi/parsed-spec.js'

/** An operation's definition, and the spec whose components its references reach. */
export interface LoadedOperation {
  specId: number
  definition: OperationDefinition
  /** Where the document was fetched from; undefined where it was not. */
  documentUrl?: string | undefined
}

/** Null where the operation is gone. */
export async function loadOperation(db: Queryable, op: number): Promise<LoadedOperation | null> {
  const [row] = await db.query<{ spec_id: number; definition: string; url: string | null }>(
    `select o.spec_id, o.definition, case when s.source ~ '^https?://' then s.source end as url
     from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id where o.id = $1`,
    [op],
  )
  if (!row) return null
  const definition = JSON.parse(row.definition) as OperationDefinition
  return { specId: row.spec_id, definition, documentUrl: row.url ?? undefined }
}

/** The components of a spec at these pointers, by pointer; those it has not are left out. */
export async function loadComponents(
  db: Queryable,
  specId: number,
  pointers: readonly string[],
): Promise<Map<string, unknown>> {
  const rows = await db.query<{ pointer: string; definition: string }>(
    `select pointer, definition from api_catalog.components
     where spec_id = $1 and md5(pointer) in (select md5(p) from unnest($2::text[]) p)
       and pointer = any($2)`,
    [specId, pointers],
  )
  return new Map(rows.map(({ pointer, definition }) => [pointer, JSON.parse(definition)]))
}
