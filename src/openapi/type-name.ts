import { pointerName, pointerSegments } from './json-pointer.js'
import { cleanName } from './search-text.js'

/** What a component is called in a contract; empty where a pointer leads to a place without a name. */
export function typeName(pointer: string): string {
  return isNamed(pointer) ? (cleanName(pointerName(pointer), 80) ?? 'object') : ''
}

/** A name as a TypeScript identifier, of a place without one the way to it: `Pet_oneOf_0`. */
export function identifier(pointer: string): string {
  const words = (typeName(pointer) || wayTo(pointer)).replace(/[^\p{L}\p{N}_$]+/gu, '_')
  return /^\p{N}/u.test(words) ? `_${words}` : words
}

/** Whose keys are names of types. */
const HOLDERS = new Set(['schemas', 'definitions', '$defs', 'x-bundled-files'])
/** Keys of documents that say what stands there, not what it is called. */
const KEYWORDS = new Set(['schema', 'items', 'additionalProperties', 'not', 'if', 'then', 'else'])

function isNamed(pointer: string): boolean {
  const [holder = '', key = ''] = (pointerSegments(pointer) ?? []).slice(-2)
  return HOLDERS.has(holder) || !(KEYWORDS.has(key) || /^\d+$/.test(key))
}

function wayTo(pointer: string): string {
  const segments = pointerSegments(pointer) ?? []
  const holder = segments.findLastIndex((segment) => HOLDERS.has(segment))
  const way = holder === -1 ? segments.slice(-3) : segments.slice(holder + 1)
  return cleanName(way.filter((segment) => segment !== 'properties').join('_'), 80) ?? 'object'
}
