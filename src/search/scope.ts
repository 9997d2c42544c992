import { pathShape, type Effect } from '../catalog/prepared-spec.js'
import type { Principal } from '../catalog/principal.js'
import type { Queryable } from '../db/database.js'
import { InputError } from '../errors.js'
import { METHODS } from '../openapi/methods.js'

/** Which operations a question is asked of. Absent fields do not narrow. */
export interface SearchFilter {
  catalog?: string | undefined
  /** Names of specs; any of them. */
  specs?: readonly string[] | undefined
  method?: string | undefined
  /** In any case. */
  tag?: string | undefined
  /** How the path begins; case, the names of parameters and a first slash left out do not matter. */
  pathPrefix?: string | undefined
  effect?: Effect | undefined
}

/** A filter with its names looked up. */
export interface Scope {
  catalogIds: number[]
  /** Null: all specs of the catalogs. */
  specIds: number[] | null
  method: string | null
  tag: string | null
  /** As the shape of a path: lower case, every `{name}` written `{}`. */
  pathPrefix: string | null
  effect: Effect | null
  /** Operations in the catalogs, filtered or not: the N of inverse document frequencies. */
  operationCount: number
}

/** Throws an `InputError` for a method that nobody has. */
export async function readScope(
  db: Queryable,
  principal: Principal,
  filter: SearchFilter,
): Promise<Scope> {
  const catalogs = await db.query<{ id: number; operation_count: number }>(
    `select id, operation_count from api_catalog.catalogs
     where tenant = $1 and ($2::text is null or name = $2)`,
    [principal.tenant, filter.catalog ?? null],
  )
  const catalogIds = catalogs.map(({ id }) => id)
  const method = filter.method?.toUpperCase() ?? null
  if (method !== null) await checkMethod(db, catalogIds, method)
  const specs = filter.specs
    ? await db.query<{ id: number }>(
        `select id from api_catalog.specs where catalog_id = any($1) and name = any($2)`,
        [catalogIds, filter.specs],
      )
    : null
  return {
    catalogIds,
    specIds: specs?.map(({ id }) => id) ?? null,
    method,
    tag: filter.tag ?? null,
    pathPrefix: filter.pathPrefix === undefined ? null : pathShape(filter.pathPrefix),
    effect: filter.effect ?? null,
    operationCount: catalogs.reduce((sum, { operation_count }) => sum + operation_count, 0),
  }
}

/** Documents may have methods of their own beside those of OpenAPI. */
async function checkMethod(
  db: Queryable,
  catalogIds: readonly number[],
  method: string,
): Promise<void> {
  if (METHODS.has(method.toLowerCase())) return
  const [known] = await db.query(
    `select from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id
     where s.catalog_id = any($1) and o.method = $2 limit 1`,
    [catalogIds, method],
  )
  if (known) return
  const methods = [...METHODS].map((one) => one.toUpperCase())
  const others = await otherMethods(db, catalogIds, methods)
  throw new InputError(
    `No operation has the method "${method}". Methods are ${[...methods, ...others].join(', ')}.`,
  )
}

/** Methods that the documents have beside those of OpenAPI; some, where they are many. */
async function otherMethods(
  db: Queryable,
  catalogIds: readonly number[],
  methods: readonly string[],
): Promise<string[]> {
  const rows = await db.query<{ method: string }>(
    `select distinct o.method
     from api_catalog.operations o join api_catalog.specs s on s.id = o.spec_id
     where s.catalog_id = any($1) and o.method <> all($2) and length(o.method) < 40
     order by o.method limit 20`,
    [catalogIds, methods],
  )
  return rows.map(({ method }) => method)
}

/**
 * The scope as conditions on operations `o` and their specs `s`; its values are `scopeParams`,
 * numbered from `first` on.
 */
export function scopeCondition(first: number): string {
  const [catalogs, specs, method, tag, prefix, effect] = [0, 1, 2, 3, 4, 5].map(
    (n) => `$${first + n}`,
  )
  return `s.catalog_id = any(${catalogs}::integer[])
    and (${specs}::integer[] is null or o.spec_id = any(${specs}))
    and (${method}::text is null or o.method = ${method})
    and (${tag}::text is null
      or exists (select from unnest(o.tags) own (tag) where lower(own.tag) = lower(${tag})))
    and (${prefix}::text is null or starts_with(o.path_shape, ${prefix})
      or starts_with(o.path_shape, '/' || ${prefix}))
    and (${effect}::text is null or o.effect = ${effect})`
}

export function scopeParams(scope: Scope): unknown[] {
  const { catalogIds, specIds, method, tag, pathPrefix, effect } = scope
  return [catalogIds, specIds, method, tag, pathPrefix, effect]
}

/** Whether single operations of the specs are left out, which only their rows tell. */
export function narrowsOperations({ method, tag, pathPrefix, effect }: Scope): boolean {
  return [method, tag, pathPrefix, effect].some((one) => one !== null)
}
