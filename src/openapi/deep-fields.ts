import { scalarText } from './json-value.js'

/** Items of a list and fields of an object. */
const MAX_ITEMS = 5

/**
 * The names and values of `deepObject` style: `name[field]`, and `name[field][inner]` for what lies
 * deeper, which no rule says but is what is met.
 */
export function deepFields(name: string, value: unknown): [name: string, value: string][] {
  if (typeof value !== 'object' || value === null) return [[name, scalarText(value) ?? '']]
  const inner = Object.entries(value).slice(0, MAX_ITEMS)
  return inner.flatMap(([key, field]) =>
    deepFields(Array.isArray(value) ? name : `${name}[${key}]`, field),
  )
}
