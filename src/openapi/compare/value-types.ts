import { arrayOrEmpty, isObject, type JsonObject } from '../json-value.js'

/** The JSON types that a schema allows; null for any. */
export type TypeSet = ReadonlySet<string> | null

/** As written, with 3.0's `nullable`; else what its keywords imply. */
export function typesOf(facts: JsonObject, hasProperties: boolean): TypeSet {
  const written = facts['type']
  const named = (Array.isArray(written) ? written : [written]).filter(
    (type) => typeof type === 'string',
  )
  const types = new Set(named.length > 0 ? named : impliedTypes(facts, hasProperties))
  if (types.size === 0) return null
  if (facts['nullable'] === true || facts['x-nullable'] === true) types.add('null')
  return types
}

function impliedTypes(facts: JsonObject, hasProperties: boolean): string[] {
  if (hasProperties) return ['object']
  if (facts['items'] !== undefined) return ['array']
  const values = 'const' in facts ? [facts['const']] : arrayOrEmpty(facts['enum'])
  return values.map(typeOfValue)
}

function typeOfValue(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (isObject(value)) return 'object'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** Whether every value of `inner` is one of `outer`. */
export function covers(outer: TypeSet, inner: TypeSet): boolean {
  if (outer === null) return true
  if (inner === null) return false
  return [...inner].every((type) => outer.has(type) || (type === 'integer' && outer.has('number')))
}

export function typeLabel(types: TypeSet): string {
  return types === null ? 'any' : [...types].toSorted().join(' | ')
}

/** The only values that a schema allows, as JSON; null where it does not list them. */
export function allowedValues(facts: JsonObject): ReadonlySet<string> | null {
  if ('const' in facts) return new Set([JSON.stringify(facts['const'])])
  const listed = arrayOrEmpty(facts['enum'])
  return listed.length === 0 ? null : new Set(listed.map((value) => JSON.stringify(value)))
}
