import type { Queryable } from '../db/database.js'
import type { Effect } from './prepared-spec.js'

/** What a result page shows of an operation. */
export interface OperationRow {
  op: number
  id: string
  catalog: string
  spec: string
  method: string
  path: string
  operation_id: string | null
  summary: string | null
  description: string | null
  effect: Effect
  is_deprecated: boolean
  signature: string
  tags: string[]
  parameters: string[]
  body_properties: string[]
}

/** The rows of some operations, in the order asked for; those gone meanwhile are left out. */
export async function operationRows(
  db: Queryable,
  ops: readonly number[],
): Promise<OperationRow[]> {
  const rows = await db.query<OperationRow>(
    `select ref.op, ref.id, ref.catalog, ref.spec, o.method, o.path, o.operation_id, o.summary,
       o.description, o.effect, o.is_deprecated, o.signature, o.tags, o.parameters,
       o.body_properties
     from api_catalog.operation_refs ref join api_catalog.operations o on o.id = ref.op
     where ref.op = any($1)`,
    [ops],
  )
  const byOp = new Map(rows.map((row) => [row.op, row]))
  return ops.map((op) => byOp.get(op)).filter((row) => row !== undefined)
}
