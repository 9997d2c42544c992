import { isAscii, isUtf8 } from 'node:buffer'

/** So many bytes at a time are asked whether they are ASCII, which takes next to no time. */
const CHUNK_BYTES = 4_096
/** Where more of the text is to be escaped than one run in so many bytes, that takes longer. */
const MIN_BYTES_A_RUN = 200

/** Within a text it is dropped with a warning, and not here. */
const BYTE_ORDER_MARK = Buffer.from('\uFEFF')
const BACKSLASH = 0x5c

/**
 * The text of a JSON document in UTF-8 with escapes (`\u2013`) for all that is not ASCII: a handful
 * of dashes and quotes in most large documents. It says the same, and takes one byte a character
 * where the dashes alone would make it two: it is decoded in no time, and read and cut the faster.
 * Null where much is to be escaped, and for what is no UTF-8 or has NULs.
 */
export function asciiJson(bytes: Uint8Array): string | null {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (!isUtf8(buffer) || buffer.includes(0) || buffer.includes(BYTE_ORDER_MARK, 1)) return null
  const pieces: Buffer[] = []
  let from = 0
  for (const { start, end } of foreignRuns(buffer)) {
    if (pieces.length * MIN_BYTES_A_RUN > 2 * buffer.length) return null
    if (isEscaped(buffer, start)) return null // That is no JSON, and must not become some.
    const text = buffer.toString('utf8', start, end)
    pieces.push(
      buffer.subarray(from, start),
      Buffer.from(escaped(start === 0 ? text.replace(/^\uFEFF/, '') : text)),
    )
    from = end
  }
  if (from === 0) return buffer.toString('latin1')
  pieces.push(buffer.subarray(from))
  return Buffer.concat(pieces).toString('latin1')
}

/** What `asciiJson` escaped as it was, and as `JSON.stringify` would write it. */
export function withoutEscapes(json: string): string {
  return json.replace(
    /\\(?:u([Dd][89ABab][\dA-Fa-f]{2})\\u([Dd][C-Fc-f][\dA-Fa-f]{2})|u([\dA-Fa-f]{4})|.)/gs,
    (written, high?: string, low?: string, one?: string) => {
      if (high !== undefined && low !== undefined) return character(high) + character(low)
      if (one !== undefined && isShown(one)) return character(one)
      return written === '\\/' ? '/' : written
    },
  )
}

/** Bytes beyond ASCII that stand together: whole characters, since no byte of one is ASCII. */
function* foreignRuns(buffer: Buffer): Generator<{ start: number; end: number }> {
  for (let at = 0; at < buffer.length;) {
    const chunkEnd = Math.min(buffer.length, at + CHUNK_BYTES)
    if (isAscii(buffer.subarray(at, chunkEnd))) {
      at = chunkEnd
      continue
    }
    while (at < chunkEnd) {
      if (isForeign(buffer[at])) {
        const start = at
        while (isForeign(buffer[at])) at++
        yield { start, end: at }
      } else at++
    }
  }
}

function isForeign(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x80
}

/** Whether an odd number of backslashes stands before it. */
function isEscaped(buffer: Buffer, start: number): boolean {
  let first = start
  while (buffer[first - 1] === BACKSLASH) first--
  return (start - first) % 2 === 1
}

function escaped(text: string): string {
  let written = ''
  for (let at = 0; at < text.length; at++) {
    written += `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`
  }
  return written
}

function character(hex: string): string {
  return String.fromCharCode(Number.parseInt(hex, 16))
}

/** Not ASCII, which may have to stay escaped, and no half of a character. */
function isShown(hex: string): boolean {
  const unit = Number.parseInt(hex, 16)
  return unit >= 0x80 && (unit < 0xd800 || unit > 0xdfff)
}
