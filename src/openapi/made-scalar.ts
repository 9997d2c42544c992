import type { JsonObject } from './json-value.js'
import { lowerBound, upperBound, type Bound } from './number-bounds.js'
import { patternText } from './pattern-text.js'

/** Longer texts are not made, whatever `minLength` asks for. */
const MAX_TEXT_CHARS = 300

const TEXT_BY_FORMAT: ReadonlyMap<unknown, string> = new Map([
  ['date', '2025-01-31'],
  ['date-time', '2025-01-31T12:00:00Z'],
  ['time', '12:00:00Z'],
  ['duration', 'P1D'],
  ['email', 'user@example.com'],
  ['uri', 'https://example.com'],
  ['url', 'https://example.com'],
  ['uuid', '00000000-0000-4000-8000-000000000000'],
  ['ipv4', '192.0.2.1'],
  ['ipv6', '2001:db8::1'],
  ['hostname', 'example.com'],
  ['byte', 'dGV4dA=='],
  ['json-pointer', '/a'],
  // Numbers that are sent as text, since JavaScript has none so large.
  ['int64', '1'],
  ['uint64', '1'],
  ['decimal', '1.0'],
])

/**
 * The text number `nth` (from 0) of a schema's, by its pattern, format and lengths. Those of a
 * pattern or format are all the same.
 */
export function madeText(facts: JsonObject, nth: number): string {
  const { pattern, format, contentEncoding } = facts
  const min = lengthOf(facts['minLength'], 0)
  const max = lengthOf(facts['maxLength'], MAX_TEXT_CHARS)
  const matching = typeof pattern === 'string' ? patternText(pattern, min, max) : null
  if (matching !== null) return matching
  const formatted = TEXT_BY_FORMAT.get(contentEncoding === 'base64' ? 'byte' : format)
  if (formatted !== undefined) return formatted
  const end = nth === 0 ? '' : String(nth + 1)
  const word = 'string'.padEnd(Math.min(min, MAX_TEXT_CHARS) - end.length, 'string')
  return word.slice(0, Math.max(0, max - end.length)) + end
}

function lengthOf(value: unknown, otherwise: number): number {
  return typeof value === 'number' && value >= 0 ? value : otherwise
}

/** The number `nth` (from 0) that a schema allows: the least, or 1 where it names none. */
export function madeNumber(facts: JsonObject, nth: number): number {
  const low = lowerBound(facts)
  const high = upperBound(facts)
  const isInteger = facts['type'] === 'integer' || isWhole(facts['type'])
  const given = facts['multipleOf']
  const multiple = typeof given === 'number' && given > 0 ? given : null
  if (multiple === null && !isInteger) return fraction(low, high) + nth
  const step = multiple ?? 1
  const start = low?.at ?? Math.min(high?.at ?? 1, 1)
  let count = low === null ? Math.floor(start / step) : Math.ceil(start / step)
  if (low === null && count < 1 && high === null) count = 1
  if (low?.isExcluded === true && count * step <= low.at) count++
  if (low === null && high?.isExcluded === true && count * step >= high.at) count--
  return times(count + nth, step)
}

function isWhole(type: unknown): boolean {
  return Array.isArray(type) && type.includes('integer')
}

function fraction(low: Bound | null, high: Bound | null): number {
  if (low === null) return high === null || high.at > 1 ? 1 : high.at - Number(high.isExcluded)
  if (!low.isExcluded) return low.at
  return high === null ? low.at + 1 : (low.at + high.at) / 2
}

/** Without what binary fractions add: 3 × 0.1 is 0.3. */
function times(count: number, step: number): number {
  const parts = Math.round(1 / step)
  return step < 1 && Math.abs(parts * step - 1) < 1e-9 ? count / parts : count * step
}
