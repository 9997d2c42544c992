import { LIMIT_SETTINGS, SpecError, type ParseLimits } from './spec-error.js'

/**
 * What these add to the memory of a value at most, in bytes, by what V8 keeps on 64 bits: an object, a
 * list with its room, a key in a large object, a number among others, and each half of a text.
 */
const COSTS = [
  ['{', 64],
  ['[', 56],
  [':', 64],
  [',', 24],
  ['"', 16],
] as const
/** Of a byte in the mean at most, since what is opened is closed: `{"":` and its `}`. */
const MEAN_COST = 33
/** So many are counted before it is asked whether that is enough. */
const CHUNK_BYTES = 65_536
/** In a text that is not Latin a character has two bytes. */
const COST_OF = new Uint8Array(256).fill(2)
for (const [char, cost] of COSTS) COST_OF[char.charCodeAt(0)] = cost

/**
 * Throws SpecError TOO_LARGE where JSON may take more memory than the thread has that reads it:
 * `JSON.parse` does not stop there, and would end the whole process. 64 MB of `{},` take 1.3 GB; real
 * documents a tenth of that, and what is counted here is some 6 times their length.
 */
export function checkRoom(input: Uint8Array | string, limits: ParseLimits): void {
  const room = memoryBytes(limits)
  if (input.length * MEAN_COST > room && treeBytes(input, room) > room) throw tooMuch(limits)
}

/** The memory that is left while several texts are read whose values are kept. */
export class TreeRoom {
  readonly #limits: ParseLimits
  #left: number

  /** `share` of all that reading may take. */
  constructor(limits: ParseLimits, share = 1) {
    this.#limits = limits
    this.#left = memoryBytes(limits) * share
  }

  /** Throws SpecError TOO_LARGE where the value of one more may take more than is left. */
  take(input: Uint8Array | string): void {
    this.#left -= treeBytes(input)
    if (this.#left < 0) throw tooMuch(this.#limits)
  }
}

function tooMuch({ parseMemoryMb }: ParseLimits): SpecError {
  return new SpecError(
    'TOO_LARGE',
    `reading the document may take more than ${parseMemoryMb} MB of memory. ` +
      `Split it, or raise ${LIMIT_SETTINGS.parseMemoryMb}.`,
  )
}

function memoryBytes({ parseMemoryMb }: ParseLimits): number {
  return parseMemoryMb * 1024 * 1024
}

/**
 * At most. Counted only until the rest can no longer pass `room`. YAML is read step by step, and
 * stopped when it has used its memory: for it, and other text, 0.
 */
function treeBytes(input: Uint8Array | string, room = 0): number {
  const bytes = typeof input === 'string' ? Buffer.from(input, 'latin1') : input
  if (!isJson(bytes)) return 0
  let [size, at] = [0, 0]
  while (size + (bytes.length - at) * MEAN_COST > room && at < bytes.length) {
    const end = Math.min(bytes.length, at + CHUNK_BYTES)
    // By index, which takes a tenth of the time.
    for (; at < end; at++) size += COST_OF[bytes[at] ?? 0] ?? 0
  }
  return size + (bytes.length - at) * MEAN_COST
}

/** Or JSON with something before it. */
function isJson(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 1_000)).toString('latin1')
  return /^(?:[\s\0]|\xEF\xBB\xBF|\xFE\xFF|\xFF\xFE)*[{[/)]/.test(start)
}
