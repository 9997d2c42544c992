import { joinPointer } from './json-pointer.js'

export interface JsonScan {
  /** Where nesting passes the allowed depth; null where it never does. */
  tooDeepAt: number | null
  /** Keys that stand twice in one object, with the offset of the second. */
  duplicates: { key: string; offset: number }[]
  /**
   * Where the operations, their parameters and the components lie, by JSON pointer; null unless the
   * text is written without spaces, as `JSON.stringify` would.
   */
  spans: ReadonlyMap<string, Span> | null
}

export interface Span {
  start: number
  end: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const SPACE = 0x20

/** Enough to know that the document has duplicates and to name some. */
const MAX_DUPLICATES = 100
/** Levels at which spans are kept: `paths`, a path, a method, `parameters`. */
const SPAN_DEPTH = 4

/**
 * One pass over JSON text (that `JSON.parse` accepts) for what the parsed value no longer shows:
 * nesting beyond `maxDepth`, keys given twice in objects down to `keyDepth` levels, and where parts
 * lie. Never recurses; takes a part of the time of `JSON.parse`.
 */
export function scanJson(text: string, maxDepth: number, keyDepth: number): JsonScan {
  const scan: JsonScan = { tooDeepAt: null, duplicates: [], spans: null }
  const spans = new Map<string, Span>()
  const seen: (Set<string> | undefined)[] = []
  /** By depth: the latest key, and where its value began. */
  const keys: (string | undefined)[] = []
  const starts: number[] = []
  let isCompact = true
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at)
    if (char === QUOTE) {
      const end = endOfString(text, at)
      if (depth <= keyDepth && isKey(text, end)) {
        const key = text.slice(at + 1, end)
        keys[depth] = key
        noteKey(scan, (seen[depth] ??= new Set()), key, at)
      }
      at = end
    } else if (char === 0x7b || char === 0x5b) {
      starts[depth] = at
      depth++
      seen[depth] = undefined
      keys[depth] = undefined
      if (depth > maxDepth) return { ...scan, tooDeepAt: at }
    } else if (char === 0x7d || char === 0x5d) {
      depth--
      if (depth > 1 && depth <= SPAN_DEPTH)
        noteSpan(spans, keys, depth, starts[depth] ?? at, at + 1)
    } else if (char <= SPACE) {
      isCompact &&= depth === 0
    }
  }
  return isCompact ? { ...scan, spans } : scan
}

/** Offset of the quote that closes the string opened at `start`. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end === -1 ? text.length : end
}

/** Whether an odd number of backslashes stands before. */
function isEscaped(text: string, at: number): boolean {
  let first = at
  while (text.charCodeAt(first - 1) === BACKSLASH) first--
  return (at - first) % 2 === 1
}

function isKey(text: string, end: number): boolean {
  let at = end + 1
  while (at < text.length && text.charCodeAt(at) <= SPACE) at++
  return text.charCodeAt(at) === COLON
}

function noteKey(scan: JsonScan, seen: Set<string>, key: string, offset: number): void {
  const before = seen.size
  seen.add(key)
  if (seen.size === before && scan.duplicates.length < MAX_DUPLICATES) {
    scan.duplicates.push({ key, offset })
  }
}

/** Keeps `/paths/x/get`, its `parameters`, `/components/schemas/X` and `/definitions/X`. */
function noteSpan(
  spans: Map<string, Span>,
  keys: readonly (string | undefined)[],
  depth: number,
  start: number,
  end: number,
): void {
  const [, root, second, third, fourth] = keys
  if (second === undefined) return
  const isHere =
    root === 'definitions'
      ? depth === 2
      : (root === 'paths' || root === 'components') &&
        third !== undefined &&
        (depth === 3 || (depth === 4 && root === 'paths' && fourth === 'parameters'))
  if (!isHere) return
  const path = [root, second, third, fourth].slice(0, depth).map((key) => unescaped(key ?? ''))
  spans.set(joinPointer('', ...path), { start, end })
}

/** A key as it is meant, from a key as it is written. */
function unescaped(key: string): string {
  return key.includes('\\') ? (JSON.parse(`"${key}"`) as string) : key
}
