import { isBareName, mappedPointer } from './discriminator.js'
import { isObject, own, type JsonObject } from './json-value.js'
import { FILES_KEY, joinPointer, normalizePointer } from './json-pointer.js'
import { statusesIn } from './statuses.js'

/** Keys whose value names something by a pointer. */
export const REF_KEYS = ['$ref', '$dynamicRef']

/** Under these keys, and `default`, stands data of the API, where `$ref` means nothing. */
const DATA_KEYS = new Set(['example', 'enum', 'const', 'value'])

/** Under these keys stand names given by the API, so that even `example` or `x-a` is one. */
const NAME_KEYS = new Set([
  '$defs',
  'callbacks',
  'content',
  'definitions',
  'dependentSchemas',
  'examples',
  'headers',
  'links',
  'mediaTypes',
  'parameters',
  'pathItems',
  'patternProperties',
  'properties',
  'requestBodies',
  'responses',
  'schemas',
  'securitySchemes',
  FILES_KEY,
])

export interface FoundRef {
  ref: string
  /** JSON pointer of the object that holds it. */
  pointer: string
  holder: JsonObject
  /** The holder's key of the reference. */
  key: string
  /** What the holder stands in, and under which key. */
  parent: JsonObject
  name: string
  /** It is of the mapping of a discriminator. */
  isMapping: boolean
}

/** An object of a document with its place. */
interface VisitedObject {
  value: JsonObject
  pointer: string
  /** Its keys are names given by the API. */
  isNames: boolean
  parent: JsonObject
  name: string
}

/** Every object of a finite tree that says something about the API, and is no data of it. */
export function visitObjects(
  root: unknown,
  base: string,
  visit: (visited: VisitedObject) => void,
): void {
  const open = [{ value: root, pointer: base, isNames: false, parent: {} as JsonObject, name: '' }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer, isNames } = next
    if (typeof value !== 'object' || value === null) continue
    if (isObject(value)) visit({ ...next, value })
    for (const [key, inner] of Object.entries(value).reverse()) {
      if (typeof inner !== 'object' || (!isNames && isData(key, inner, value))) continue
      open.push({
        value: inner,
        pointer: joinPointer(pointer, key),
        isNames: !isNames && NAME_KEYS.has(key),
        parent: value as JsonObject,
        name: key,
      })
    }
  }
}

/** Every `$ref` in a finite tree, and what the mappings of discriminators refer to, with its place. */
export function findRefs(root: unknown, base = ''): FoundRef[] {
  const found: FoundRef[] = []
  visitObjects(root, base, ({ value, pointer, isNames, parent, name }) => {
    for (const key of REF_KEYS) {
      const ref = value[key]
      if (typeof ref === 'string') {
        found.push({ ref, pointer, holder: value, key, parent, name, isMapping: false })
      }
    }
    if (isNames) return
    for (const mapped of mappedRefs(value['discriminator'], pointer)) found.push(mapped)
  })
  return found
}

/** A bare name is one of a component, whatever file it stands in. */
function mappedRefs(discriminator: unknown, pointer: string): FoundRef[] {
  const mapping = own(discriminator, 'mapping')
  if (!isObject(mapping)) return []
  const place = {
    holder: mapping,
    parent: discriminator as JsonObject,
    name: 'mapping',
    isMapping: true,
  }
  return Object.entries(mapping)
    .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
    .map(([key, target]) => {
      const ref = isBareName(target) ? (mappedPointer(target) ?? target) : target
      return { ...place, ref, key, pointer: `${pointer}/discriminator/mapping` }
    })
}

/** A list of `examples` is a schema's, and data; an object of them holds example objects. */
function isData(key: string, value: unknown, holder: object): boolean {
  const isExtension = key.startsWith('x-') && key !== FILES_KEY
  // All answers of an operation may be a file of their own, in which `default` is one of them.
  if (key === 'default') return statusesIn(holder).length === 0
  return DATA_KEYS.has(key) || isExtension || (key === 'examples' && Array.isArray(value))
}

/** The normalised pointers a value refers to: what a caller loads before it renders the value. */
export function refsOf(value: unknown): string[] {
  const pointers = new Set<string>()
  for (const { ref } of findRefs(value)) {
    const pointer = normalizePointer(ref)
    if (pointer !== null) pointers.add(pointer)
  }
  const security = isObject(value) ? value['security'] : undefined
  for (const pointer of securityPointers(security)) pointers.add(pointer)
  return [...pointers]
}

/** Where the schemes lie that the `security` of an `OperationDefinition` requires. */
export function securityPointers(security: unknown): string[] {
  if (!Array.isArray(security)) return []
  return security
    .filter(isObject)
    .flatMap((requirement) => Object.keys(requirement))
    .map((name) => schemePointer(name))
}

/**
 * Where a security scheme's description is kept, Swagger 2.0's included. Since 3.2 a requirement may
 * name one by where it is: `#/components/securitySchemes/key`.
 */
export function schemePointer(name: string): string {
  const pointer = name.startsWith('#/') ? normalizePointer(name) : null
  return pointer ?? joinPointer('#/components/securitySchemes', name)
}
