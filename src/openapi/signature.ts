import { arrayOrEmpty, isObject, own, type JsonObject } from './json-value.js'
import { normalizePointer, pointerName } from './json-pointer.js'
import type { Resolver } from './resolver.js'
import { mainMedia, propertiesOf, successResponse, type Shapes } from './schema-shape.js'
import { cleanName, cutText } from './search-text.js'
import { joinUpTo, shortName } from './short-names.js'

const MAX_SIGNATURE_CHARS = 120
/** So much of it for what the operation takes, so that what it gives is still seen. */
const MAX_INPUT_CHARS = 80
const MAX_OUTPUT_CHARS = 40

/** How the schemas of one document are looked up. */
export interface Schemas {
  resolver: Resolver
  shapes: Shapes
}

/**
 * One line for a search result: the required parameters, the body's properties, what success gives:
 * `(owner, repo, body: {title, body?}) → Issue`. `…` stands for what is optional or did not fit.
 */
export function signatureOf(
  operation: JsonObject,
  parameters: readonly JsonObject[],
  schemas: Schemas,
): string {
  const names: string[] = []
  let needed = 0
  for (const { required, in: place, name } of parameters) {
    if (required !== true && place !== 'path') continue
    needed++
    const shown = shortName(name)
    if (shown !== '') names.push(shown)
  }
  const body = bodyPart(operation['requestBody'], schemas)
  if (body !== null) names.push(body)
  if (needed < parameters.length) names.push('…')
  const input = joinUpTo(names, MAX_INPUT_CHARS - 2)
  const output = outputPart(operation['responses'], schemas)
  const line = ['(', input, output === null ? ')' : ') → ', output ?? ''].join('')
  return cutText(line, MAX_SIGNATURE_CHARS)
}

function bodyPart(requestBody: unknown, schemas: Schemas): string | null {
  const body = schemas.resolver.follow(requestBody)
  if (!isObject(body)) return null
  const media = mainMedia(body['content'], schemas.resolver)
  const mark = body['required'] === true ? '' : '?'
  if (media === null) return `body${mark}`
  const { names, label } = schemas.shapes.of(media.schema)
  if (names.length === 0) return `body${mark}: ${typeName(media.schema, schemas)}`
  const isArray = own(schemas.resolver.follow(media.schema), 'type') === 'array'
  return `body${mark}: ${label}${isArray ? '[]' : ''}`
}

function outputPart(responses: unknown, schemas: Schemas): string | null {
  const success = successResponse(responses)
  if (success === null) return null
  const response = schemas.resolver.follow(success.response)
  if (!isObject(response)) return null
  const media = mainMedia(response['content'], schemas.resolver)
  // Of an answer without content OpenAPI says nothing more, and many have some.
  if (media === null) return /^20[45]$/.test(success.status) ? 'nothing' : null
  const name = media.schema === undefined ? mediaName(media.type) : typeName(media.schema, schemas)
  return cutText(media.isStream ? `stream of ${name}` : name, MAX_OUTPUT_CHARS)
}

function mediaName(type: string): string {
  return /json/i.test(type) ? 'JSON' : (cleanName(type, 30) ?? 'data')
}

/** `Issue`, `Issue[]`, `string`, `{data, next}`; a few levels of arrays at most. */
function typeName(schema: unknown, schemas: Schemas, depth = 0): string {
  if (!isObject(schema)) return 'any'
  const ref = schema['$ref']
  if (typeof ref === 'string') {
    const name = pointerName(normalizePointer(ref) ?? ref)
    // A number or a word of OpenAPI (`…/200/content/application~1json/schema`) names nothing.
    const isName = !/^(?:\d+|schema|items)$/.test(name)
    if (isName || depth >= 3) return cleanName(name, 36) ?? 'object'
    return typeName(schemas.resolver.follow(schema), schemas, depth + 1)
  }
  const items = schema['items']
  if (items !== undefined && depth < 3) return `${typeName(items, schemas, depth + 1)}[]`
  const parts = arrayOrEmpty(schema['allOf'])
  if (parts.length === 1) return typeName(parts[0], schemas, depth + 1)
  const { names } = schemas.shapes.of(schema)
  if (names.length > 0 && depth < 3) return inlineObject(schema, names, schemas, depth)
  return simpleTypeName(schema)
}

/** An envelope of one named thing shows it: `{data: Task[]}`. */
function inlineObject(
  schema: JsonObject,
  names: string[],
  schemas: Schemas,
  depth: number,
): string {
  const [only] = names
  const inner = only === undefined ? undefined : own(propertiesOf(schema), only)
  if (names.length === 1 && only !== undefined && isObject(inner)) {
    return `{${shortName(only)}: ${typeName(inner, schemas, depth + 1)}}`
  }
  return `{${joinUpTo(names, 34)}}`
}

function simpleTypeName(schema: JsonObject): string {
  if (schema['format'] === 'binary' || schema['type'] === 'file') return 'binary'
  const written = schema['type']
  const type = Array.isArray(written) ? written.find((name) => name !== 'null') : written
  return typeof type === 'string' ? (cleanName(type, 20) ?? 'any') : 'object'
}
