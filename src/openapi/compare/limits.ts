import type { JsonObject } from '../json-value.js'

/** Keywords that bound a value from below (a higher one allows less) and from above. */
const LOWER = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties']
const UPPER = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties']
/** Keywords of which any other value allows something else. */
const EXACT = ['pattern', 'multipleOf', 'uniqueItems']

export interface LimitChange {
  isTighter: boolean
  /** `maxLength 80 → 40`. */
  detail: string
}

/** How the limits on a value differ. A `pattern` that changed at all counts as tighter. */
export function limitChanges(before: JsonObject, after: JsonObject): LimitChange[] {
  return [...LOWER, ...UPPER, ...EXACT]
    .filter((key) => before[key] !== after[key] && (isLimit(before[key]) || isLimit(after[key])))
    .map((key) => ({
      isTighter: isTighter(key, before[key], after[key]),
      detail: `${key} ${label(before[key])} → ${label(after[key])}`,
    }))
}

function isLimit(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false
}

function isTighter(key: string, before: unknown, after: unknown): boolean {
  if (!isLimit(after)) return false
  if (!isLimit(before) || EXACT.includes(key)) return true
  if (typeof before !== 'number' || typeof after !== 'number') return true
  return LOWER.includes(key) ? after > before : after < before
}

function label(value: unknown): string {
  return isLimit(value) ? String(value).slice(0, 40) : 'none'
}
