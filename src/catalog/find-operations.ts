import type { Queryable } from '../db/database.js'
import { shapesOfPath } from './path-shapes.js'
import { pathShape } from './prepared-spec.js'
import type { Principal } from './principal.js'

/** An operation as found by a reference to it. */
export interface OperationRef {
  op: number
  /** What agents call it: `[catalog/]spec:operationId` or `[catalog/]spec:METHOD path`. */
  id: string
  catalog: string
  spec: string
  method: string
  path: string
  operation_id: string | null
}

/** A reference taken apart; what it does not say is null. */
export interface Reference {
  catalog: string | null
  spec: string | null
  operationId: string | null
  method: string | null
  path: string | null
}

/** Where to look; null: everywhere. */
interface Within {
  catalogIds: readonly number[] | null
  specIds: readonly number[] | null
}

/** In any case, though names have small letters. */
const PREFIX = /^(?:([a-z0-9][a-z0-9._-]{0,63})\/)?([a-z0-9][a-z0-9._-]{0,63}):(.+)$/is
/** No operation is called by more: a path has at most 2,000 bytes. */
const MAX_REFERENCE_CHARS = 3_000
/** In capitals anything may follow: some documents have paths without a slash. */
const METHOD_PATH = /^(?:([A-Za-z]+)\s+(\/.*|webhook:.*|\S*\/\S*)|([A-Z]+) (.+))$/s

/**
 * The ways to read a reference: as `[catalog/]spec:…` where it looks so, and as a bare operationId,
 * path or `METHOD path`. Several, because an operationId may have a `:` in it too.
 */
export function readReference(text: string): Reference[] {
  if (text.length > MAX_REFERENCE_CHARS) return []
  const trimmed = text.trim()
  const tidy = unquoted(trimmed)
  return tidy === trimmed ? readings(trimmed) : [...readings(trimmed), ...readings(tidy)]
}

/** Without the marks that somebody copied with it. */
function unquoted(text: string): string {
  return text.replace(/^[\s`"']+|[\s`"']+$/g, '')
}

function readings(trimmed: string): Reference[] {
  const [, catalog, spec, rest] = PREFIX.exec(trimmed) ?? []
  const bare = { catalog: null, spec: null, ...readTarget(trimmed) }
  if (spec === undefined || rest === undefined) return [bare]
  const within = { catalog: catalog?.toLowerCase() ?? null, spec: spec.toLowerCase() }
  return [{ ...within, ...readTarget(rest.trim()) }, bare]
}

/** Or a URL; `v1/refunds` and `chat.postMessage` too, for those who leave the first slash out. */
const BARE_PATH = /^(?:\/|https?:\/\/|[^\s/:]+\/[^\s:]+$|[^\s/:.]+\.[^\s/:]+$)/

function readTarget(text: string): Pick<Reference, 'operationId' | 'method' | 'path'> {
  const [, anyCase, likely, capitals, rest] = METHOD_PATH.exec(text) ?? []
  const [method, path] = [anyCase ?? capitals, likely ?? rest]
  if (method && path) return { operationId: text, method: method.toUpperCase(), path }
  return { operationId: text, method: null, path: BARE_PATH.test(text) ? text : null }
}

/**
 * The operations that a reference fits, the closest kind of fit only: as written before another
 * case, other parameter names or values for parameters; in the default catalog, where none is said, before others.
 */
export async function findOperations(
  db: Queryable,
  principal: Principal,
  text: string,
  within: Within = { catalogIds: null, specIds: null },
): Promise<OperationRef[]> {
  for (const reference of readReference(text)) {
    const found = closest(reference, await candidates(db, principal, reference, within))
    if (found.length > 0) return found
  }
  return []
}

async function candidates(
  db: Queryable,
  principal: Principal,
  reference: Reference,
  { catalogIds, specIds }: Within,
): Promise<OperationRef[]> {
  return db.query<OperationRef>(
    `select op, id, catalog, spec, method, path, operation_id
     from api_catalog.operation_refs
     where tenant = $1
       and (lower(operation_id) = lower($2) or (path_shape = any($3) and ($4::text is null or method = $4)))
       and ($5::text is null or catalog = $5) and ($6::text is null or spec = $6)
       and ($7::integer[] is null or catalog_id = any($7))
       and ($8::integer[] is null or spec_id = any($8))
     order by catalog = 'default' desc, catalog, spec, method = 'GET' desc, method, path
     limit 100`,
    [
      principal.tenant,
      reference.operationId,
      reference.path === null ? [] : shapesOfPath(reference.path),
      reference.method,
      reference.catalog,
      reference.spec,
      catalogIds,
      specIds,
    ],
  )
}

function closest(reference: Reference, found: OperationRef[]): OperationRef[] {
  const asWritten = found.filter(
    (ref) =>
      ref.operation_id === reference.operationId ||
      (ref.path === reference.path && reference.path !== null),
  )
  const best = asWritten.length > 0 ? asWritten : likeliest(reference, found)
  if (reference.catalog !== null || reference.spec === null) return best
  const inDefault = best.filter(({ catalog }) => catalog === 'default')
  return inDefault.length > 0 ? inDefault : best
}

/** Those of an operationId in another case, else those whose path needs the least changed. */
function likeliest({ path }: Reference, found: OperationRef[]): OperationRef[] {
  if (path === null) return found
  const shapes = shapesOfPath(path)
  const places = found.map((ref) => shapes.indexOf(pathShape(ref.path)))
  const best = Math.min(...places.filter((place) => place >= 0))
  return best === Infinity ? found : found.filter((_, at) => places[at] === best)
}
