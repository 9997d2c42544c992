import { SCALAR_STYLE } from 'js-yaml'
import { decodedScalar } from './decoded-scalar.js'
import { NotBlockYaml, type YamlCursor } from './yaml-cursor.js'

const LINE_FEED = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const APOSTROPHE = 0x27

/** Reads a text in quotes, as `readScalar` does. */
export function readQuoted(cursor: YamlCursor, parent: number): string {
  const { text, at } = cursor
  const end = quotedEnd(cursor)
  if (end > cursor.lineEnd(at)) checkFurtherLines(cursor, at, end, parent)
  cursor.leaveLine(end + 1)
  return quotedText(text, at, end)
}

/** Where the quote is that ends the quoted text at the cursor. */
export function quotedEnd(cursor: YamlCursor): number {
  const { text, at } = cursor
  const end =
    text.charCodeAt(at) === QUOTE ? quoteFrom(cursor, at + 1) : apostropheFrom(text, at + 1)
  if (end === -1) throw new NotBlockYaml()
  return end
}

/** The next that is no half of two, which stand for one. */
function apostropheFrom(text: string, start: number): number {
  let end = text.indexOf("'", start)
  while (end !== -1 && text.charCodeAt(end + 1) === APOSTROPHE) end = text.indexOf("'", end + 2)
  return end
}

const ESCAPE = /\\(?:[0abt\tnvfre "/\\N_LP\n]|x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|U[\dA-Fa-f]{8})/y

/** The next that no backslash is before. */
function quoteFrom({ text, backslashes }: YamlCursor, start: number): number {
  let end = text.indexOf('"', start)
  for (let at = backslashes.first(start); at < end; at = backslashes.first(ESCAPE.lastIndex)) {
    ESCAPE.lastIndex = at
    if (!ESCAPE.test(text)) throw new NotBlockYaml()
    if (ESCAPE.lastIndex > end) end = text.indexOf('"', ESCAPE.lastIndex)
  }
  return end
}

/** What is said between two quotes. */
export function quotedText(text: string, start: number, end: number): string {
  const isSingle = text.charCodeAt(start) === APOSTROPHE
  const source = text.slice(start + 1, end)
  if (!source.includes(isSingle ? "'" : '\\') && !source.includes('\n')) return source
  const style = isSingle ? SCALAR_STYLE.SINGLE_QUOTED : SCALAR_STYLE.DOUBLE_QUOTED
  return decodedScalar(text, start + 1, end, style)
}

/** Those of quoted text must be indented by more than what it is in. */
function checkFurtherLines(cursor: YamlCursor, start: number, end: number, parent: number): void {
  const { text } = cursor
  for (let lineEnd = cursor.lineEnd(start); lineEnd < end;) {
    let at = lineEnd + 1
    while (text.charCodeAt(at) === SPACE) at++
    const isBlank = text.charCodeAt(at) === LINE_FEED
    if (!isBlank && at - lineEnd - 1 <= parent) throw new NotBlockYaml()
    lineEnd = cursor.lineEnd(at)
  }
}
