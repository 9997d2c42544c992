import {
  boolCoreTag,
  CHOMPING_MODE,
  floatCoreTag,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
  SCALAR_STYLE,
} from 'js-yaml'
import { decodedScalar, type Chomping } from './decoded-scalar.js'
import { NotBlockYaml, type YamlCursor } from './yaml-cursor.js'
import { readQuoted } from './yaml-quotes.js'

const LINE_FEED = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const HASH = 0x23
const APOSTROPHE = 0x27
/** The first code behind those of digits, signs and the point. */
const COLON = 0x3a
const MORE = 0x3e
const BAR = 0x7c

/** `null`, `false`: longer plain text is no such word. */
const MAX_WORD_CHARS = 5
const WORDS = [nullCoreTag, boolCoreTag]
const NUMBERS = [intCoreTag, floatCoreTag]

/** What text without quotes stands for. */
export function plainValue(source: string): unknown {
  const mayBeNumber = source.charCodeAt(0) < COLON
  if (!mayBeNumber && source.length > MAX_WORD_CHARS) return source
  for (const tag of mayBeNumber ? NUMBERS : WORDS) {
    const value = tag.resolve(source, false, tag.tagName)
    if (value !== NOT_RESOLVED) return value
  }
  return source
}

/**
 * Reads the text, number or the like that begins at the cursor, in something indented by `parent`, and
 * goes to the next line behind it.
 */
export function readScalar(cursor: YamlCursor, parent: number): unknown {
  const code = cursor.text.charCodeAt(cursor.at)
  if (code === APOSTROPHE || code === QUOTE) return readQuoted(cursor, parent)
  return code === BAR || code === MORE ? readBlock(cursor, parent) : readPlain(cursor, parent)
}

/** Of anchors, aliases, tags, comments, brackets and the like; a mark of a list or key must stand alone. */
const NO_PLAIN_START = /^(?:[\s,[\]{}#&*!|>'"%@`]|[-?:](?!\S))/

/** Whether text of one line may stand without quotes. */
export function isPlain(source: string): boolean {
  return !NO_PLAIN_START.test(source)
}

function readPlain(cursor: YamlCursor, parent: number): unknown {
  const { text, at } = cursor
  const lineEnd = cursor.lineEnd(at)
  const end = plainEnd(cursor, at, lineEnd)
  const source = text.slice(at, end)
  if (!isPlain(source)) throw new NotBlockYaml()
  cursor.toLine(lineEnd + 1)
  const goesOn = cursor.indent > parent && end === cursor.withoutSpaces(lineEnd)
  return plainValue(goesOn ? withFurtherLines(cursor, at, lineEnd, parent) : source)
}

/** Where plain text ends in its line. One with a tab or a further key is left to the library. */
function plainEnd(cursor: YamlCursor, start: number, lineEnd: number): number {
  const { text, colons } = cursor
  const end = cursor.contentEnd(start, lineEnd)
  for (let at = colons.first(start); at < end; at = colons.first(at + 1)) {
    if (cursor.isBreakAt(at + 1)) throw new NotBlockYaml()
  }
  if (cursor.hasTabs && text.slice(start, end + 1).includes('\t')) throw new NotBlockYaml()
  return end
}

/** Plain text that goes on in lines indented by more than what it is in. */
function withFurtherLines(
  cursor: YamlCursor,
  start: number,
  firstEnd: number,
  parent: number,
): string {
  const { text } = cursor
  let end = firstEnd
  let lineEnd = firstEnd
  while (lineEnd < text.length) {
    let at = lineEnd + 1
    while (text.charCodeAt(at) === SPACE) at++
    const code = text.charCodeAt(at)
    const isBlank = code === LINE_FEED
    const isOther = code === HASH || at - lineEnd - 1 <= parent || at >= text.length
    if (!isBlank && isOther) break
    lineEnd = cursor.lineEnd(at)
    if (isBlank) continue
    end = plainEnd(cursor, at, lineEnd)
    if (end < cursor.withoutSpaces(lineEnd)) break
  }
  cursor.toLine(lineEnd + 1)
  return decodedScalar(text, start, end, SCALAR_STYLE.PLAIN)
}

const BLOCK_HEAD = /[|>]([1-9]?)([+-]?) *\n/y
const CHOMPING: Record<string, Chomping> = {
  '': CHOMPING_MODE.CLIP,
  '-': CHOMPING_MODE.STRIP,
  '+': CHOMPING_MODE.KEEP,
}

/** Literal and folded text, up to the first line that is indented by less than its first. */
function readBlock(cursor: YamlCursor, parent: number): string {
  const { text, at } = cursor
  BLOCK_HEAD.lastIndex = at
  const head = BLOCK_HEAD.exec(text)
  if (head === null) throw new NotBlockYaml()
  const [, digit = '', mark = ''] = head
  const start = BLOCK_HEAD.lastIndex
  const given = digit === '' ? -1 : parent + Number(digit)
  const { end, indent } = blockEnd(cursor, start, parent, given)
  const isLiteral = text.charCodeAt(at) === BAR
  const style = isLiteral ? SCALAR_STYLE.LITERAL_BLOCK : SCALAR_STYLE.FOLDED_BLOCK
  cursor.toLine(end)
  return decodedScalar(text, start, end, style, CHOMPING[mark], indent)
}

/** And what is found or given to be its indentation; -1 where nothing but blank lines is there. */
function blockEnd(
  cursor: YamlCursor,
  start: number,
  parent: number,
  given: number,
): { end: number; indent: number } {
  const { text } = cursor
  let [end, indent, blank] = [start, given, 0]
  while (end < text.length) {
    let at = end
    while (text.charCodeAt(at) === SPACE) at++
    const column = at - end
    const isBlank = text.charCodeAt(at) === LINE_FEED
    if (at >= text.length) throw new NotBlockYaml()
    if (!isBlank && column < (indent === -1 ? parent + 1 : indent)) break
    if (isBlank) blank = Math.max(blank, column)
    else if (indent === -1) {
      if (column < blank) throw new NotBlockYaml()
      indent = column
    }
    end = Math.min(cursor.lineEnd(at) + 1, text.length)
  }
  return { end, indent }
}
