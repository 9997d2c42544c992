import { arrayOrEmpty, isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'
import type { ComponentLookup } from './component-lookup.js'

/** Parts of nested `allOf`s that are put together. */
const MAX_PARTS = 100

const LISTED_PER_NODE = 100

/** A schema with its `allOf` parts put together: what an object has, and the choices it leaves. */
export interface FlatSchema {
  /** Scalars of the schema (`type`, `enum`, `format`, …), the outermost first. */
  facts: JsonObject
  properties: Map<string, unknown>
  required: Set<string>
  /** Each `oneOf` or `anyOf` of the schema and of its parts. */
  choices: unknown[][]
}

export function flattenSchema(schema: JsonObject, lookup: ComponentLookup): FlatSchema {
  const flat: FlatSchema = {
    facts: {},
    properties: new Map(),
    required: new Set(),
    choices: [],
  }
  const visited = new Set<unknown>()
  const open: unknown[] = [schema]
  while (open.length > 0 && visited.size < MAX_PARTS) {
    const part = lookup.follow(open.shift())
    if (!isObject(part) || visited.has(part)) continue
    visited.add(part)
    takeIn(part, flat)
    open.unshift(...arrayOrEmpty(part['allOf']).slice(0, MAX_PARTS))
  }
  return flat
}

function takeIn(part: JsonObject, flat: FlatSchema): void {
  for (const [key, value] of Object.entries(part)) {
    if (!SHAPE_KEYS.has(key)) flat.facts[key] ??= value
  }
  if (isObject(part['properties'])) {
    for (const [name, property] of Object.entries(part['properties'])) {
      if (!flat.properties.has(name)) flat.properties.set(name, property)
    }
  }
  for (const name of arrayOrEmpty(part['required'])) {
    if (typeof name === 'string') flat.required.add(name)
  }
  for (const key of ['oneOf', 'anyOf']) {
    const members = arrayOrEmpty(part[key])
    if (members.length > 0) flat.choices.push(members)
  }
}

/** Keys that are put together by their own rules, and one that must not become a prototype. */
const SHAPE_KEYS = new Set(['allOf', 'oneOf', 'anyOf', 'properties', 'required', '__proto__'])

/**
 * As how many more schemas it counts where the schemas that are looked at are counted: one that lists
 * hundreds of things takes as long as several.
 */
export function extraNodes({ properties, required, choices, facts }: FlatSchema): number {
  const mapping = Object.keys(objectOrEmpty(own(facts['discriminator'], 'mapping')))
  const lists = [arrayOrEmpty(facts['enum']), mapping, ...choices]
  const listed = lists.reduce((sum, list) => sum + list.length, properties.size + required.size)
  return Math.floor(listed / LISTED_PER_NODE)
}
