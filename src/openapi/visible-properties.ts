import type { FlatSchema } from './flatten-schema.js'
import { isObject } from './json-value.js'
import type { Kind } from './type-printing.js'
import type { Direction } from './wanted-properties.js'

/**
 * The properties of an object that are shown: required ones first, else as written; without those
 * that go the other way, and what is said of its kind already.
 */
export function visibleProperties(
  { properties, required }: FlatSchema,
  direction: Direction,
  kind: Kind | undefined,
): [name: string, schema: unknown][] {
  const hidden = direction === 'request' ? 'readOnly' : 'writeOnly'
  const visible = [...properties].filter(
    ([name, property]) =>
      name !== kind?.property &&
      kind?.shared.has(name) !== true &&
      (!isObject(property) || property[hidden] !== true),
  )
  return [
    ...visible.filter(([name]) => required.has(name)),
    ...visible.filter(([name]) => !required.has(name)),
  ]
}
