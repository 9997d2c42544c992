import type { ComponentLookup } from './component-lookup.js'
import type { FlatSchema } from './flatten-schema.js'
import { ownExample } from './given-value.js'
import { isBinary } from './is-binary.js'
import { isObject, isTrue, own, type JsonObject } from './json-value.js'

/**
 * What of an object is in an example. `required`: what must be. `usual`: that, and what needs no
 * invention: it has an example of its own, or is a file; where there is neither, the first few
 * plain properties. `all`: what is optional too, unless deprecated.
 */
export type Extent = 'required' | 'usual' | 'all'

/** A request leaves out what is read-only, a response what is write-only. */
export type Direction = 'request' | 'response'

export interface Wanted {
  extent: Extent
  direction: Direction
}

/** Of what is optional, where an object would else be empty. */
const FEW = 3

type Property = [name: string, schema: unknown]

/** The names of the properties that are in an example, in the order of the schema. */
export function wantedProperties(
  { properties, required, facts }: FlatSchema,
  { extent, direction }: Wanted,
  lookup: ComponentLookup,
): string[] {
  const hidden = direction === 'request' ? 'readOnly' : 'writeOnly'
  const visible = [...properties].filter(([, schema]) => !isTrue(fact(schema, hidden, lookup)))
  const needed = visible.filter(([name]) => required.has(name))
  const optional = visible.filter(
    ([name, schema]) => !required.has(name) && !isTrue(fact(schema, 'deprecated', lookup)),
  )
  const isEmpty = needed.length === 0 && [...required].every((name) => properties.has(name))
  const chosen = chosenOf(optional, isEmpty, extent, lookup)
  // Those that are needed to be enough come from the rest, in their order.
  const lack = numberOr(facts['minProperties'], 0) - needed.length - chosen.length
  const rest = lack > 0 ? optional.filter((one) => !chosen.includes(one)).slice(0, lack) : []
  const most = numberOr(facts['maxProperties'], Infinity)
  const names = new Set([...needed, ...chosen, ...rest].slice(0, most).map(([name]) => name))
  return visible.map(([name]) => name).filter((name) => names.has(name))
}

function chosenOf(
  optional: Property[],
  isEmpty: boolean,
  extent: Extent,
  lookup: ComponentLookup,
): Property[] {
  if (extent === 'required') return []
  if (extent === 'all') return optional
  const known = optional.filter(([, schema]) => needsNoInvention(schema, lookup))
  return known.length === 0 && isEmpty ? firstFew(optional, lookup) : known
}

function needsNoInvention(written: unknown, lookup: ComponentLookup): boolean {
  const schemas = [written, lookup.follow(written)].filter(isObject)
  return schemas.some((schema) => ownExample(schema) !== undefined || isBinary(schema))
}

const PLAIN_TYPES = new Set<unknown>(['string', 'integer', 'number', 'boolean'])

/** The first plain ones, else the first. */
function firstFew(optional: Property[], lookup: ComponentLookup): Property[] {
  const plain = optional.filter(([, written]) => {
    const schema = lookup.follow(written)
    return isObject(schema) && PLAIN_TYPES.has(typeOf(schema))
  })
  return plain.length > 0 ? plain.slice(0, FEW) : optional.slice(0, 1)
}

/** What is said beside a reference, or else where it leads. */
function fact(written: unknown, key: string, lookup: ComponentLookup): unknown {
  return own(written, key) ?? own(lookup.follow(written), key)
}

/** The type of what is not null; told from other fields where none is said. */
export function typeOf(facts: JsonObject): unknown {
  const types = Array.isArray(facts['type']) ? facts['type'] : [facts['type']]
  const type = types.find((name) => name !== 'null') ?? types[0]
  if (type !== undefined) return type
  if ((facts['items'] ?? facts['prefixItems']) !== undefined) return 'array'
  return isObject(facts['additionalProperties']) ? 'object' : undefined
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
