import type { ComponentLookup } from './component-lookup.js'
import { deepFields } from './deep-fields.js'
import { exampleValue } from './example-value.js'
import { isObject, objectOrEmpty, scalarText } from './json-value.js'
import { encodedExample, percentEncoded } from './percent-encoded.js'
import { exampleOf, type RequestParameter } from './request-parameters.js'
import { cleanName } from './search-text.js'
import { placeholder, type Piece } from './shell-words.js'

/** Between the items of a list by `style`; `form` is the one that is meant without. */
const SEPARATORS: Readonly<Record<string, string>> = {
  spaceDelimited: '%20',
  pipeDelimited: '%7C',
  tabDelimited: '%09',
}
const MAX_ITEMS = 5

/**
 * A parameter's part of the query, `name=value`: its example, else a placeholder for it. Where the
 * fields of an object have names of their own, some are made from the schema.
 */
export function queryParts(parameter: RequestParameter, lookup: ComponentLookup): Piece[][] {
  const { name, place } = parameter
  const value = exampleOf(parameter, lookup) ?? madeFields(parameter, lookup)
  if (place === 'querystring') return [[wholeQuery(parameter, value) ?? placeholder(name)]]
  if (parameter.written['style'] === 'deepObject' && typeof value === 'object') {
    return deepFields(name, value).map((field) => [field.map(percentEncoded).join('=')])
  }
  if (Array.isArray(value)) return listParts(parameter, value)
  if (isObject(value)) return objectParts(parameter, value)
  const text = cleanName(value, 200)
  return [[`${percentEncoded(name)}=`, text === null ? placeholder(name) : encodedExample(text)]]
}

function madeFields({ place, schema, written }: RequestParameter, lookup: ComponentLookup) {
  if (place !== 'querystring' && written['style'] !== 'deepObject') return undefined
  const value = exampleValue(schema, lookup, 'filled')
  return typeof value === 'object' && deepFields('', value).length > 0 ? value : undefined
}

/**
 * OpenAPI 3.2's parameter that is all of the query: a text that is one already, the fields of a form,
 * or JSON.
 */
function wholeQuery({ written }: RequestParameter, value: unknown): string | null {
  if (!isObject(value)) {
    const text = cleanName(value, 200)
    return text === null ? null : encodeURI(text.toWellFormed()).replaceAll('!', '%21')
  }
  const types = Object.keys(objectOrEmpty(written['content']))
  if (types.some((type) => /json/i.test(type))) return percentEncoded(JSON.stringify(value))
  const lists = Object.entries(value).map(([key, field]) =>
    (Array.isArray(field) ? field.slice(0, MAX_ITEMS) : [field]).map((item) => ({ [key]: item })),
  )
  return lists
    .flat()
    .flatMap((field) => fieldsOf(field))
    .map(([key, text]) => `${percentEncoded(key)}=${percentEncoded(text)}`)
    .join('&')
}

function listParts({ name, written }: RequestParameter, value: readonly unknown[]): string[][] {
  const items = value.slice(0, MAX_ITEMS).map((item) => encodedExample(cleanName(item, 200) ?? ''))
  const style = String(written['style'])
  const separator = Object.hasOwn(SEPARATORS, style) ? SEPARATORS[style] : undefined
  const isExploded = written['explode'] ?? separator === undefined
  if (isExploded === true) return items.map((item) => [`${percentEncoded(name)}=${item}`])
  return [[`${percentEncoded(name)}=${items.join(separator ?? ',')}`]]
}

function objectParts({ name, written }: RequestParameter, value: object): string[][] {
  const fields = fieldsOf(value)
  if (written['content'] !== undefined) {
    return [[`${percentEncoded(name)}=${percentEncoded(JSON.stringify(value))}`]]
  }
  if (written['explode'] === false) {
    return [
      [
        `${percentEncoded(name)}=${fields
          .flat()
          .map((text) => percentEncoded(text))
          .join(',')}`,
      ],
    ]
  }
  return fields.map(([key, text]) => [`${percentEncoded(key)}=${percentEncoded(text)}`])
}

function fieldsOf(value: object): [string, string][] {
  return Object.entries(value)
    .slice(0, MAX_ITEMS)
    .map(([key, field]) => [key, scalarText(field) ?? JSON.stringify(field) ?? ''])
}
