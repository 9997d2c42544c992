import { isObject } from './json-value.js'
import { joinPointer, normalizePointer } from './json-pointer.js'

const REF_KEYS = ['$ref', '$dynamicRef']

/** Under these keys stands data of the API, where `$ref` means nothing. */
const DATA_KEYS = new Set(['example', 'examples', 'default', 'enum', 'const', 'value'])

export interface FoundRef {
  ref: string
  /** JSON pointer of the object that holds it. */
  pointer: string
}

/** Every `$ref` in a finite tree, with its place. */
export function findRefs(root: unknown, base = ''): FoundRef[] {
  const found: FoundRef[] = []
  const open: { value: unknown; pointer: string; isNames: boolean }[] = [
    { value: root, pointer: base, isNames: false },
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer, isNames } = next
    if (typeof value !== 'object' || value === null) continue
    if (isObject(value) && !isNames) {
      for (const key of REF_KEYS) {
        const ref = value[key]
        if (typeof ref === 'string') found.push({ ref, pointer })
      }
    }
    for (const [key, inner] of Object.entries(value).reverse()) {
      if (typeof inner !== 'object' || (!isNames && isData(key))) continue
      const hasNames = !isNames && NAME_KEYS.has(key)
      open.push({ value: inner, pointer: joinPointer(pointer, key), isNames: hasNames })
    }
  }
  return found
}

/** Under these keys stand names given by the API, so that even `example` or `$ref` is one. */
const NAME_KEYS = new Set(['properties', 'patternProperties', 'responses', 'schemas', 'headers'])

function isData(key: string): boolean {
  return DATA_KEYS.has(key) || key.startsWith('x-')
}

/** The normalised pointers a value refers to: what a caller loads before it renders the value. */
export function refsOf(value: unknown): string[] {
  const pointers = new Set<string>()
  for (const { ref } of findRefs(value)) {
    const pointer = normalizePointer(ref)
    if (pointer !== null) pointers.add(pointer)
  }
  for (const pointer of securityPointers(value)) pointers.add(pointer)
  return [...pointers]
}

/** Where the schemes lie that an `OperationDefinition` requires. */
function securityPointers(value: unknown): string[] {
  const security = isObject(value) ? value['security'] : undefined
  if (!Array.isArray(security)) return []
  return security
    .filter(isObject)
    .flatMap((requirement) => Object.keys(requirement))
    .map((name) => schemePointer(name))
}

/** Where a security scheme's description is kept, Swagger 2.0's included. */
export function schemePointer(name: string): string {
  return `#${joinPointer('/components/securitySchemes', name)}`
}

/**
 * The references in JSON text as `JSON.stringify` writes it: local ones normalised, and whether
 * there are others. Much faster than a walk, and it finds more: what stands in examples too.
 */
export function pointersInJson(json: string): { pointers: Set<string>; hasForeign: boolean } {
  const refs = new Set<string>()
  let hasForeign = false
  for (const key of REF_KEYS) {
    // Without its first quote the mark begins with a rare character, which makes the search fast.
    const mark = `${key}":"`
    for (let at = json.indexOf(mark); at !== -1; at = json.indexOf(mark, at)) {
      const start = at + mark.length
      const end = json.indexOf('"', start)
      const ref = json.slice(start, end)
      refs.add(ref.includes('\\') ? unescaped(json, start - 1) : ref)
      at = start
    }
  }
  const pointers = new Set<string>()
  for (const ref of refs) {
    const pointer = normalizePointer(ref)
    if (pointer === null) hasForeign = true
    else pointers.add(pointer)
  }
  return { pointers, hasForeign }
}

/** The JSON string whose quote is at `start`, in the rare case that it has escapes in it. */
function unescaped(json: string, start: number): string {
  const literal = /^"(?:[^"\\]|\\.){0,4000}"/.exec(json.slice(start, start + 4_002))?.[0] ?? '""'
  return JSON.parse(literal) as string
}
