import { isAscii, isUtf8 } from 'node:buffer'
import { SpecError } from './spec-error.js'
import type { WarningList } from './warning-list.js'

/** First bytes of files that people upload by mistake, in hex, and what to call them. */
const BINARY_FORMATS: readonly (readonly [prefix: string, name: string])[] = [
  ['25504446', 'a PDF'],
  ['504b0304', 'a zip archive (or an Office document)'],
  ['504b0506', 'an empty zip archive'],
  ['1f8b', 'a gzip archive'],
  ['425a68', 'a bzip2 archive'],
  ['fd377a585a00', 'an xz archive'],
  ['28b52ffd', 'a zstd archive'],
  ['377abcaf271c', 'a 7z archive'],
  ['526172211a07', 'a RAR archive'],
  ['89504e470d0a1a0a', 'a PNG image'],
  ['ffd8ff', 'a JPEG image'],
  ['47494638', 'a GIF image'],
  ['52494646', 'a WebP image or a WAV sound'],
  ['7f454c46', 'a program (ELF)'],
  ['4d5a90', 'a Windows program'],
  ['0061736d', 'a WebAssembly module'],
  ['cafebabe', 'a Java class'],
  ['d0cf11e0a1b11ae1', 'an old Office document'],
  ['53514c69746520666f726d6174', 'an SQLite database'],
]

/** So much of the start is looked at to tell text from bytes. */
const SAMPLE_BYTES = 4_096

/**
 * The text of an uploaded document. Understands UTF-8, UTF-16 and UTF-32 with and without byte order
 * mark, and Windows-1252 with a warning; of UTF-8 what is invalid is replaced, and NULs are dropped, each
 * with a warning. Throws NOT_TEXT.
 */
export function decodeText(input: Uint8Array | string, warnings: WarningList): string {
  const text = typeof input === 'string' ? input : decodeBytes(asBuffer(input), warnings)
  if (typeof input === 'string') refuseKnownBinary(Buffer.from(text.slice(0, 300), 'latin1'))
  const unmarked = withoutMarks(text, warnings)
  // Looking through bytes is several times faster than through text.
  const mayHaveNuls = typeof input === 'string' || asBuffer(input).includes(0)
  return mayHaveNuls && unmarked.includes('\0') ? withoutNuls(unmarked, warnings) : unmarked
}

/** Of files that were put together each may have had one. */
function withoutMarks(text: string, warnings: WarningList): string {
  const unmarked = text.replace(/^\uFEFF+/, '')
  if (!unmarked.includes('\uFEFF')) return unmarked
  warnings.add('CONTROL_CHARS', '', 'Byte order marks in the middle were left out.')
  return unmarked.replaceAll('\uFEFF', '')
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function decodeBytes(bytes: Buffer, warnings: WarningList): string {
  refuseKnownBinary(bytes)
  const utf32 = utf32Text(bytes)
  if (utf32 !== null) return utf32
  const utf16 = utf16Flavour(bytes)
  if (utf16 !== null) return new TextDecoder(utf16).decode(bytes)
  if (isAscii(bytes)) return bytes.toString('latin1') // The fast way; the same for ASCII.
  const text = bytes.toString('utf8')
  return isUtf8(bytes) ? text : inOldEncoding(bytes, text, warnings)
}

/** Text of which a part is UTF-8 was damaged on its way; where no part is, it never was. */
function inOldEncoding(bytes: Buffer, damaged: string, warnings: WarningList): string {
  refuseNoise(bytes)
  const isDamaged = /[^\0-\x7F\uFFFD]/.test(damaged)
  const what = isDamaged
    ? 'Bytes that could not be read stand as "\uFFFD".'
    : 'It was read as Windows-1252 (Latin-1); save it as UTF-8 if letters are wrong.'
  warnings.add('BAD_ENCODING', '', `The document is not valid UTF-8. ${what}`)
  return isDamaged ? damaged : fromWindows1252(bytes)
}

/** What Windows-1252 has at 80 to 9F, where Latin-1 has nothing that is seen. */
const WINDOWS_1252 = '€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ'

/** Node 20's TextDecoder takes it for Latin-1. */
function fromWindows1252(bytes: Buffer): string {
  return bytes
    .toString('latin1')
    .replace(/[\x80-\x9F]/g, (char) => WINDOWS_1252.charAt(char.charCodeAt(0) - 0x80))
}

function refuseKnownBinary(bytes: Buffer): void {
  const start = bytes.subarray(0, 16).toString('hex')
  const format = BINARY_FORMATS.find(([prefix]) => start.startsWith(prefix))
  if (format !== undefined) throw notText(format[1])
  if (bytes.subarray(257, 262).toString('latin1') === 'ustar') throw notText('a tar archive')
}

/** Told by the three zeros of its first character, the mark or ASCII; null for what is none. */
function utf32Text(bytes: Buffer): string | null {
  const start = bytes.subarray(0, 4).toString('hex')
  const isLittle = /^(?:fffe0000|(?!00)..000000)$/.test(start)
  if ((!isLittle && !/^(?:0000feff|000000(?!00)..)$/.test(start)) || bytes.length < 8) return null
  const text: string[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const code = isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at)
    const isHalf = code >= 0xd800 && code <= 0xdfff
    text.push(code > 0x10ffff || isHalf ? '\uFFFD' : String.fromCodePoint(code))
  }
  return text.join('')
}

function utf16Flavour(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (bytes.length < 2) return null
  const [first, second] = [bytes[0], bytes[1]]
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  return unmarkedUtf16Flavour(bytes.subarray(0, SAMPLE_BYTES))
}

/** Much of any document is ASCII, of which every other byte is zero; else hardly a byte is. */
function unmarkedUtf16Flavour(sample: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (sample.length < 4 || !sample.includes(0)) return null
  const zeros: [number, number] = [0, 0]
  for (const [index, byte] of sample.entries()) if (byte === 0) zeros[index & 1 ? 1 : 0]++
  const [even, odd] = zeros
  const many = sample.length / 8
  if (odd > many && even < odd / 20) return 'utf-16le'
  return even > many && odd < even / 20 ? 'utf-16be' : null
}

/** Neither UTF-8 nor text in an old encoding: too many control bytes. */
function refuseNoise(bytes: Buffer): void {
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  const control = sample.reduce((count, byte) => count + Number(isControl(byte)), 0)
  if (control > sample.length * 0.05) throw notText('binary data')
}

function isControl(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x1b
}

function withoutNuls(padded: string, warnings: WarningList): string {
  const text = padded.replace(/\0+$/, '')
  const sample = text.slice(0, SAMPLE_BYTES)
  const nuls = sample.split('\0').length - 1
  if (nuls > sample.length * 0.05) throw notText('binary data')
  warnings.add('CONTROL_CHARS', '', 'The document holds NUL characters. They were left out.')
  return text.replaceAll('\0', '')
}

function notText(what: string): SpecError {
  return new SpecError(
    'NOT_TEXT',
    `this is ${what}, not text. Upload an OpenAPI document in JSON or YAML (UTF-8).`,
  )
}
