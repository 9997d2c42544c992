import { objectOrEmpty } from './json-value.js'
import type { Resolver } from './resolver.js'

/**
 * Inherited parameters less those that an own one of the same name and place replaces: an operation's
 * the path's, a path's those of the path item that it refers to.
 */
export function notOverridden(
  inherited: unknown[],
  own: readonly unknown[],
  resolver: Resolver,
): unknown[] {
  if (inherited.length === 0) return inherited
  const nameOf = (parameter: unknown) => String(objectOrEmpty(resolver.follow(parameter))['name'])
  const names = new Set(own.map(nameOf))
  // Most names are not given twice, and most of all in no two places.
  if (!inherited.some((parameter) => names.has(nameOf(parameter)))) return inherited
  const keyOf = (parameter: unknown) => {
    const { name, in: place } = objectOrEmpty(resolver.follow(parameter))
    return `${String(place)} ${String(name)}`
  }
  const overridden = new Set(own.map((parameter) => keyOf(parameter)))
  return inherited.filter((parameter) => !overridden.has(keyOf(parameter)))
}
