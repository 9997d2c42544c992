import type { Queryable } from '../db/database.js'
import type { OperationDefinition } from '../openapi/parsed-spec.js'
import { refsOf } from '../openapi/find-refs.js'

/** An operation's definition and what its references reach. */
export interface LoadedOperation {
  definition: OperationDefinition
  /** By normalised pointer. */
  components: ReadonlyMap<string, unknown>
}

/** References are followed so many steps: what a contract shows is nested less deeply. */
const MAX_ROUNDS = 4
/** And so many components are read: a wide union alone may reach thousands. */
const MAX_COMPONENTS = 400

/** Reads an operation and the components it reaches, a few rows instead of the whole document. */
export async function loadOperation(db: Queryable, op: number): Promise<LoadedOperation> {
  const [row] = await db.query<{ spec_id: number; definition: string }>(
    `select spec_id, definition from api_catalog.operations where id = $1`,
    [op],
  )
  if (!row) throw new Error(`operation ${op} is gone`)
  const definition = JSON.parse(row.definition) as OperationDefinition
  const components = new Map<string, unknown>()
  let wanted = refsOf(definition)
  for (let round = 0; round < MAX_ROUNDS && wanted.length > 0; round++) {
    const found = await readComponents(db, row.spec_id, wanted)
    for (const [pointer, value] of found) components.set(pointer, value)
    const next = new Set([...found.values()].flatMap((value) => refsOf(value)))
    wanted = [...next]
      .filter((pointer) => !components.has(pointer))
      .slice(0, MAX_COMPONENTS - components.size)
  }
  return { definition, components }
}

async function readComponents(
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
