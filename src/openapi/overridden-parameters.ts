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
  // Most names are not given twice, and most of all in no two places.
  const names = new Set<string>()
  for (const parameter of own) names.add(nameOf(parameter, resolver))
  if (!inherited.some((parameter) => names.has(nameOf(parameter, resolver)))) return inherited
  const overridden = new Set(own.map((parameter) => keyOf(parameter, resolver)))
  return inherited.filter((parameter) => !overridden.has(keyOf(parameter, resolver)))
}

function nameOf(parameter: unknown, resolver: Resolver): string {
  return String(objectOrEmpty(resolver.follow(parameter))['name'])
}

function keyOf(parameter: unknown, resolver: Resolver): string {
  const { name, in: place } = objectOrEmpty(resolver.follow(parameter))
  return `${String(place)} ${String(name)}`
}
