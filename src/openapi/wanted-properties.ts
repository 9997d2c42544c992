import type { ComponentLookup } from './component-lookup.js'
import type { FlatSchema } from './flatten-schema.js'
import { ownExample } from './given-value.js'
import {
  harmlessTexts,
  leastFirst,
  somePlain,
  withOneBound,
  type Property,
} from './invented-properties.js'
import { isBinary } from './is-binary.js'
import { isObject, isTrue, own } from './json-value.js'

/**
 * What of an object is in an example. `required`: what must be. `usual`: that, and what needs no
 * invention: it has an example of its own, or is a file; where there is neither, a text that does no
 * harm, if there is one. `filled`: the same, but rather some plain values than nothing. `all`: what
 * is optional too, unless deprecated.
 */
export type Extent = 'required' | 'usual' | 'filled' | 'all'

/** A request leaves out what is read-only, a response what is write-only. */
export type Direction = 'request' | 'response'

/** What a webhook brings changes nothing, so it may be more. */
export function usualExtent(direction: Direction): Extent {
  return direction === 'request' ? 'usual' : 'filled'
}

export interface Wanted {
  extent: Extent
  direction: Direction
}

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
  // Those that are needed to be enough come from the rest.
  const lack = numberOr(facts['minProperties'], 0) - needed.length - chosen.length
  const rest =
    lack > 0
      ? leastFirst(
          optional.filter((one) => !chosen.includes(one)),
          lookup,
        )
      : []
  const most = numberOr(facts['maxProperties'], Infinity)
  const names = new Set(
    [...needed, ...chosen, ...rest.slice(0, lack)].slice(0, most).map(([name]) => name),
  )
  return visible.map(([name]) => name).filter((name) => names.has(name))
}

function chosenOf(
  optional: Property[],
  isEmpty: boolean,
  extent: Extent,
  lookup: ComponentLookup,
): Property[] {
  if (extent === 'required') return []
  if (extent === 'all') return withOneBound(optional)
  const known = optional.filter(([, schema]) => needsNoInvention(schema, lookup))
  if (known.length > 0 || !isEmpty) return known
  const harmless = harmlessTexts(optional, lookup)
  return extent === 'usual' || harmless.length > 0 ? harmless : somePlain(optional, lookup)
}

function needsNoInvention(written: unknown, lookup: ComponentLookup): boolean {
  const schemas = [written, lookup.follow(written)].filter(isObject)
  return schemas.some((schema) => ownExample(schema) !== undefined || isBinary(schema))
}

/** What is said beside a reference, or else where it leads. */
function fact(written: unknown, key: string, lookup: ComponentLookup): unknown {
  return own(written, key) ?? own(lookup.follow(written), key)
}

export function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise
}
