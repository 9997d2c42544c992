import { isObject } from './json-value.js'
import { cleanName } from './search-text.js'

/** Objects that fit are put on one line. */
const MAX_INLINE_CHARS = 72

/** `string | null`, once. */
export function withNull(text: string, canBeNull: boolean): string {
  if (!canBeNull || /(?:^|\| )null$/.test(text)) return text
  return text === 'any' ? 'null' : `${text} | null`
}

/** A value as JSON, short and without unseen characters. */
export function literal(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null'
  return cleanName(text, 80) ?? '""'
}

/** Whether ` | ` or ` & ` stands outside of all braces. */
export function isChoice(text: string): boolean {
  if (!/ [|&] /.test(text)) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at]
    if (char === '{' || char === '(' || char === '[') depth++
    else if (char === '}' || char === ')' || char === ']') depth--
    else if ((char === '|' || char === '&') && depth === 0) return true
  }
  return false
}

/** A union inside of an intersection gets brackets. */
export function bracketed(part: string, all: readonly string[]): string {
  return all.length > 1 && part.includes(' | ') ? `(${part})` : part
}

const IDENTIFIER = /^[\p{L}_$][\p{L}\p{N}_$]{0,99}$/u

/** A property's name, quoted where it is no identifier. */
export function propertyName(name: string): string {
  return IDENTIFIER.test(name) ? name : JSON.stringify(cleanName(name, 100) ?? '')
}

/** ` = value` behind a property or parameter with a short default. */
export function withDefault(text: string, schema: unknown): string {
  const value = isObject(schema) ? schema['default'] : undefined
  if (value === undefined || value === null || text.includes('\n')) return text
  const shown = literal(value)
  return shown.length > 40 ? text : `${text} = ${shown}`
}

/** The comment goes on the first line, where a reader looks for it. */
export function withComment(text: string, comment: string): string {
  if (comment === '') return text
  const end = text.indexOf('\n')
  return end === -1
    ? `${text} // ${comment}`
    : `${text.slice(0, end)} // ${comment}${text.slice(end)}`
}

/** Lines in braces; on one line where they are short and have no comments. */
export function block(lines: readonly string[]): string {
  const joined = lines.join(', ')
  if (joined.length <= MAX_INLINE_CHARS && !/\/\/|\n/.test(joined)) return `{ ${joined} }`
  return `{\n${indented(lines.join('\n'))}\n}`
}

export function indented(text: string): string {
  return `  ${text.replaceAll('\n', '\n  ')}`
}
