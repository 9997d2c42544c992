import { isObject, scalarText, type JsonObject } from './json-value.js'
import { lowerBound, upperBound } from './number-bounds.js'
import { cleanedOrNull, cleanName, cutText } from './search-text.js'

/** What stands behind a property or parameter: format, limits, then its text. */
export function schemaComment(
  written: unknown,
  resolved: unknown,
  maxChars: number,
  description?: unknown,
): string {
  const schema = isObject(resolved) ? resolved : {}
  const siblings = isObject(written) ? written : {}
  const facts = [
    siblings['deprecated'] === true || schema['deprecated'] === true ? 'deprecated' : null,
    formatOf(schema),
    ...limitsOf(schema),
  ].filter((fact) => fact !== null)
  const room = maxChars - facts.join(', ').length
  const raw = description ?? siblings['description'] ?? schema['description'] ?? schema['title']
  const text = room < 15 ? null : cleanedOrNull(raw, room)
  return [facts.join(', '), text ?? ''].filter((part) => part !== '').join('. ')
}

/** Formats that the type itself tells. */
const PLAIN_FORMATS = new Set(['int32', 'int64', 'float', 'double', 'binary', 'string'])

function formatOf(schema: JsonObject): string | null {
  const format = cleanName(schema['format'] ?? contentOf(schema), 30)
  return format === null || PLAIN_FORMATS.has(format) ? null : format
}

/** What is in a text since 3.1: `base64`, `application/json`. */
function contentOf({ contentEncoding, contentMediaType }: JsonObject): unknown {
  return contentEncoding ?? contentMediaType
}

/** What a schema allows of its type: `> 3, ≤ 5`, `1–100 characters`, `unique items`. */
export function limitsOf(schema: JsonObject): string[] {
  const { multipleOf, pattern, uniqueItems } = schema
  return [
    numbersOf(schema),
    typeof multipleOf === 'number' ? `multiple of ${multipleOf}` : null,
    range(schema['minLength'], schema['maxLength'], ' characters'),
    range(schema['minItems'], schema['maxItems'], ' items'),
    uniqueItems === true ? 'unique items' : null,
    range(schema['minProperties'], schema['maxProperties'], ' properties'),
    typeof pattern === 'string' ? patternOf(pattern) : null,
  ].filter((limit) => limit !== null)
}

function numbersOf(schema: JsonObject): string | null {
  const [low, high] = [lowerBound(schema), upperBound(schema)]
  if (low?.isExcluded !== true && high?.isExcluded !== true) return range(low?.at, high?.at, '')
  const bounds = [
    low === null ? null : `${low.isExcluded ? '>' : '≥'} ${numberText(low.at)}`,
    high === null ? null : `${high.isExcluded ? '<' : '≤'} ${numberText(high.at)}`,
  ]
  return bounds.filter((bound) => bound !== null).join(', ')
}

function range(min: unknown, max: unknown, unit: string): string | null {
  const [low, high] = [numberText(min), numberText(max)]
  if (low !== null && low === high) return `${low}${unit}`
  if (low !== null && high !== null) return `${low}–${high}${unit}`
  if (low !== null && low !== '0') return `≥ ${low}${unit}`
  return high === null ? null : `≤ ${high}${unit}`
}

/** What 64 bits hold ends at these. As numbers of JavaScript they are rounded. */
const ENDS_OF_64_BITS = new Map([
  [-(2 ** 63), '-9223372036854775808'],
  [2 ** 63, '9223372036854775807'],
  [2 ** 64, '18446744073709551615'],
])

function numberText(value: unknown): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null
  return ENDS_OF_64_BITS.get(value) ?? scalarText(value)
}

function patternOf(pattern: string): string | null {
  const text = cleanName(pattern, 60)
  return text === null ? null : `matches ${cutText(text, 40)}`
}
