import type { JsonObject } from './json-value.js'

/** Where the numbers of a schema end. */
export interface Bound {
  at: number
  /** Whether the number itself is not one of them. */
  isExcluded: boolean
}

/** The least that a schema allows; null where it names none. */
export function lowerBound({ minimum, exclusiveMinimum }: JsonObject): Bound | null {
  return stricter(minimum, exclusiveMinimum, (excluding, limit) => excluding >= limit)
}

/** The most that a schema allows; null where it names none. */
export function upperBound({ maximum, exclusiveMaximum }: JsonObject): Bound | null {
  return stricter(maximum, exclusiveMaximum, (excluding, limit) => excluding <= limit)
}

/**
 * JSON Schema before 2019, so OpenAPI before 3.1, writes `exclusiveMinimum: true` beside the limit;
 * later ones write a second limit, of which the stricter holds.
 */
function stricter(
  limit: unknown,
  exclusive: unknown,
  isStricter: (excluding: number, limit: number) => boolean,
): Bound | null {
  const at = typeof limit === 'number' && Number.isFinite(limit) ? limit : null
  if (typeof exclusive === 'number' && (at === null || isStricter(exclusive, at))) {
    return { at: exclusive, isExcluded: true }
  }
  return at === null ? null : { at, isExcluded: exclusive === true }
}
