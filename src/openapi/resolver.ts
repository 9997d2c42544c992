import { anchorsIn } from './anchors.js'
import type { DocumentParts } from './document-parts.js'
import { isObject, own } from './json-value.js'
import { normalizePointer, pointerSegments } from './json-pointer.js'

/** Longest chain of `$ref` to `$ref` that is followed. Real ones have two or three. */
const MAX_HOPS = 20

/** References on the way of references: `#/a/b` where `a` is behind one. More lead nowhere. */
const MAX_DEPTH = 200

/** Answers local references of one document. Reads nothing outside of it, ever. */
export interface Resolver {
  /** What a normalised pointer names; undefined where nothing is there. */
  target(pointer: string): unknown
  /**
   * The value itself, or what its `$ref` leads to in the end; undefined where it leads nowhere,
   * outside, or in a circle.
   */
  follow(value: unknown): unknown
  /** Where a normalised pointer leads, without `#`, of an anchor too; null where there is none. */
  placeOf(pointer: string): string | null
}

/** `root` is the frame of `parts`, where there are any. */
export function createResolver(root: unknown, parts: DocumentParts | null = null): Resolver {
  const targets = new Map<string, unknown>()
  const byRef = new Map<string, unknown>()
  let anchors: ReadonlyMap<string, string> | null = null
  let depth = 0

  function target(pointer: string): unknown {
    const known = targets.get(pointer)
    if (known !== undefined || targets.has(pointer)) return known
    targets.set(pointer, undefined) // A pointer that needs itself on the way leads nowhere.
    depth++
    const found = depth > MAX_DEPTH ? undefined : find(pointer)
    depth--
    targets.set(pointer, found)
    return found
  }

  function find(pointer: string): unknown {
    const segments = pointerSegments(pointer)
    if (segments === null) {
      const place = placeOf(pointer)
      return place === null ? undefined : target(`#${place}`)
    }
    const start = parts?.keep(segments) ?? { value: root, depth: 0 }
    let { value } = start
    for (const key of segments.slice(start.depth)) value = step(value, key)
    return value
  }

  function placeOf(pointer: string): string | null {
    if (pointer.startsWith('#/')) return pointer.slice(1)
    anchors ??= anchorsIn(parts === null ? root : parts.readAll())
    return anchors.get(pointer.slice(1)) ?? null
  }

  /** One key further; through a `$ref` where the object itself does not have it. */
  function step(value: unknown, key: string): unknown {
    if (Array.isArray(value)) return /^\d{1,9}$/.test(key) ? value[Number(key)] : undefined
    if (!isObject(value)) return undefined
    if (Object.hasOwn(value, key)) return value[key]
    return typeof value['$ref'] === 'string' ? own(follow(value), key) : undefined
  }

  function follow(value: unknown): unknown {
    let current = value
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const ref = own(current, '$ref')
      if (typeof ref !== 'string') return current
      current = named(ref)
    }
    return undefined
  }

  /** By the text of a `$ref`, which is faster than by pointer: few of them are asked for often. */
  function named(ref: string): unknown {
    const known = byRef.get(ref)
    if (known !== undefined) return known
    const pointer = normalizePointer(ref)
    const found = pointer === null ? undefined : target(pointer)
    byRef.set(ref, found)
    return found
  }

  return { target, follow, placeOf }
}
