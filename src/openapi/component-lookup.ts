import { arrayOrEmpty, isObject, type JsonObject } from './json-value.js'
import { normalizePointer } from './json-pointer.js'

/** Longest chain of `$ref` to `$ref` that is followed. */
const MAX_HOPS = 20

/** Looks references up among loaded components, and remembers which were not there. */
export interface ComponentLookup {
  /** What a normalised pointer names; undefined where it was not loaded. */
  find(pointer: string): unknown
  /**
   * The value itself, or what its `$ref` leads to in the end, with what stands beside the `$ref`;
   * undefined where it leads nowhere.
   */
  follow(value: unknown): unknown
  /** Pointers that were looked for in vain: load them and render again, or they do not exist. */
  readonly missing: ReadonlySet<string>
}

export function createComponentLookup(
  components: Pick<ReadonlyMap<string, unknown>, 'get'>,
): ComponentLookup {
  const missing = new Set<string>()
  /** Made once, so that walks see where they have been. */
  const joined = new WeakMap<object, unknown>()

  function find(pointer: string): unknown {
    const value = components.get(pointer)
    if (value === undefined) missing.add(pointer)
    return value
  }

  function follow(value: unknown): unknown {
    if (!isObject(value) || !hasSiblings(value)) return target(value)
    if (!joined.has(value)) joined.set(value, withSiblings(value, target(value)))
    return joined.get(value)
  }

  function target(value: unknown): unknown {
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

/** Whether something stands beside a `$ref`, which holds too since 3.1, and is meant to before. */
function hasSiblings(value: JsonObject): boolean {
  if (value['$ref'] === undefined) return false
  for (const key in value) if (key !== '$ref') return true
  return false
}

/** Properties and compositions of a schema come to those of the target, all else goes before it. */
function withSiblings(value: JsonObject, target: unknown): unknown {
  if (!isObject(target)) return target
  if (changesShape(value)) return besides(value)
  const { $ref: _, ...siblings } = value
  return { ...target, ...siblings }
}

/** The keywords that say what a schema is, and not only what is said about it. */
const SHAPE_KEYS = [
  'properties',
  'enum',
  'const',
  'items',
  'allOf',
  'oneOf',
  'anyOf',
  'patternProperties',
]

/** Whether a schema, beside a `$ref` or an `allOf` of one, is another than what that gives. */
export function changesShape(schema: JsonObject): boolean {
  // Of a parameter it is no list.
  if (Array.isArray(schema['required'])) return true
  return SHAPE_KEYS.some((key) => schema[key] !== undefined)
}

/** A `$ref` with siblings as the `allOf` that it is. */
export function besides({ $ref, allOf, ...siblings }: JsonObject): JsonObject {
  return { ...siblings, allOf: [{ $ref }, ...arrayOrEmpty(allOf)] }
}

/** The normalised pointer of a `$ref`; null where it leaves the document, undefined without one. */
export function refOf(value: unknown): string | null | undefined {
  if (!isObject(value)) return undefined
  const ref = value['$ref'] ?? value['$dynamicRef']
  return typeof ref === 'string' ? normalizePointer(ref) : undefined
}
