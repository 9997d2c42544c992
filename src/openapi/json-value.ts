export type JsonObject = Record<string, unknown>

/** An object that is no array and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The object's own property. Keys come from documents: `constructor` and `__proto__` are data. */
export function own(object: unknown, key: string): unknown {
  return isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined
}

export function objectOrEmpty(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

export function arrayOrEmpty(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** A scalar as text; null for null, undefined, objects and blank text. */
export function scalarText(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

/** True as people write it: YAML 1.2 reads `yes` as text. */
export function isTrue(value: unknown): boolean {
  return value === true || (typeof value === 'string' && /^(?:true|yes|on)$/i.test(value))
}

/** JSON in which U+2028 and U+2029, at which some readers end a line, are escapes. */
export function withLineEndsEscaped(json: string): string {
  return json.replace(/[\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16)}`)
}
