import { isObject, type JsonObject } from './json-value.js'

/** The type of what is not null; told from other fields where none is said. */
export function typeOf(facts: JsonObject): unknown {
  const types = Array.isArray(facts['type']) ? facts['type'] : [facts['type']]
  const type = types.find((name) => name !== 'null') ?? types[0]
  if (type !== undefined) return type
  if ((facts['items'] ?? facts['prefixItems']) !== undefined) return 'array'
  return isObject(facts['additionalProperties']) ? 'object' : undefined
}
