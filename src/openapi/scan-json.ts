import { OpenKeys, usualKey } from './open-keys.js'
import { Span, Spans, type Range } from './span.js'

export interface JsonScan {
  /** Where nesting passes the allowed depth; null where it never does. */
  tooDeepAt: number | null
  /** Keys that stand twice in one object, with the offset of the second. */
  duplicates: Duplicate[]
  /**
   * Where paths, operations and components lie; null unless the text is written without spaces, as
   * `JSON.stringify` would.
   */
  spans: Span | null
}

export interface Duplicate {
  key: string
  offset: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const SPACE = 0x20

/** Enough to know that the document has duplicates and to name some. */
const MAX_DUPLICATES = 100
/** `paths`, a path, a method: what is nested deeper is found with its parent. */
const SPAN_DEPTH = 3

/**
 * One pass over JSON text (that `JSON.parse` accepts) for what the parsed value no longer shows:
 * nesting beyond `maxDepth`, keys given twice in an object (if `isThorough` in any, else in those of
 * the upper levels), and where parts lie. Never recurses; takes a part of the time of `JSON.parse`.
 */
export function scanJson(text: string, maxDepth: number, isThorough: boolean): JsonScan {
  const keys = isThorough ? new OpenKeys(text) : null
  const nested: Nested = { depth: 0, hasSpaces: false, keys, duplicates: [] }
  const open: OpenSpans = { inside: [], latest: [] }
  const tooDeepAt = scanLevels(text, maxDepth, open, nested)
  const { duplicates, hasSpaces } = nested
  if (tooDeepAt !== null || hasSpaces) return { tooDeepAt, duplicates, spans: null }
  const spans = new Span('')
  spans.end = text.length
  spans.inside = open.inside[1] ?? null
  return { tooDeepAt, duplicates, spans }
}

/** By depth, of the object that is open there: the spans in it, and that of the latest key. */
interface OpenSpans {
  inside: (Spans | null)[]
  latest: (Span | null)[]
}

/** Offset where nesting passes `maxDepth`; null where it does not, and `inside[1]` has all spans. */
function scanLevels(
  text: string,
  maxDepth: number,
  { inside, latest }: OpenSpans,
  nested: Nested,
): number | null {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    let char = text.charCodeAt(at)
    if (char <= SPACE) {
      nested.hasSpaces ||= depth > 0
      while (char <= SPACE) char = text.charCodeAt(++at)
    }
    if (char === QUOTE) {
      const end = endOfString(text, at)
      if (isKey(text, end)) {
        const key = usualKey(text.slice(at + 1, end))
        const span = (inside[depth] ??= new Spans()).add(key)
        if (span === null) noteDuplicate(nested.duplicates, key, at)
        latest[depth] = span
      }
      at = end
    } else if (char === 0x7b || char === 0x5b) {
      const span = latest[depth++]
      if (span) span.start = at
      inside[depth] = null
      latest[depth] = null
      if (depth > maxDepth) return at
      if (depth <= SPAN_DEPTH) continue
      nested.depth = depth
      at = passNested(text, at + 1, maxDepth, nested) - 1
      if (nested.depth > maxDepth) return at + 1
    } else if (char === 0x7d || char === 0x5d) {
      const span = latest[--depth]
      if (span) {
        span.end = at + 1
        span.inside = inside[depth + 1] ?? null
      }
    }
  }
  return null
}

/** What is known of the text so far. */
interface Nested {
  /** Of the part that is passed. */
  depth: number
  hasSpaces: boolean
  /** Where keys given twice are looked for. */
  keys: OpenKeys | null
  duplicates: Duplicate[]
}

/**
 * Offset of the bracket that closes what is open at `start`, or of the one inside that passes
 * `maxDepth`, which `nested.depth` then says. Most of a large document is passed here, so it does
 * little, and calls little.
 */
function passNested(text: string, start: number, maxDepth: number, nested: Nested): number {
  const { depth: outer, keys, duplicates } = nested
  let depth = outer
  let at = start
  keys?.open()
  for (; at < text.length && depth <= maxDepth; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      const quote = at
      at = text.indexOf('"', at + 1)
      if (text.charCodeAt(at - 1) === BACKSLASH) at = endOfEscaped(text, at)
      if (at === -1) at = text.length
      if (keys !== null && isKey(text, at) && keys.add(quote + 1, at)) {
        noteDuplicate(duplicates, usualKey(text.slice(quote + 1, at)), quote)
      }
    } else if (char === 0x7b || char === 0x5b) {
      depth++
      keys?.open()
    } else if (char === 0x7d || char === 0x5d) {
      depth--
      keys?.close()
      if (depth < outer) return at
    } else if (char <= SPACE) {
      nested.hasSpaces = true
    }
  }
  nested.depth = depth
  return depth > maxDepth ? at - 1 : at
}

/** Where the list begins that an object without spaces has under a key; -1 where it has none. */
export function listStart(text: string, { start, end }: Range, key: string) {
  const member = `"${key}":[`
  const nested: Nested = { depth: 0, hasSpaces: false, keys: null, duplicates: [] }
  let found = -1 // The last counts, where a key stands twice.
  for (let at = start + 1; at < end; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      if (text.startsWith(member, at)) found = at + member.length - 1
      at = endOfString(text, at)
    } else if (char === 0x7b || char === 0x5b) {
      at = passNested(text, at + 1, end, nested)
    }
  }
  return found
}

/** Offset of the quote that closes the string opened at `start`. */
function endOfString(text: string, start: number): number {
  const quote = text.indexOf('"', start + 1)
  const end = text.charCodeAt(quote - 1) === BACKSLASH ? endOfEscaped(text, quote) : quote
  return end === -1 ? text.length : end
}

/** The first quote from `quote` on that has an even number of backslashes before it; -1 without. */
function endOfEscaped(text: string, quote: number): number {
  let end = quote
  for (; end !== -1; end = text.indexOf('"', end + 1)) {
    let first = end
    while (text.charCodeAt(first - 1) === BACKSLASH) first--
    if ((end - first) % 2 === 0) break
  }
  return end
}

function isKey(text: string, end: number): boolean {
  let at = end + 1
  while (at < text.length && text.charCodeAt(at) <= SPACE) at++
  return text.charCodeAt(at) === COLON
}

function noteDuplicate(duplicates: Duplicate[], key: string, offset: number): void {
  if (duplicates.length < MAX_DUPLICATES) duplicates.push({ key, offset })
}
