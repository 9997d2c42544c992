import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { endianness } from 'node:os'

/** Beside `dist/` and `src/` in the package. */
export const WEIGHTS_FILE = new URL('../../../models/operations-256d.bin', import.meta.url)

/** How much each field of an operation adds to its vector. */
export interface FieldWeights {
  summary: number
  path: number
  operationId: number
  firstSentence: number
  restOfDescription: number
  tags: number
  method: number
  parameters: number
  bodyProperties: number
}

/** What a weights file says about itself. */
export interface WeightsHeader {
  /** Name with version; a new training is a new name. */
  model: string
  dimensions: number
  words: number
  fieldWeights: FieldWeights
}

/** One vector per word, int8, each with its own scale. Words stand by falling frequency. */
export interface Weights {
  header: WeightsHeader
  /** SHA-256 (hex) of the file. */
  sha256: string
  rowOf: ReadonlyMap<string, number>
  /** `words × dimensions`. */
  matrix: Int8Array
  /** A word's vector is its row of the matrix times its scale. */
  scales: Float32Array
}

/** First bytes of a weights file; the last two are the version of its layout. */
const MAGIC = 'OPSVEC01'

/**
 * The layout, all numbers little-endian: magic (8 bytes), length of the header and of the words
 * (uint32 each), the header (JSON), the words (UTF-8, a line feed between two), then, from the next
 * multiple of four, a float32 scale for each word and the int8 matrix.
 */
export function writeWeights(
  header: Omit<WeightsHeader, 'words'>,
  words: readonly string[],
  scales: Float32Array,
  matrix: Int8Array,
): Buffer {
  const headerBytes = Buffer.from(JSON.stringify({ ...header, words: words.length }))
  const wordBytes = Buffer.from(words.join('\n'))
  const start = scalesStart(headerBytes.length, wordBytes.length)
  const file = Buffer.alloc(start + scales.length * 4 + matrix.length)
  file.write(MAGIC, 0, 'latin1')
  file.writeUInt32LE(headerBytes.length, 8)
  file.writeUInt32LE(wordBytes.length, 12)
  headerBytes.copy(file, 16)
  wordBytes.copy(file, 16 + headerBytes.length)
  for (const [row, scale] of scales.entries()) file.writeFloatLE(scale, start + row * 4)
  file.set(
    new Uint8Array(matrix.buffer, matrix.byteOffset, matrix.length),
    start + scales.length * 4,
  )
  return file
}

/** Reads a weights file. Throws when it is none, is of another layout, or is cut short. */
export function readWeights(file: Buffer): Weights {
  if (file.toString('latin1', 0, 8) !== MAGIC) {
    throw new Error(`The weights file does not start with ${MAGIC}: install the package again.`)
  }
  const headerLength = file.readUInt32LE(8)
  const wordsLength = file.readUInt32LE(12)
  const header = JSON.parse(file.toString('utf8', 16, 16 + headerLength)) as WeightsHeader
  const wordsStart = 16 + headerLength
  const words = file.toString('utf8', wordsStart, wordsStart + wordsLength).split('\n')
  const start = scalesStart(headerLength, wordsLength)
  const matrixStart = start + header.words * 4
  const matrixLength = header.words * header.dimensions
  if (words.length !== header.words || file.length !== matrixStart + matrixLength) {
    throw new Error('The weights file is cut short or broken: install the package again.')
  }
  return {
    header,
    sha256: createHash('sha256').update(file).digest('hex'),
    rowOf: new Map(words.map((word, row) => [word, row])),
    matrix: new Int8Array(file.buffer, file.byteOffset + matrixStart, matrixLength),
    scales: floatsIn(file.subarray(start, matrixStart)),
  }
}

/** A loop of `readFloatLE` takes 5 ms of a process that was just started. */
function floatsIn(littleEndian: Uint8Array): Float32Array {
  const floats = new Float32Array(littleEndian.length / 4)
  const bytes = Buffer.from(floats.buffer)
  bytes.set(littleEndian)
  if (endianness() === 'BE') bytes.swap32()
  return floats
}

/** The words of a weights file alone; the rest of it is not read. */
export async function readWords(path: URL): Promise<string[]> {
  await using file = await open(path)
  const lengths = Buffer.alloc(16)
  await file.read(lengths, 0, lengths.length, 0)
  const words = Buffer.alloc(lengths.readUInt32LE(12))
  await file.read(words, 0, words.length, 16 + lengths.readUInt32LE(8))
  return words.toString('utf8').split('\n')
}

function scalesStart(headerLength: number, wordsLength: number): number {
  return Math.ceil((16 + headerLength + wordsLength) / 4) * 4
}
