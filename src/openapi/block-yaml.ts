import type { JsonObject } from './json-value.js'
import { setOwn } from './untangle.js'
import { NotBlockYaml, YamlCursor } from './yaml-cursor.js'
import { readFlow } from './yaml-flow.js'
import { quotedEnd, quotedText } from './yaml-quotes.js'
import { isPlain, plainValue, readScalar } from './yaml-scalars.js'

const LINE_FEED = 0x0a
const SPACE = 0x20
const QUOTE = 0x22
const HASH = 0x23
const APOSTROPHE = 0x27
const DASH = 0x2d
const COLON = 0x3a
const OPEN_LIST = 0x5b
const OPEN_OBJECT = 0x7b

/** Deeper ones are left to the library. The deepest of 4,087 real documents has 67. */
const MAX_LEVELS = 100

/** What YAML takes for no character, and byte order marks; beside halves of characters. */
// oxlint-disable-next-line no-control-regex -- it is about them
const UNUSUAL = /[\0-\b\v-\u001F\u007F-\u0084\u0086-\u009F\uFEFF\uFFFE\uFFFF]/

/**
 * The value of YAML as programs write it, and most people: an object in block style, with lists and
 * objects in brackets that keep to one line. Null for anything else (anchors, aliases, tags, merge keys,
 * keys given twice, several documents, whatever is rare) and for all that has a fault: it is for the
 * library then. Else it is what the library makes of it, in a third of the time.
 */
export function readBlockYaml(text: string, maxDepth: number): JsonObject | null {
  const lines = text.includes('\r') ? text.replaceAll('\r\n', '\n') : text
  if (UNUSUAL.test(lines) || !lines.isWellFormed() || hasAnchors(lines)) return null
  try {
    return new BlockReader(lines, Math.min(maxDepth, MAX_LEVELS) - 1).document()
  } catch (error) {
    if (error instanceof NotBlockYaml) return null
    throw error
  }
}

/** As one stands behind a key or a dash. In prose that is rare, but for `: &quot;`. */
const ANCHOR = /[:-] &[\w.-]+\s/y

/** Whether it looks like it: what is given up at its end is read twice. */
function hasAnchors(text: string): boolean {
  for (let at = text.indexOf('&'); at !== -1; at = text.indexOf('&', at + 1)) {
    ANCHOR.lastIndex = Math.max(at - 2, 0)
    if (ANCHOR.test(text)) return true
  }
  return false
}

class BlockReader {
  readonly #cursor: YamlCursor
  /** One less than the library's, which counts what it tries as a key. */
  readonly #maxDepth: number
  /** What keys without quotes say, by how they are written: a document has few, many times. */
  readonly #keys = new Map<string, string>()

  constructor(text: string, maxDepth: number) {
    this.#cursor = new YamlCursor(text)
    this.#maxDepth = maxDepth
  }

  document(): JsonObject {
    const cursor = this.#cursor
    cursor.toLine(0)
    if (cursor.indent === 0 && cursor.text.startsWith('---\n', cursor.at)) {
      cursor.toLine(cursor.at + 4)
    }
    const key = cursor.indent === 0 && !this.#isFlow() ? this.#key() : null
    if (key === null) throw new NotBlockYaml()
    const document = this.#object(key, 0, 1)
    if (cursor.indent !== -1) throw new NotBlockYaml()
    return document
  }

  /** An object whose keys stand in one column, from behind the first of them. */
  #object(first: string, column: number, depth: number): JsonObject {
    if (depth >= this.#maxDepth) throw new NotBlockYaml()
    const cursor = this.#cursor
    const object: JsonObject = {}
    let key: string | null = first
    for (;;) {
      if (key === null || Object.hasOwn(object, key)) throw new NotBlockYaml()
      setOwn(object, key, this.#valueOfKey(column, depth))
      if (cursor.indent !== column) break
      key = this.#key()
    }
    if (cursor.indent > column) throw new NotBlockYaml()
    return object
  }

  #valueOfKey(column: number, depth: number): unknown {
    const cursor = this.#cursor
    if (!this.#leavesEmptyLine()) return this.#value(column, depth)
    if (cursor.indent > column) return this.#node(column, depth)
    return cursor.indent === column && this.#isItem() ? this.#list(column, depth + 1) : null
  }

  /** A list whose dashes stand in one column, from the first of them. */
  #list(column: number, depth: number): unknown[] {
    if (depth >= this.#maxDepth) throw new NotBlockYaml()
    const cursor = this.#cursor
    const list: unknown[] = []
    do {
      cursor.at++
      const isNull = this.#leavesEmptyLine() && cursor.indent <= column
      list.push(isNull ? null : this.#node(column, depth))
    } while (cursor.indent === column && this.#isItem())
    if (cursor.indent > column) throw new NotBlockYaml()
    return list
  }

  /** What stands in a line of its own or behind a dash, in something indented by `parent`. */
  #node(parent: number, depth: number): unknown {
    const { at, lineStart } = this.#cursor
    if (this.#isItem()) return this.#list(at - lineStart, depth + 1)
    const key = this.#isFlow() ? null : this.#key()
    return key === null ? this.#value(parent, depth) : this.#object(key, at - lineStart, depth + 1)
  }

  /** What may stand behind a key in its line. */
  #value(parent: number, depth: number): unknown {
    const levels = this.#maxDepth - depth - 1
    return this.#isFlow() ? readFlow(this.#cursor, levels) : readScalar(this.#cursor, parent)
  }

  #isFlow(): boolean {
    const code = this.#cursor.text.charCodeAt(this.#cursor.at)
    return code === OPEN_LIST || code === OPEN_OBJECT
  }

  /** Goes to the next line if this one says no more than a comment, else to what it says. */
  #leavesEmptyLine(): boolean {
    const cursor = this.#cursor
    const { text } = cursor
    let { at } = cursor
    while (text.charCodeAt(at) === SPACE) at++
    const code = text.charCodeAt(at)
    const isEmpty = code === LINE_FEED || code === HASH || at >= text.length
    if (isEmpty) cursor.toLine(cursor.lineEnd(at) + 1)
    else cursor.at = at
    return isEmpty
  }

  #isItem(): boolean {
    const { text, at } = this.#cursor
    return text.charCodeAt(at) === DASH && this.#cursor.isBreakAt(at + 1)
  }

  /** Reads a key and goes behind its colon; null where there is none. */
  #key(): string | null {
    const code = this.#cursor.text.charCodeAt(this.#cursor.at)
    return code === APOSTROPHE || code === QUOTE ? this.#quotedKey() : this.#plainKey()
  }

  #plainKey(): string | null {
    const cursor = this.#cursor
    const { text, at, colons } = cursor
    const lineEnd = cursor.lineEnd(at)
    let colon = colons.first(at)
    while (colon < lineEnd && !cursor.isBreakAt(colon + 1)) colon = colons.first(colon + 1)
    if (colon >= lineEnd) return null
    const source = text.slice(at, colon)
    const key = this.#keys.get(source) ?? this.#newKey(source)
    if (key !== null) cursor.at = colon + 1
    return key
  }

  #newKey(source: string): string | null {
    const key = plainKey(source)
    if (key !== null) this.#keys.set(source, key)
    return key
  }

  #quotedKey(): string | null {
    const cursor = this.#cursor
    const { text, at } = cursor
    const end = quotedEnd(cursor)
    let colon = end + 1
    while (text.charCodeAt(colon) === SPACE) colon++
    if (text.charCodeAt(colon) !== COLON || !cursor.isBreakAt(colon + 1)) return null
    if (end > cursor.lineEnd(at)) throw new NotBlockYaml()
    cursor.at = colon + 1
    return checkedKey(quotedText(text, at, end))
  }
}

/** Null where the colon stands in a comment. */
function plainKey(source: string): string | null {
  if (source.includes(' #')) return null
  const isWhole = isPlain(source) && !/^\.\.\.|^[-?:]|\t| $/.test(source)
  if (!isWhole) throw new NotBlockYaml()
  return checkedKey(String(plainValue(source)))
}

function checkedKey(key: string): string {
  if (key === '<<') throw new NotBlockYaml()
  return key
}
