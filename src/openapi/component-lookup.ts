import { isObject } from './json-value.js'
import { normalizePointer } from './json-pointer.js'

/** Longest chain of `$ref` to `$ref` that is followed. */
const MAX_HOPS = 20

/** Looks references up among loaded components, and remembers which were not there. */
export interface ComponentLookup {
  /** What a normalised pointer names; undefined where it was not loaded. */
  find(pointer: string): unknown
  /** The value itself, or what its `$ref` leads to in the end; undefined where it leads nowhere. */
  follow(value: unknown): unknown
  /** Pointers that were looked for in vain: load them and render again, or they do not exist. */
  readonly missing: ReadonlySet<string>
}

export function createComponentLookup(
  components: Pick<ReadonlyMap<string, unknown>, 'get'>,
): ComponentLookup {
  const missing = new Set<string>()

  function find(pointer: string): unknown {
    const value = components.get(pointer)
    if (value === undefined) missing.add(pointer)
    return value
  }

  function follow(value: unknown): unknown {
    let current = value
    for (let hops = 0; hops < MAX_HOPS; hops++) {
      const pointer = refOf(current)
      if (pointer === undefined) return current
      if (pointer === null) return undefined
      current = find(pointer)
    }
    return undefined
  }

  return { find, follow, missing }
}

/** The normalised pointer of a `$ref`; null where it leaves the document, undefined without one. */
export function refOf(value: unknown): string | null | undefined {
  if (!isObject(value)) return undefined
  const ref = value['$ref'] ?? value['$dynamicRef']
  return typeof ref === 'string' ? normalizePointer(ref) : undefined
}
