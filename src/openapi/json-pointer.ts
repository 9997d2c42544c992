/** Longest pointer kept, in UTF-8 bytes: database indexes refuse keys beyond some 2,700. */
const MAX_POINTER_BYTES = 2_000

const UNSTORABLE = /[\0\p{Surrogate}]/u

/**
 * The one spelling of a local `$ref`: `%`-decoded, `~0` and `~1` left as they are. Null for a
 * reference that leaves the document, or that no document needs (NUL, thousands of characters).
 */
export function normalizePointer(ref: string): string | null {
  if (!ref.startsWith('#')) return null
  const pointer = ref.includes('%') ? percentDecoded(ref) : ref
  if (pointer.length > MAX_POINTER_BYTES || UNSTORABLE.test(pointer)) return null
  const isShort = pointer.length * 3 <= MAX_POINTER_BYTES
  return isShort || Buffer.byteLength(pointer) <= MAX_POINTER_BYTES ? pointer : null
}

/** As written where it has a stray `%`. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // A stray %: then it was written without encoding.
  }
}

/** The keys of `#/a/b~1c` → `a`, `b/c`; null for an anchor (`#Pet`) and for `#` itself. */
export function pointerSegments(pointer: string): string[] | null {
  if (!pointer.startsWith('#/')) return null
  const segments = pointer.slice(2).split('/')
  return pointer.includes('~') ? segments.map(unescapeSegment) : segments
}

/** The last key of a pointer, the name of an anchor or of a file: what a schema is called. */
export function pointerName(pointer: string): string {
  const name = pointer.slice(pointer.lastIndexOf('/') + 1)
  if (name.length + FILES_BASE.length === pointer.length && pointer.startsWith(FILES_BASE)) {
    return unescapeSegment(name)
      .replace(/^.*\//, '')
      .replace(/\.\w+$/, '')
  }
  return unescapeSegment(name.startsWith('#') ? name.slice(1) : name)
}

/** Where the other files of a bundle stand in the one document that is made of them, by path. */
export const FILES_KEY = 'x-bundled-files'
export const FILES_BASE = `#/${FILES_KEY}/`

/** `base` with a further key, escaped. */
export function joinPointer(base: string, key: string): string {
  return `${base}/${escapeSegment(key)}`
}

/** A pointer as a reference has it: references are `%`-decoded when they are followed. */
export function encodePercent(pointer: string): string {
  return pointer.replaceAll('%', '%25')
}

function escapeSegment(key: string): string {
  const escaped = key.includes('~') ? key.replaceAll('~', '~0') : key
  return escaped.includes('/') ? escaped.replaceAll('/', '~1') : escaped
}

function unescapeSegment(segment: string): string {
  return segment.includes('~') ? segment.replaceAll('~1', '/').replaceAll('~0', '~') : segment
}
