import type { ComponentLookup } from './component-lookup.js'
import { withLackingParts, type CurlBody } from './curl-lack.js'
import { deepFields } from './deep-fields.js'
import { exampleValue } from './example-value.js'
import { givenExample } from './given-value.js'
import { flattenSchema } from './flatten-schema.js'
import { isBinary } from './is-binary.js'
import {
  isObject,
  objectOrEmpty,
  own,
  scalarText,
  withLineEndsEscaped,
  type JsonObject,
} from './json-value.js'
import type { MediaType } from './schema-shape.js'
import { cleanName } from './search-text.js'
import { singleQuoted } from './shell-words.js'
import { usualExtent, type Direction, type Extent } from './wanted-properties.js'

/** Of a list in one field. */
const MAX_ITEMS = 5

/**
 * Bodies that are forms, the best first: the document's example or what `usual` has, then what is
 * required; with `isFull` that with all fields alone. Null where no schema says which fields there are.
 */
export function formBodies(
  media: MediaType,
  { isFull, direction }: { isFull: boolean; direction: Direction },
  lookup: ComponentLookup,
): CurlBody[] | null {
  const schema = lookup.follow(media.schema)
  if (!isObject(schema)) return null
  const isMultipart = /^multipart\//i.test(media.type)
  const { properties } = flattenSchema(schema, lookup)
  const encodings = media.media['encoding']
  const fieldsOf = (value: unknown) =>
    Object.entries(objectOrEmpty(value)).flatMap(([name, field]) => {
      const encoding = objectOrEmpty(own(encodings, name))
      if (!isMultipart) return urlencodedFields(name, field, encoding)
      const hasFile = isFile(properties.get(name), lookup)
      return hasFile ? [fileField(name, encoding)] : multipartFields(name, field, encoding)
    })
  const made = (extent: Extent, onLeftOut?: (path: string) => void) =>
    exampleValue(media.schema, lookup, extent, direction, onLeftOut)
  const given = givenExample(media.media, lookup)
  const written = isObject(given)
    ? fieldsOf({ ...objectOrEmpty(made('required')), ...given })
    : null
  const text =
    typeof given === 'string' && !isMultipart ? [`--data-raw ${singleQuoted(given)}`] : null
  const extent = isFull ? 'all' : usualExtent(direction)
  const whole = withLackingParts((onLeftOut) => fieldsOf(made(extent, onLeftOut)))
  const best = written ?? text ?? whole.made
  const hasMore = best.length > 0 || fieldsOf(made('all')).length > 0
  const first: CurlBody = { args: best, lack: best.length === 0 && hasMore ? 'values' : null }
  if (isFull) return [best === whole.made ? { ...first, lack: first.lack ?? whole.lack } : first]
  const required = fieldsOf(made('required'))
  return [first, { args: required, lack: required.length === 0 && hasMore ? 'values' : null }]
}

function isFile(property: unknown, lookup: ComponentLookup): boolean {
  const schema = lookup.follow(property)
  if (!isObject(schema)) return false
  const items = lookup.follow(schema['items'])
  return isBinary(schema) || (isObject(items) && isBinary(items))
}

/** curl gives `= ; , @ < "` a meaning in a file's field, among them "send this local file". */
const FIELD_SYNTAX = /[=;,@<"\\]/g

function fileField(name: string, encoding: JsonObject): string {
  const type = partType(encoding)
  const said = type === null ? '' : `;type=${type}`
  return `-F ${singleQuoted(`${fieldName(name).replace(FIELD_SYNTAX, '_')}=@file${said}`)}`
}

/** The type that a part is said to be of: the first of a list, and none that is a pattern. */
function partType({ contentType }: JsonObject): string | null {
  const [first = ''] = (scalarText(contentType) ?? '').split(',')
  return /^[\w.+-]{1,60}\/[\w.+-]{1,60}$/.test(first.trim()) ? first.trim() : null
}

/** What is no plain value is sent as JSON. A part says its type where curl can be told that safely. */
function multipartFields(name: string, value: unknown, encoding: JsonObject): string[] {
  const isJson = isStructured(value) && encoding['style'] !== 'deepObject'
  const text = isJson ? withLineEndsEscaped(JSON.stringify(value)) : scalarText(value)
  const type = partType(encoding) ?? (isJson ? 'application/json' : null)
  const field = fieldName(name)
  const isSafe = isJson ? text?.includes(';') === false : /^\w[\w .:/+-]*$/.test(text ?? '')
  if (type === null || !isSafe || field.search(FIELD_SYNTAX) !== -1) {
    return pairsOf(field, value, encoding).map((pair) => `--form-string ${singleQuoted(pair)}`)
  }
  return [`-F ${singleQuoted(`${field}=${text};type=${type}`)}`]
}

function urlencodedFields(name: string, value: unknown, encoding: JsonObject): string[] {
  const pairs = pairsOf(fieldName(name), value, encoding)
  return pairs.map((pair) => `--data-urlencode ${singleQuoted(pair)}`)
}

function fieldName(name: string): string {
  return cleanName(name, 200) ?? 'field'
}

/** Of a list in one field; nothing said means a field for each item. */
const SEPARATORS = new Map<unknown, string>([
  ['spaceDelimited', ' '],
  ['pipeDelimited', '|'],
  ['tabDelimited', '\t'],
])

/** `name=value`, once for each item or field that has a pair of its own. */
function pairsOf(name: string, value: unknown, { style, explode }: JsonObject): string[] {
  if (style === 'deepObject' && isNested(value)) {
    return deepFields(name, value).map((field) => field.join('='))
  }
  if (Array.isArray(value) && value.length > 0 && !isStructured(value)) {
    const items = value.slice(0, MAX_ITEMS).map((item) => scalarText(item) ?? '')
    const separator = SEPARATORS.get(style)
    const isExploded = explode ?? separator === undefined
    return (isExploded === true ? items : [items.join(separator ?? ',')]).map(
      (text) => `${name}=${text}`,
    )
  }
  const text = isNested(value) ? withLineEndsEscaped(JSON.stringify(value)) : value
  return [`${name}=${scalarText(text) ?? ''}`]
}

/** An object or a list. */
function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** An object, or a list with something in it that is no plain value. */
function isStructured(value: unknown): boolean {
  return Array.isArray(value) ? value.some((item) => scalarText(item) === null) : isObject(value)
}
