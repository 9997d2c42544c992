import type { ComponentLookup } from './component-lookup.js'
import { flattenSchema } from './flatten-schema.js'
import { isObject, objectOrEmpty, type JsonObject } from './json-value.js'
import type { RequestParameter } from './request-parameters.js'
import type { MediaType } from './schema-shape.js'
import { cleanName } from './search-text.js'
import { joinUpTo } from './short-names.js'
import { typeOf } from './type-of.js'

const MAX_NAME_CHARS = 30
const MAX_FIELDS_CHARS = 200

/**
 * How a parameter is written where that is not what OpenAPI 3 takes for granted: `sent as
 * ids=a,b`. Null where it is (lists as `ids=a&ids=b` in a query, with commas elsewhere).
 */
export function sentAs(parameter: RequestParameter, lookup: ComponentLookup): string | null {
  const { name, place, written, schema } = parameter
  const [type] = Object.keys(objectOrEmpty(written['content']))
  if (type !== undefined) return /json/i.test(type) ? 'sent as JSON' : null
  const form = writtenForm(name, place, written, shapeOf(schema, lookup))
  return form === null ? null : `sent as ${form}`
}

/** The same of the fields of a form, and of what they are: `tags=a,b, meta as application/json`. */
export function fieldsSentAs(
  { type, schema, media }: MediaType,
  lookup: ComponentLookup,
): string | null {
  if (!/^multipart\/|x-www-form-urlencoded/i.test(type)) return null
  const resolved = lookup.follow(schema)
  if (!isObject(resolved)) return null
  const { properties } = flattenSchema(resolved, lookup)
  const forms = Object.entries(objectOrEmpty(media['encoding'])).flatMap(([name, encoding]) => {
    if (!isObject(encoding)) return []
    const contentType = cleanName(encoding['contentType'], 60)
    if (contentType !== null) return [`${shortened(name)} as ${contentType}`]
    const form = writtenForm(name, 'query', encoding, shapeOf(properties.get(name), lookup))
    return form === null ? [] : [form]
  })
  return forms.length === 0 ? null : `sent as ${joinUpTo(forms, MAX_FIELDS_CHARS)}`
}

type Kind = 'array' | 'object' | 'plain'

/** What a value may be, and what is in it if it is a list. */
interface Shape {
  kind: Kind
  itemKind: Kind
}

function shapeOf(written: unknown, lookup: ComponentLookup): Shape {
  const items = alternatives(written, lookup).flatMap((facts) => facts['items'] ?? [])
  return { kind: kindOf(written, lookup), itemKind: kindOf(items[0], lookup) }
}

/** A list or an object if a value may be one. */
function kindOf(written: unknown, lookup: ComponentLookup): Kind {
  const schemas = alternatives(written, lookup)
  const types = new Set(schemas.map((schema) => typeOf(schema)))
  if (types.has('array')) return 'array'
  return types.has('object') || schemas.some(hasProperties) ? 'object' : 'plain'
}

/** A schema with its `allOf` put together, and the members of its choices. */
function alternatives(written: unknown, lookup: ComponentLookup): JsonObject[] {
  const schema = lookup.follow(written)
  if (!isObject(schema)) return []
  const { facts, properties, choices } = flattenSchema(schema, lookup)
  const own = properties.size > 0 ? { ...facts, properties } : facts
  return [
    own,
    ...choices
      .flat()
      .map((member) => lookup.follow(member))
      .filter(isObject),
  ]
}

function hasProperties({ properties }: JsonObject): boolean {
  return properties !== undefined
}

/** Of a list of `a` and `b`, or of an object with a `key`; null for what is taken for granted. */
function writtenForm(
  name: string,
  place: string,
  written: JsonObject,
  { kind, itemKind }: Shape,
): string | null {
  const short = shortened(name)
  const { style } = written
  const isExploded = written['explode'] ?? (style === undefined || style === 'form')
  if (style === 'label') return `.${items(kind, isExploded === true, ',')}`
  if (style === 'matrix') {
    return kind === 'array' && isExploded === true
      ? `;${short}=a;${short}=b`
      : `;${short}=${items(kind, false, ',')}`
  }
  if (kind === 'plain') return null
  if (style === 'deepObject') {
    if (kind === 'object') return `${short}[key]=value`
    return itemKind === 'object' ? `${short}[0][key]=value` : `${short}[0]=a`
  }
  if (place === 'path' || place === 'header') {
    return kind === 'object' && written['explode'] === true ? 'key=value,…' : null
  }
  const separator = SEPARATORS.get(style) ?? ','
  return isExploded === true ? null : `${short}=${items(kind, false, separator)}`
}

/** Between items of a list, as OpenAPI 3 calls them, and Swagger 2.0's tabs. */
const SEPARATORS = new Map<unknown, string>([
  ['spaceDelimited', '%20'],
  ['pipeDelimited', '|'],
  ['tabDelimited', '%09'],
])

function items(kind: Kind, isExploded: boolean, separator: string): string {
  if (kind === 'plain') return 'a'
  if (kind === 'array') return `a${isExploded ? '.' : separator}b`
  return isExploded ? 'key=value.…' : `key${separator}value`
}

function shortened(name: string): string {
  return name.length > MAX_NAME_CHARS ? '…' : (cleanName(name, MAX_NAME_CHARS) ?? '…')
}
