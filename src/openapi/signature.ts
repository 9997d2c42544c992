import { arrayOrEmpty, isObject, own, scalarText, type JsonObject } from './json-value.js'
import { normalizePointer, pointerName } from './json-pointer.js'
import type { Resolver } from './resolver.js'
import { mainMedia, propertiesOf, successResponse, type ShapeOf } from './schema-shape.js'
import { cleanedOrNull, cutText } from './search-text.js'

const MAX_SIGNATURE_CHARS = 120
/** So much of it for what the operation takes, so that what it gives is still seen. */
const MAX_INPUT_CHARS = 80
const MAX_OUTPUT_CHARS = 40

/** How the schemas of one document are looked up. */
export interface Schemas {
  resolver: Resolver
  shapeOf: ShapeOf
}

/**
 * One line for a search result: the required parameters, the body's properties, what success gives:
 * `(owner, repo, body: {title, body?}) → Issue`. `…` stands for what is optional or did not fit.
 */
export function signatureOf(operation: JsonObject, schemas: Schemas): string {
  const { names, hasOptional } = parameterParts(operation, schemas)
  const body = bodyPart(operation['requestBody'], schemas)
  if (body !== null) names.push(body)
  if (hasOptional) names.push('…')
  const input = joinUpTo(names, MAX_INPUT_CHARS - 2)
  const output = outputPart(operation['responses'], schemas)
  const line = output === null ? `(${input})` : `(${input}) → ${output}`
  return cutText(line, MAX_SIGNATURE_CHARS)
}

function parameterParts(operation: JsonObject, schemas: Schemas) {
  const parameters = arrayOrEmpty(operation['parameters'])
    .map((parameter) => schemas.resolver.follow(parameter))
    .filter(isObject)
  const needed = parameters.filter(
    (parameter) => parameter['required'] === true || parameter['in'] === 'path',
  )
  const names = needed
    .map((parameter) => shortName(parameter['name']))
    .filter((name) => name !== '')
  return { names, hasOptional: needed.length < parameters.length }
}

function shortName(name: unknown): string {
  return cutText(cleanedOrNull(scalarText(name), 60) ?? '', 40)
}

function bodyPart(requestBody: unknown, schemas: Schemas): string | null {
  const body = schemas.resolver.follow(requestBody)
  if (!isObject(body)) return null
  const media = mainMedia(body['content'])
  const mark = body['required'] === true ? '' : '?'
  if (media === null) return `body${mark}`
  const { properties, required } = schemas.shapeOf(media.schema)
  if (properties.length === 0) return `body${mark}: ${typeName(media.schema, schemas)}`
  const names = [
    ...properties.filter((name) => required.has(name)).map(shortName),
    ...properties.filter((name) => !required.has(name)).map((name) => `${shortName(name)}?`),
  ]
  const isArray = own(schemas.resolver.follow(media.schema), 'type') === 'array'
  return `body${mark}: {${joinUpTo(names, 50)}}${isArray ? '[]' : ''}`
}

function outputPart(responses: unknown, schemas: Schemas): string | null {
  const success = successResponse(responses)
  if (success === null) return null
  const response = schemas.resolver.follow(success.response)
  if (!isObject(response)) return null
  const media = mainMedia(response['content'])
  if (media === null) return 'nothing'
  const name = media.schema === undefined ? mediaName(media.type) : typeName(media.schema, schemas)
  return cutText(media.isStream ? `stream of ${name}` : name, MAX_OUTPUT_CHARS)
}

function mediaName(type: string): string {
  return /json/i.test(type) ? 'JSON' : (cleanedOrNull(type, 30) ?? 'data')
}

/** `Issue`, `Issue[]`, `string`, `{data, next}`; a few levels of arrays at most. */
function typeName(schema: unknown, schemas: Schemas, depth = 0): string {
  const ref = own(schema, '$ref')
  if (typeof ref === 'string') {
    const pointer = normalizePointer(ref)
    const name = pointerName(pointer ?? ref)
    // A number or a word of OpenAPI (`…/200/content/application~1json/schema`) names nothing.
    if (/^(?:\d+|schema|items)$/.test(name) && depth < 3) {
      return typeName(schemas.resolver.follow(schema), schemas, depth + 1)
    }
    return cutText(cleanedOrNull(name, 60) ?? 'object', 36)
  }
  if (!isObject(schema)) return 'any'
  const items = schema['items']
  if (items !== undefined && depth < 3) return `${typeName(items, schemas, depth + 1)}[]`
  const parts = arrayOrEmpty(schema['allOf'])
  if (parts.length === 1) return typeName(parts[0], schemas, depth + 1)
  const { properties } = schemas.shapeOf(schema)
  if (properties.length > 0 && depth < 3) return inlineObject(schema, properties, schemas, depth)
  return simpleTypeName(schema)
}

/** An envelope of one named thing shows it: `{data: Task[]}`. */
function inlineObject(
  schema: JsonObject,
  properties: string[],
  schemas: Schemas,
  depth: number,
): string {
  const [only] = properties
  const inner = only === undefined ? undefined : own(propertiesOf(schema), only)
  if (properties.length === 1 && only !== undefined && isObject(inner)) {
    return `{${shortName(only)}: ${typeName(inner, schemas, depth + 1)}}`
  }
  return `{${joinUpTo(properties.map(shortName), 34)}}`
}

function simpleTypeName(schema: JsonObject): string {
  if (schema['format'] === 'binary' || schema['type'] === 'file') return 'binary'
  const type = Array.isArray(schema['type'])
    ? schema['type'].find((name) => name !== 'null')
    : schema['type']
  return typeof type === 'string' ? (cleanedOrNull(type, 20) ?? 'any') : 'object'
}

/** Items with commas, as many as fit; `…` for the rest. */
function joinUpTo(items: readonly string[], maxChars: number): string {
  let text = ''
  for (const [index, item] of items.entries()) {
    const next = index === 0 ? item : `${text}, ${item}`
    const reserve = index === items.length - 1 ? 0 : 3
    if (next.length + reserve > maxChars)
      return text === '' ? cutText(item, maxChars) : `${text}, …`
    text = next
  }
  return text
}
