import {
  constructFromEvents,
  CORE_SCHEMA,
  defineMappingTag,
  EVENT_ID,
  mapTag,
  parseEvents,
} from 'js-yaml'
import { readBlockYaml } from './block-yaml.js'
import { isObject, type JsonObject } from './json-value.js'
import { otherTags } from './other-tags.js'
import { forgivingScalars } from './scalar-tags.js'
import { setOwn } from './untangle.js'

export interface YamlReading {
  documents: unknown[]
  aliasCount: number
  /** Objects with a key given twice, and the key. */
  duplicates: { object: object; key: string }[]
  /** Objects with a key that is no text (a list, `{{ template }}`); such are left out. */
  withOddKeys: Set<object>
  /** Objects with a merge key (`<<`) of which something is no object; that is merged as nothing. */
  withOddMerges: Set<object>
  /** Tags that mean something to other programs: `!Sub`, `!!timestamp`. */
  tags: Set<string>
}

/** Enough to know that the document has duplicates and to name some. */
const MAX_DUPLICATES = 100

/** What merge keys may copy in one document. Real ones copy some dozens, a bomb billions. */
const MAX_MERGED_KEYS = 1_000_000

/**
 * Reads YAML 1.2 (so `NO`, `yes` and dates stay text) with merge keys. What stands behind tags of
 * other programs is kept; those of programming languages are refused. A key given twice is no error:
 * see `joined`.
 * Throws js-yaml's YAMLException.
 */
export function readYaml(text: string, maxDepth: number, maxAliases: number): YamlReading {
  const found = {
    duplicates: [],
    withOddKeys: new Set<object>(),
    withOddMerges: new Set<object>(),
    tags: new Set<string>(),
  }
  const simple = readBlockYaml(text, maxDepth)
  if (simple !== null) return { documents: [simple], aliasCount: 0, ...found }
  const events = parseEvents(text, { maxDepth })
  let aliasCount = 0
  for (const event of events) if (event.type === EVENT_ID.ALIAS) aliasCount++
  const mapping = forgivingMapTag(found)
  const tags = [mapping, ...forgivingScalars, ...otherTags(mapping, found.tags)]
  const schema = CORE_SCHEMA.withTags(...tags)
  // `json` turns off the library's own refusal of duplicate keys.
  const documents = constructFromEvents(events, { source: text, schema, json: true, maxAliases })
  return { documents, aliasCount, ...found }
}

/**
 * js-yaml's mapping, except that a key given twice is noted and its values are joined, that a key
 * that is no text is noted and left out, and that a merge (`<<`) of what is no mapping is noted and
 * adds nothing. Keys that came by a merge may be overridden.
 */
function forgivingMapTag({
  duplicates,
  withOddKeys,
  withOddMerges,
}: Pick<YamlReading, 'duplicates' | 'withOddKeys' | 'withOddMerges'>) {
  const merged = new WeakMap<object, Set<string>>()
  let mergedKeys = 0

  /** Of several the first that has a key gives its value. */
  function merge(object: JsonObject, value: unknown): string {
    for (const source of Array.isArray(value) ? value : [value]) {
      if (!isObject(source)) {
        if (withOddMerges.size < MAX_DUPLICATES) withOddMerges.add(object)
        continue
      }
      for (const name of Object.keys(source)) {
        if (++mergedKeys > MAX_MERGED_KEYS) return `merge keys copy more than ${MAX_MERGED_KEYS}`
        if (Object.hasOwn(object, name)) continue
        merged.set(object, (merged.get(object) ?? new Set()).add(name))
        setOwn(object, name, source[name])
      }
    }
    return ''
  }

  const { create, identify, has, keys, get } = mapTag
  return defineMappingTag<JsonObject>(mapTag.tagName, {
    create,
    identify,
    has,
    keys,
    get,
    addPair: (object, key, value) => {
      if (key !== null && typeof key === 'object') {
        if (withOddKeys.size < MAX_DUPLICATES) withOddKeys.add(object)
        return ''
      }
      const name = String(key)
      if (name === '<<') return merge(object, value)
      if (Object.hasOwn(object, name) && merged.get(object)?.delete(name) !== true) {
        if (duplicates.length < MAX_DUPLICATES) duplicates.push({ object, key: name })
        setOwn(object, name, joined(object[name], value))
        return ''
      }
      setOwn(object, name, value)
      return ''
    },
  })
}

/** Keys by which an object is one thing (an operation, a schema), not a set of named things. */
const THING_KEYS = ['responses', 'operationId', 'type', 'properties', '$ref', 'schema', 'content']

/**
 * What a key given twice stands for: for two sets of named things (paths, path items, schemas)
 * both, so that `get /a` and `post /a` survive; else the later value, as in JSON. Three levels
 * reach from `components` or `paths` to what they name.
 */
function joined(first: unknown, second: unknown, levels = 3): unknown {
  if (!isObject(first) || !isObject(second) || levels === 0) return second
  if (THING_KEYS.some((key) => Object.hasOwn(first, key) || Object.hasOwn(second, key))) {
    return second
  }
  const both: JsonObject = { ...first }
  for (const [key, value] of Object.entries(second)) {
    setOwn(both, key, Object.hasOwn(both, key) ? joined(both[key], value, levels - 1) : value)
  }
  return both
}
