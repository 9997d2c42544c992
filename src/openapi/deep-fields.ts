import { scalarText } from './json-value.js'

/** Of a list. */
const MAX_ITEMS = 5

/**
 * The names and values of `deepObject` style: `name[field]`, and for what lies deeper and for lists,
 * of which OpenAPI says nothing, what Rails, PHP, `qs` and Stripe read: `name[field][inner]`,
 * `name[0]`, `name[0][field]`.
 */
export function deepFields(name: string, value: unknown): [name: string, value: string][] {
  if (typeof value !== 'object' || value === null) return [[name, scalarText(value) ?? '']]
  const inner = Object.entries(value)
  const shown = Array.isArray(value) ? inner.slice(0, MAX_ITEMS) : inner
  return shown.flatMap(([key, field]) => deepFields(`${name}[${key}]`, field))
}
