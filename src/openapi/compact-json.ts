/** Spaces that a document has at all, it has near its start. */
const SAMPLE_BYTES = 1_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20

/** By byte: 1 for what separates words (numbers, `true`, `null`), so that no space is needed there. */
const SEPARATES = new Uint8Array(256)
for (const char of '"{}[]:,') SEPARATES[char.charCodeAt(0)] = 1

/**
 * The bytes of a JSON text without the spaces between its parts: half of an indented document, and
 * parts of what is left are as `JSON.stringify` writes them, so they can be cut out. Null where
 * there is nothing to gain, or where the text is no JSON for certain. It is not checked: what is
 * broken stays broken.
 */
export function compactJson(bytes: Uint8Array): Uint8Array | null {
  if (!beginsLikeJson(bytes)) return null
  const end = bytes.length
  const compact = Buffer.allocUnsafe(end)
  let length = 0
  for (let at = 0; at < end;) {
    const byte = bytes[at++] as number
    if (byte <= SPACE && isSpace(byte)) {
      while (bytes[at] === SPACE) at++
      if (wouldJoin(compact[length - 1], bytes[at])) return null
      continue
    }
    compact[length++] = byte
    if (byte !== QUOTE) continue
    let inside = 0
    while (inside !== QUOTE && at < end) {
      compact[length++] = inside = bytes[at++] as number
      if (inside === BACKSLASH) compact[length++] = bytes[at++] ?? 0
    }
  }
  return compact.subarray(0, length)
}

/** An object or a list, and somewhere between its first parts a space. */
function beginsLikeJson(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SAMPLE_BYTES))
  return /^\s*[{[](?:[^"\s]|"(?:[^"\\]|\\.)*")*\s/.test(start.toString('latin1'))
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** Whether two words would become one, as in `1 2`, which is no JSON; a space is asked again. */
function wouldJoin(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) return false
  return !isSpace(after) && SEPARATES[before] === 0 && SEPARATES[after] === 0
}
