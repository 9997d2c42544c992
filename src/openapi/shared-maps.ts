import { visitObjects } from './find-refs.js'
import { encodePercent, joinPointer, normalizePointer } from './json-pointer.js'
import { isObject, type JsonObject } from './json-value.js'
import { Resolver } from './resolver.js'
import type { SourceText } from './source-text.js'
import { setOwn } from './untangle.js'

/** Maps by the names of an API, of which only what is in them may be a reference by the rules. */
const MAPS = new Set([
  'callbacks',
  'content',
  'examples',
  'headers',
  'links',
  'patternProperties',
  'properties',
  'responses',
])

/** Entries that are made at most. A thousand operations that share 20 answers need 20,000. */
const MOST_ENTRIES = 200_000

/**
 * Unfolds maps that are one reference: `responses: {$ref: common.yaml}` becomes a reference to each
 * of the answers there, beside those of its own, which win. Tools that resolve every `$ref` have
 * taught people to write so, and those that bundle leave `#/paths/~1a/get/responses` where a map is
 * used again. One level deep, so that maps in a circle stay finite. Whether there were any; `root`
 * is changed then.
 */
export function unfoldMaps(root: JsonObject): boolean {
  const resolver = new Resolver(root)
  let entries = 0
  visitObjects(root, '', ({ value, pointer, isNames, parent, name }) => {
    const ref = value['$ref']
    if (!isNames || typeof ref !== 'string' || !MAPS.has(name) || isOfComponents(pointer)) return
    const map = unfolded(value, ref, resolver)
    if (map === null) return
    entries += Object.keys(map).length
    if (entries <= MOST_ENTRIES) setOwn(parent, name, map)
  })
  return entries > 0
}

/** What these hold is found by its pointer, through the reference. */
function isOfComponents(pointer: string): boolean {
  return /^\/components\/\w+$/.test(pointer)
}

/** Null where the reference leads to no map. */
function unfolded(written: JsonObject, ref: string, resolver: Resolver): JsonObject | null {
  const pointer = normalizePointer(ref)
  const place = pointer === null ? null : resolver.placeOf(pointer)
  const target = resolver.follow(written)
  if (place === null || !isObject(target)) return null
  const map: JsonObject = {}
  for (const [key, value] of Object.entries(target)) {
    if (!isObject(value) && typeof value !== 'boolean') continue
    setOwn(map, key, { $ref: `#${encodePercent(joinPointer(place, key))}` })
  }
  for (const [key, value] of Object.entries(written)) if (key !== '$ref') setOwn(map, key, value)
  return map
}

/** A pointer to a map of another part of the document, or to what stands outside of all parts. */
const MAP_POINTER = new RegExp(`^#/[^/]+$|/(?:${[...MAPS].join('|')})$`)
/** A component or a property may be called like a map. */
const CALLED_POINTER = /^#\/(?:components\/)?\w+\/[^/]+$|\/properties\/[^/]+$/

const WRITTEN_MAP = new RegExp(`\\b(?:${[...MAPS].join('|')})["']?:\\s*\\{?\\s*["']?\\$ref`)

/** Whether a map of a document may be a reference; `source` is null where that was not looked through. */
export function mayHaveMaps(text: string, source: SourceText | null): boolean {
  return source === null ? WRITTEN_MAP.test(text) : source.refs.some(isMapPointer)
}

function isMapPointer(pointer: string): boolean {
  return MAP_POINTER.test(pointer) && !CALLED_POINTER.test(pointer)
}
