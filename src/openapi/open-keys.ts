/** So many keys of an object are compared with each other; most have fewer. More go into a set. */
const MAX_COMPARED = 32

const BACKSLASH = 0x5c
const FNV_BASIS = 0x811c9dc5
const FNV_PRIME = 0x01000193

/**
 * The keys of the JSON objects that are open at a place of a text, each inside the one before, to
 * tell when one is given twice. Keys are compared by a hash where they stand, so that hardly any is
 * cut out of the text.
 */
export class OpenKeys {
  readonly #text: string
  /** Of all open objects, those of the innermost last: hash, start and end of each key. */
  readonly #hashes: number[] = []
  readonly #starts: number[] = []
  readonly #ends: number[] = []
  #size = 0
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
    const hash = this.#hashOf(start, end)
    const first = this.#firsts.at(-1) ?? 0
    for (let at = first; at < this.#size; at++) {
      if (this.#hashes[at] === hash && this.#key(at) === this.#keyAt(start, end)) return true
    }
    this.#hashes[this.#size] = hash
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
  #hashOf(start: number, end: number): number {
    let hash = FNV_BASIS
    for (let at = start; at < end; at++) {
      const unit = this.#text.charCodeAt(at)
      if (unit === BACKSLASH) return hashOf(this.#keyAt(start, end))
      hash = Math.imul(hash ^ unit, FNV_PRIME)
    }
    return hash
  }
}

/** FNV-1a with 32 bits, over UTF-16 units. */
function hashOf(text: string): number {
  let hash = FNV_BASIS
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME)
  return hash
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
