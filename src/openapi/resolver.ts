import { anchorsIn } from './anchors.js'
import type { DocumentParts } from './document-parts.js'
import { isObject, own } from './json-value.js'
import { normalizePointer, pointerSegments } from './json-pointer.js'

/** Longest chain of `$ref` to `$ref` that is followed. Real ones have two or three. */
const MAX_HOPS = 20

/** References on the way of references: `#/a/b` where `a` is behind one. More lead nowhere. */
const MAX_DEPTH = 200

/**
 * Answers local references of one document. Reads nothing outside of it, ever. A class, as all that
 * is made for each document here: V8 forgets what it compiled of functions when none of them is left.
 */
export class Resolver {
  readonly #root: unknown
  readonly #parts: DocumentParts | null
  readonly #targets = new Map<string, unknown>()
  readonly #byRef = new Map<string, unknown>()
  #anchors: ReadonlyMap<string, string> | null = null
  #depth = 0

  /** `root` is the frame of `parts`, where there are any. */
  constructor(root: unknown, parts: DocumentParts | null = null) {
    this.#root = root
    this.#parts = parts
  }

  /** What a normalised pointer names; undefined where nothing is there. */
  target(pointer: string): unknown {
    const known = this.#targets.get(pointer)
    if (known !== undefined || this.#targets.has(pointer)) return known
    this.#targets.set(pointer, undefined) // A pointer that needs itself on the way leads nowhere.
    this.#depth++
    const found = this.#depth > MAX_DEPTH ? undefined : this.#find(pointer)
    this.#depth--
    this.#targets.set(pointer, found)
    return found
  }

  /**
   * The value itself, or what its `$ref` leads to in the end; undefined where it leads nowhere,
   * outside, or in a circle.
   */
  follow(value: unknown): unknown {
    let current = value
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const ref = isObject(current) ? current['$ref'] : undefined
      if (typeof ref !== 'string') return current
      current = this.#named(ref)
    }
    return undefined
  }

  /** Where a normalised pointer leads, without `#`, of an anchor too; null where there is none. */
  placeOf(pointer: string): string | null {
    if (pointer.startsWith('#/')) return pointer.slice(1)
    this.#anchors ??= anchorsIn(this.#parts === null ? this.#root : this.#parts.readAll())
    return this.#anchors.get(pointer.slice(1)) ?? null
  }

  #find(pointer: string): unknown {
    const segments = pointerSegments(pointer)
    if (segments === null) {
      const place = this.placeOf(pointer)
      return place === null ? undefined : this.target(`#${place}`)
    }
    const start = this.#parts?.keep(segments) ?? { value: this.#root, depth: 0 }
    let { value } = start
    for (let at = start.depth; at < segments.length; at++) {
      value = this.#step(value, segments[at] as string)
    }
    return value
  }

  /** One key further; through a `$ref` where the object itself does not have it. */
  #step(value: unknown, key: string): unknown {
    if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined
    if (!isObject(value)) return undefined
    if (Object.hasOwn(value, key)) return value[key]
    return typeof value['$ref'] === 'string' ? own(this.follow(value), key) : undefined
  }

  /** By the text of a `$ref`, which is faster than by pointer: few of them are asked for often. */
  #named(ref: string): unknown {
    const known = this.#byRef.get(ref)
    if (known !== undefined) return known
    const pointer = normalizePointer(ref)
    const found = pointer === null ? undefined : this.target(pointer)
    this.#byRef.set(ref, found)
    return found
  }
}
