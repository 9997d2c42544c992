import { arrayOrEmpty, isObject, own, type JsonObject } from './json-value.js'
import type { Resolver } from './resolver.js'
import { cleanNames, joinUpTo, shortName } from './short-names.js'

/** Parts of `allOf`, `oneOf` and `anyOf` looked at for one shape. */
const MAX_PARTS = 200
/** Names kept of one body. */
const MAX_PROPERTIES = 200

export interface ObjectShape {
  /** Cleaned names of the top-level properties, in their order. */
  names: string[]
  /** `{title, body?, …}`: required ones first, as many as fit. */
  label: string
}

const NO_SHAPE: ObjectShape = { names: [], label: '{}' }
const MAX_LABEL_CHARS = 52

/**
 * The names of the top-level properties of schemas, through `$ref`s, arrays and compositions, in
 * their order; none for anything that is no object. Remembers each schema: thousands of operations
 * share a few hundred.
 */
export class Shapes {
  readonly #resolver: Resolver
  readonly #known = new Map<JsonObject, ObjectShape>()

  constructor(resolver: Resolver) {
    this.#resolver = resolver
  }

  of(schema: unknown): ObjectShape {
    const value = this.#resolver.follow(schema)
    if (!isObject(value)) return NO_SHAPE
    const remembered = this.#known.get(value)
    if (remembered !== undefined) return remembered
    const parts = isPlain(value) ? ownParts(value) : composedParts(value, this.#resolver)
    const shape = shapeFrom(parts)
    this.#known.set(value, shape)
    return shape
  }
}

interface ObjectParts {
  properties: readonly string[]
  required: ReadonlySet<string>
}

function shapeFrom({ properties, required }: ObjectParts): ObjectShape {
  if (properties.length === 0) return NO_SHAPE
  const shown: string[] = []
  for (const name of properties) if (required.has(name)) shown.push(shortName(name))
  for (const name of properties) if (!required.has(name)) shown.push(`${shortName(name)}?`)
  const label = joinUpTo(shown, MAX_LABEL_CHARS - 2)
  return { names: cleanNames(properties), label: `{${label}}` }
}

function isPlain(schema: JsonObject): boolean {
  const { allOf, oneOf, anyOf, items } = schema
  return allOf === undefined && oneOf === undefined && anyOf === undefined && items === undefined
}

function ownParts(schema: JsonObject): ObjectParts {
  const names = Object.keys(propertiesOf(schema)).slice(0, MAX_PROPERTIES)
  return { properties: names, required: new Set(requiredOf(schema)) }
}

function requiredOf(schema: JsonObject): string[] {
  return arrayOrEmpty(schema['required']).filter((name) => typeof name === 'string')
}

function composedParts(schema: JsonObject, resolver: Resolver): ObjectParts {
  const properties = new Set<string>()
  const required = new Set<string>()
  const visited = new Set<unknown>()
  const open: { schema: unknown; isSure: boolean }[] = [{ schema, isSure: true }]
  for (let at = 0; at < open.length && visited.size < MAX_PARTS; at++) {
    const part = open[at]
    const value = resolver.follow(part?.schema)
    if (part === undefined || !isObject(value) || visited.has(value)) continue
    visited.add(value)
    const { isSure } = part
    const own = ownParts(value)
    for (const name of own.properties) if (properties.size < MAX_PROPERTIES) properties.add(name)
    if (isSure) for (const name of own.required) required.add(name)
    for (const inner of arrayOrEmpty(value['allOf'])) open.push({ schema: inner, isSure })
    const choices = [...arrayOrEmpty(value['oneOf']), ...arrayOrEmpty(value['anyOf'])]
    for (const inner of choices) open.push({ schema: inner, isSure: false })
    if (value['items'] !== undefined) open.push({ schema: value['items'], isSure })
  }
  return { properties: [...properties], required }
}

export function propertiesOf(schema: JsonObject): JsonObject {
  const properties = schema['properties']
  return isObject(properties) ? properties : {}
}

export interface MediaType {
  /** `application/json`; `''` where the document names none. */
  type: string
  /** The schema as written; of one item, where only that is given (3.2 streams). */
  schema: unknown
  isStream: boolean
  media: JsonObject
}

/**
 * The media type to show of a `content` object: JSON first, then forms, then the first. 3.2 lets it
 * stand in `components.mediaTypes`, behind a reference.
 */
export function mainMedia(content: unknown, refs: Pick<Resolver, 'follow'>): MediaType | null {
  if (!isObject(content)) return null
  const type = mainType(Object.keys(content))
  if (type === undefined) return null
  const media = refs.follow(own(content, type))
  if (!isObject(media)) return { type, schema: undefined, isStream: false, media: {} }
  const isStream = media['schema'] === undefined && media['itemSchema'] !== undefined
  const schema = isStream ? media['itemSchema'] : media['schema']
  return { type, schema, isStream, media }
}

function mainType(types: string[]): string | undefined {
  if (types.length < 2) return types[0]
  return (
    types.find((name) => /^application\/json\b/i.test(name)) ??
    types.find((name) => /[+/]json\b/i.test(name)) ??
    types.find((name) => /form/i.test(name)) ??
    types[0]
  )
}

/** The success response to show: 200, 201, another 2xx, `2XX`, `default`; null where none is. */
export function successResponse(responses: unknown): { status: string; response: unknown } | null {
  if (!isObject(responses)) return null
  if (responses['200'] !== undefined) return { status: '200', response: responses['200'] }
  if (responses['201'] !== undefined) return { status: '201', response: responses['201'] }
  const statuses = Object.keys(responses)
  const good = statuses.filter((code) => code.startsWith('2'))
  const other =
    good.find((code) => /^2\d\d$/.test(code)) ??
    good.find((code) => /^2xx$/i.test(code)) ??
    statuses.find((code) => code === 'default')
  return other === undefined ? null : { status: other, response: responses[other] }
}
