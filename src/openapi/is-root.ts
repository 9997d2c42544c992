import { isObject } from './json-value.js'
import { strictJson } from './loose-json.js'
import type { ParseLimits } from './spec-error.js'
import { checkRoom } from './tree-size.js'

/**
 * The fields that make an object an API document, in this order: one that was converted may still
 * have the older one.
 */
export const VERSION_KEYS = ['openapi', 'swagger', 'swaggerVersion'] as const

/** How a JSON document begins whose first field is its version. */
const JSON_START = /^\s*\{\s*"(?:openapi|swagger|swaggerVersion)"\s*:/

/** How JSON begins that has a comment or a guard before it. */
const EXTRAS_FIRST = /^\s*(?:\/[/*]|\)\]\})/

/** A field of its own in YAML, not indented. */
const YAML_FIELD = /^(["']?)(?:openapi|swagger|swaggerVersion)\1\s*:/m

/** In what cannot be parsed. */
const ANY_FIELD = /["']?(?:openapi|swagger)["']?\s*:\s*["']?[0-9]/

/**
 * Whether a text is an API document by itself, one with an `openapi` or `swagger` field: else it
 * may be a part of one. What is broken counts as what it was meant to be.
 */
export function isRootDocument(text: string, limits: ParseLimits): boolean {
  const json = EXTRAS_FIRST.test(text) ? strictJson(text) : text
  if (JSON_START.test(json)) return true
  if (!/^\s*\{/.test(json)) return YAML_FIELD.test(text)
  if (!json.includes('openapi') && !json.includes('swagger')) return false
  try {
    checkRoom(json, limits)
    const value: unknown = JSON.parse(json)
    return isRootObject(value)
  } catch {
    return ANY_FIELD.test(json.slice(0, 20_000))
  }
}

/** The same of a value that was read. */
export function isRootObject(value: unknown): boolean {
  return isObject(value) && VERSION_KEYS.some((key) => Object.hasOwn(value, key))
}
