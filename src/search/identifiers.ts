import { findOperations } from '../catalog/find-operations.js'
import { findSchemaUsers } from '../catalog/find-schema-users.js'
import { findPropertyUsers } from '../catalog/find-property-users.js'
import type { Principal } from '../catalog/principal.js'
import type { Queryable } from '../db/database.js'
import { scopeCondition, scopeParams, type Scope } from './scope.js'

const MAX_IDENTIFIER_CHARS = 500
/** A question names few; a paste has hundreds. */
const MAX_WITHIN_TEXT = 4
/** So many of a kind are compared with each other. */
const MAX_OF_A_KIND = 50
/** Within a text a name that more operations have (`list`) is a word. */
const MAX_MEANT = 5

/** In small letters those that are no other words ("query /x", "head /x"). */
const METHODS =
  'GET|PUT|POST|DELETE|PATCH|HEAD|OPTIONS|TRACE|QUERY|[Gg]et|[Pp]ut|[Pp]ost|[Dd]elete|[Pp]atch'
/** A method belongs to the path right after it. */
const METHOD_AND_PATH = new RegExp(
  String.raw`\b(?:${METHODS})\s+(?:https?:\/)?\/[^\s"'\x60,;]+`,
  'g',
)
const PATH = /(?<![\p{L}\p{N}<>:/}])(?:https?:\/)?\/[^\s"'`,;<>]+/gu
/** `createRefund`, `list_users`, `repos/create`, `users.list`, `stripe:createRefund`, `PaymentIntent`. */
const NAME =
  /(?<![\p{L}\p{N}/])\p{L}[\p{L}\p{N}]*(?:[_./:-][\p{L}\p{N}_./:-]*[\p{L}\p{N}]|\p{Ll}\p{Lu}[\p{L}\p{N}]*)/gu

/** What may be a schema's name: one word, and not one of everyday. */
const SCHEMA_NAME = /^(?=.*[\p{Lu}_.\d-])[\p{L}_][\p{L}\p{N}_.-]*$/u

/** `application_fee_percent`, `maxResults`: of several words, as nobody writes a sentence. */
const PROPERTY_NAME =
  /^\p{Ll}[\p{L}\p{N}]*(?:[_-][\p{L}\p{N}_-]*[\p{L}\p{N}]|\p{Lu}[\p{L}\p{N}]*)$/u

/**
 * Operations in scope that the question names: as a whole, or within it by `METHOD /path`, a path,
 * a URL, an operationId, an id of ours, or a schema that they take or give; or, as a whole, by the name
 * of a property that they take.
 */
export async function namedOperations(
  db: Queryable,
  principal: Principal,
  query: string,
  scope: Scope,
): Promise<number[]> {
  const whole = withoutQuotes(query.trim())
  if (whole === '') return []
  if (whole.length <= MAX_IDENTIFIER_CHARS) {
    const named = await inScope(db, principal, whole, scope)
    if (named.length > 0) return named
    if (PROPERTY_NAME.test(whole)) {
      return inWholeScope(db, await findPropertyUsers(db, whole, scope), scope)
    }
  }
  const within = identifiersIn(query).filter((one) => one !== whole)
  const found = await Promise.all(within.map((one) => inScope(db, principal, one, scope)))
  return [...new Set(found.filter((ops) => ops.length <= MAX_MEANT).flat())]
}

/** Of a question that is short enough to be one name. */
function withoutQuotes(text: string): string {
  return text.length > MAX_IDENTIFIER_CHARS ? text : text.replace(/^[`"']+|[`"']+$/g, '')
}

/** What within a text looks like the name of an operation, the most telling first. */
export function identifiersIn(text: string): string[] {
  const kinds = [METHOD_AND_PATH, PATH, NAME]
  const found = kinds.flatMap((kind) =>
    [...text.matchAll(kind)]
      .slice(0, MAX_OF_A_KIND)
      .flatMap(([one]) => (one.length <= MAX_IDENTIFIER_CHARS ? [trimmed(one)] : [])),
  )
  const whole = found.filter((one, at) => !found.slice(0, at).some((f) => f.includes(one)))
  return whole.slice(0, MAX_WITHIN_TEXT)
}

/** Without what ends a sentence or a bracket. */
function trimmed(identifier: string): string {
  return identifier.replace(/[.:?!)\]]+$/, '')
}

async function inScope(
  db: Queryable,
  principal: Principal,
  identifier: string,
  scope: Scope,
): Promise<number[]> {
  const found = await findOperations(db, principal, identifier, scope)
  const isSchema = found.length === 0 && SCHEMA_NAME.test(identifier)
  const ops = isSchema ? await findSchemaUsers(db, identifier, scope) : found.map(({ op }) => op)
  return inWholeScope(db, ops, scope)
}

/** Less what a filter leaves out. */
async function inWholeScope(
  db: Queryable,
  ops: readonly number[],
  scope: Scope,
): Promise<number[]> {
  if (ops.length === 0) return []
  const rows = await db.query<{ op: number }>(
    `select o.id as op from api_catalog.operations o
     join api_catalog.specs s on s.id = o.spec_id
     where o.id = any($1) and ${scopeCondition(2)}`,
    [ops, ...scopeParams(scope)],
  )
  const kept = new Set(rows.map(({ op }) => op))
  return ops.filter((op) => kept.has(op))
}
