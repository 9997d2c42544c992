import type { JsonObject } from './json-value.js'
import { setOwn } from './untangle.js'
import { NotBlockYaml, type YamlCursor } from './yaml-cursor.js'
import { quotedEnd, quotedText } from './yaml-quotes.js'
import { plainValue } from './yaml-scalars.js'

const SPACE = 0x20
const QUOTE = 0x22
const APOSTROPHE = 0x27
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * Text without quotes as it usually is in brackets, where more characters mean something than elsewhere:
 * `string`, `-1`, `read:user`. All that may be a mark is left to the library.
 */
const PLAIN =
  /(?:[\p{L}\d_$/.(+]|-(?=[\p{L}\d.]))(?:[^\n\t,:[\]{}#'"\\&*!|>%@`?]|:(?=[\p{L}\d_/.-]))*/uy

/**
 * Reads what is in brackets that are closed in their line, from the first of them, and goes to the next
 * line behind it. There may be `levels` of brackets in each other.
 */
export function readFlow(cursor: YamlCursor, levels: number): unknown {
  const value = valueAt(cursor, levels)
  cursor.leaveLine(cursor.at)
  return value
}

function valueAt(cursor: YamlCursor, levels: number): unknown {
  if (levels <= 0) throw new NotBlockYaml()
  const code = codeAt(cursor)
  if (code === OPEN_LIST) return listAt(cursor, levels - 1)
  if (code === OPEN_OBJECT) return objectAt(cursor, levels - 1)
  return isQuote(code) ? quotedAt(cursor) : plainValue(plainAt(cursor))
}

function listAt(cursor: YamlCursor, levels: number): unknown[] {
  const list: unknown[] = []
  for (let more = !isEmpty(cursor, CLOSE_LIST); more; more = goesOn(cursor, CLOSE_LIST)) {
    list.push(valueAt(cursor, levels))
  }
  return list
}

function objectAt(cursor: YamlCursor, levels: number): JsonObject {
  const object: JsonObject = {}
  for (let more = !isEmpty(cursor, CLOSE_OBJECT); more; more = goesOn(cursor, CLOSE_OBJECT)) {
    const key = keyAt(cursor)
    if (key === '<<' || Object.hasOwn(object, key)) throw new NotBlockYaml()
    setOwn(object, key, valueAt(cursor, levels))
  }
  return object
}

/** Goes behind its colon. Behind a key in quotes no space is needed. */
function keyAt(cursor: YamlCursor): string {
  const isQuoted = isQuote(codeAt(cursor))
  const key = isQuoted ? quotedAt(cursor) : String(plainValue(plainAt(cursor)))
  if (codeAt(cursor) !== COLON) throw new NotBlockYaml()
  cursor.at++
  if (!isQuoted && codeAt(cursor) !== SPACE) throw new NotBlockYaml()
  skipSpaces(cursor)
  return key
}

/** Whether nothing stands between the bracket at the cursor and that which closes it. Goes behind it. */
function isEmpty(cursor: YamlCursor, close: number): boolean {
  cursor.at++
  skipSpaces(cursor)
  if (codeAt(cursor) !== close) return false
  cursor.at++
  return true
}

/** Goes behind the comma to what follows it, or behind the closing bracket. */
function goesOn(cursor: YamlCursor, close: number): boolean {
  skipSpaces(cursor)
  const code = codeAt(cursor)
  if (code !== COMMA && code !== close) throw new NotBlockYaml()
  cursor.at++
  if (code === close) return false
  skipSpaces(cursor)
  return true
}

function quotedAt(cursor: YamlCursor): string {
  const { text, at } = cursor
  const end = quotedEnd(cursor)
  if (end > cursor.lineEnd(at)) throw new NotBlockYaml()
  cursor.at = end + 1
  return quotedText(text, at, end)
}

function plainAt(cursor: YamlCursor): string {
  const { text, at } = cursor
  PLAIN.lastIndex = at
  if (!PLAIN.test(text)) throw new NotBlockYaml()
  cursor.at = PLAIN.lastIndex
  return text.slice(at, cursor.withoutSpaces(cursor.at))
}

function isQuote(code: number): boolean {
  return code === QUOTE || code === APOSTROPHE
}

function codeAt({ text, at }: YamlCursor): number {
  return text.charCodeAt(at)
}

function skipSpaces(cursor: YamlCursor): void {
  while (codeAt(cursor) === SPACE) cursor.at++
}
