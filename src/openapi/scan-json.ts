export interface JsonScan {
  /** Where nesting passes the allowed depth; null where it never does. */
  tooDeepAt: number | null
  /** Keys that stand twice in one object, with the offset of the second. */
  duplicates: { key: string; offset: number }[]
  /**
   * Where paths, operations and components lie; null unless the text is written without spaces, as
   * `JSON.stringify` would.
   */
  spans: Span | null
}

/** Where an object or array lies in the text, and those in it, by key as written. */
export interface Span {
  start: number
  end: number
  /** The value is null for what is neither object nor array. */
  inside: ReadonlyMap<string, Span | null> | null
  /** Of an operation: where its list of parameters begins; -1 without one. */
  parametersStart: number
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const SPACE = 0x20
const PARAMETERS = '"parameters":['

/** Enough to know that the document has duplicates and to name some. */
const MAX_DUPLICATES = 100
/** `paths`, a path, a method: what is nested deeper is found with its parent. */
const SPAN_DEPTH = 3

/**
 * One pass over JSON text (that `JSON.parse` accepts) for what the parsed value no longer shows:
 * nesting beyond `maxDepth`, keys given twice in objects down to `keyDepth` (≥ 3) levels, and where
 * parts lie. Never recurses; takes a part of the time of `JSON.parse`.
 */
export function scanJson(text: string, maxDepth: number, keyDepth: number): JsonScan {
  const scan: JsonScan = { tooDeepAt: null, duplicates: [], spans: null }
  /** By depth, of the object that is open there: its keys with their spans, and the latest key. */
  const inside: (Map<string, Span | null> | null)[] = []
  const keys: (string | null)[] = []
  /** By depth: where the object or array in it began. */
  const starts: number[] = []
  let parametersStart = -1
  let isCompact = true
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    let char = text.charCodeAt(at)
    if (char <= SPACE) {
      isCompact &&= depth === 0
      while (char <= SPACE) char = text.charCodeAt(++at)
    }
    if (char === QUOTE) {
      const end = endOfString(text, at)
      if (depth <= keyDepth && isKey(text, end)) {
        keys[depth] = noteKey(scan, (inside[depth] ??= new Map()), text.slice(at + 1, end), at)
      }
      if (depth === SPAN_DEPTH + 1 && text.startsWith(PARAMETERS, at)) {
        parametersStart = at + PARAMETERS.length - 1
      }
      at = end
    } else if (char === 0x7b || char === 0x5b) {
      starts[depth] = at
      if (depth === SPAN_DEPTH) parametersStart = -1
      depth++
      if (depth > maxDepth) return { ...scan, tooDeepAt: at }
      inside[depth] = null
      keys[depth] = null
    } else if (char === 0x7d || char === 0x5d) {
      depth--
      const key = keys[depth] ?? null
      if (depth <= SPAN_DEPTH && key !== null) {
        const start = starts[depth] ?? at
        const span = { start, end: at + 1, inside: inside[depth + 1] ?? null, parametersStart }
        inside[depth]?.set(key, span)
      }
    }
  }
  const spans = { start: 0, end: text.length, inside: inside[1] ?? null, parametersStart: -1 }
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

function noteKey(
  scan: JsonScan,
  seen: Map<string, Span | null>,
  key: string,
  offset: number,
): string {
  const before = seen.size
  seen.set(key, null)
  if (seen.size === before && scan.duplicates.length < MAX_DUPLICATES) {
    scan.duplicates.push({ key, offset })
  }
  return key
}
