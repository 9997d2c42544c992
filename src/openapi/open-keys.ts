/** So many keys of an object are compared with each other; most have fewer. More go into a set. */
const MAX_COMPARED = 32

/**
 * The keys of the JSON objects that are open at a place of a text, each inside the one before, to
 * tell when one is given twice. Keys are compared where they stand by their length and some of their
 * characters, so that hardly any is cut out of the text.
 */
export class OpenKeys {
  readonly #text: string
  /** Of all open objects, those of the innermost last: mark, start and end of each key. */
  readonly #marks: number[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #size = 0
  /** The first behind the keys so far: hardly any key has escapes. */
  #nextBackslash = -1
  /** By object, the innermost last: where its keys begin, and all of them if they are many. */
  readonly #firsts: number[] = []
  readonly #sets: (Set<string> | null)[] = []

  constructor(text: string) {
    this.#text = text
  }

  /** An object or a list begins. */
  open(): void {
    this.#firsts.push(this.#size)
    this.#sets.push(null)
  }

  close(): void {
    this.#size = this.#firsts.pop() ?? 0
    this.#sets.pop()
  }

  /** Notes a key of the innermost object; whether that had it before. */
  add(start: number, end: number): boolean {
    const set = this.#sets.at(-1) ?? null
    if (set !== null) return set.size === set.add(this.#keyAt(start, end)).size
    const mark = this.#markOf(start, end)
    const first = this.#firsts.at(-1) ?? 0
    for (let at = first; at < this.#size; at++) {
      if (this.#marks[at] === mark && this.#key(at) === this.#keyAt(start, end)) return true
    }
    this.#marks[this.#size] = mark
    this.#starts[this.#size] = start
    this.#ends[this.#size++] = end
    if (this.#size - first === MAX_COMPARED) this.#makeSet(first)
    return false
  }

  #makeSet(first: number): void {
    const set = new Set<string>()
    for (let at = first; at < this.#size; at++) set.add(this.#key(at))
    this.#sets[this.#sets.length - 1] = set
  }

  #key(at: number): string {
    return this.#keyAt(this.#starts[at] ?? 0, this.#ends[at] ?? 0)
  }

  #keyAt(start: number, end: number): string {
    return usualKey(this.#text.slice(start, end))
  }

  /** Of a key with escapes, which can be written in many ways, that of its usual way. */
  #markOf(start: number, end: number): number {
    if (this.#nextBackslash < start) this.#nextBackslash = backslashFrom(this.#text, start)
    if (this.#nextBackslash >= end) return markOf(this.#text, start, end)
    const key = this.#keyAt(start, end)
    return markOf(key, 0, key.length)
  }
}

/** Length, first, middle and last character: as they are in most texts, a byte of each. */
function markOf(text: string, start: number, end: number): number {
  const last = text.charCodeAt(end - 1)
  const middle = text.charCodeAt((start + end) >> 1)
  return ((end - start) << 24) ^ (text.charCodeAt(start) << 16) ^ (middle << 8) ^ last
}

/** Infinity where there is none. */
function backslashFrom(text: string, start: number): number {
  const at = text.indexOf('\\', start)
  return at === -1 ? Infinity : at
}

/** A key as `JSON.stringify` writes it: `\u0067et` is `get`. */
export function usualKey(key: string): string {
  if (!key.includes('\\')) return key
  try {
    return JSON.stringify(JSON.parse(`"${key}"`)).slice(1, -1)
  } catch {
    return key
  }
}
