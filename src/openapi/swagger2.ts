import {
  arrayOrEmpty,
  isObject,
  objectOrEmpty,
  own,
  scalarText,
  type JsonObject,
} from './json-value.js'
import type { Resolver } from './resolver.js'
import { setOwn } from './untangle.js'

/**
 * Swagger 2.0 in the words of OpenAPI 3: operation by operation, so that a bad one harms no other.
 * Shared parameters and responses are put in place of their `$ref`s; references to schemas stay as
 * they are (`#/definitions/Pet`).
 */

/**
 * `schemes`, `host` and `basePath` as servers, https first, then http. Without a host they are relative. A host
 * is often given as a whole URL; its scheme counts where no others are given.
 */
export function serversOf(root: JsonObject): JsonObject[] {
  const { host, scheme } = hostOf(root)
  const basePath = scalarText(root['basePath']) ?? ''
  const path = basePath === '' || basePath.startsWith('/') ? basePath : `/${basePath}`
  if (host === null) return basePath === '' ? [] : [{ url: path }]
  const schemes = arrayOrEmpty(root['schemes']).filter((scheme) => typeof scheme === 'string')
  const ordered = schemes.length === 0 ? [scheme] : schemes.toSorted((a, b) => rank(a) - rank(b))
  return ordered.map((name) => ({ url: `${name}://${host}${path}` }))
}

function hostOf(root: JsonObject): { host: string | null; scheme: string } {
  const written = scalarText(root['host'])?.trim().slice(0, MAX_HOST_CHARS) ?? ''
  const [before = '', scheme = 'https'] = /^(?:([a-z]{2,5}):)?\/\//i.exec(written) ?? []
  const host = written.slice(before.length).replace(/\/+$/, '')
  return { host: host === '' ? null : host, scheme }
}

/** A name in the DNS has 253 at most; some add a path. */
const MAX_HOST_CHARS = 500

/** A curl speaks HTTP, and not that of web sockets. */
function rank(scheme: string): number {
  return scheme === 'https' ? 0 : scheme === 'http' ? 1 : 2
}

/**
 * Whether an operation of an OpenAPI 3 document has parts in 2.0's words, as happens where somebody
 * changed the version and not all of the rest. `parameters` are its own and the path's.
 */
export function hasOldWords(operation: JsonObject, parameters: readonly JsonObject[]): boolean {
  for (const { in: place, type, schema, content } of parameters) {
    if (place === 'body' || place === 'formData') return true
    if (type !== undefined && schema === undefined && content === undefined) return true
  }
  const { responses } = operation
  if (!isObject(responses)) return false
  for (const status of Object.keys(responses)) {
    const response = responses[status]
    if (own(response, 'schema') !== undefined && own(response, 'content') === undefined) return true
  }
  return false
}

/** One operation in OpenAPI 3's shape, as far as it is not; `parameters` are its own and the path's. */
export function convertOperation(
  operation: JsonObject,
  parameters: readonly unknown[],
  root: JsonObject,
  resolver: Resolver,
): JsonObject {
  const { consumes, produces, parameters: _, schemes, ...rest } = operation
  const resolved = parameters.map((parameter) => resolver.follow(parameter) ?? parameter)
  const isInBody = (parameter: unknown) =>
    ['body', 'formData'].includes(String(own(parameter, 'in')))
  const converted: JsonObject = {
    ...rest,
    parameters: resolved.filter((one) => !isInBody(one)).map((one) => convertParameter(one)),
  }
  const inBody = resolved.filter(isInBody).filter(isObject)
  if (inBody.length > 0 && operation['requestBody'] === undefined) {
    converted['requestBody'] = convertBody(inBody, mediaTypes(consumes ?? root['consumes']))
  }
  if (isObject(operation['responses'])) {
    const types = mediaTypes(produces ?? root['produces'])
    converted['responses'] = convertResponses(operation['responses'], types, resolver)
  }
  if (Array.isArray(schemes) && scalarText(root['host']) !== null) {
    converted['servers'] = serversOf({ ...root, schemes })
  }
  return converted
}

function mediaTypes(value: unknown): string[] {
  return arrayOrEmpty(value).filter((type) => typeof type === 'string')
}

/** What of a 2.0 parameter or header says how its value looks. */
const SCHEMA_KEYS = [
  'type',
  'format',
  'items',
  'default',
  'enum',
  'maximum',
  'exclusiveMaximum',
  'minimum',
  'exclusiveMinimum',
  'maxLength',
  'minLength',
  'pattern',
  'maxItems',
  'minItems',
  'uniqueItems',
  'multipleOf',
  'collectionFormat',
  'x-nullable',
]

function convertParameter(parameter: unknown): unknown {
  if (!isObject(parameter) || parameter['schema'] !== undefined) return parameter
  if (parameter['content'] !== undefined) return parameter
  const converted: JsonObject = { schema: schemaPart(parameter) }
  for (const [key, value] of Object.entries(parameter)) {
    if (!SCHEMA_KEYS.includes(key)) setOwn(converted, key, value)
  }
  return { ...converted, ...styleOf(parameter) }
}

/** How a list is written, in OpenAPI 3's words; 2.0 puts commas where it says nothing. */
function styleOf({ type, in: place, collectionFormat }: JsonObject): JsonObject {
  if (collectionFormat === 'multi') return { explode: true }
  if (type !== 'array' || place !== 'query') return {}
  // OpenAPI 3 has no tabs; nothing else is lost by a name of our own.
  if (collectionFormat === 'tsv') return { style: 'tabDelimited', explode: false }
  if (collectionFormat === 'ssv') return { style: 'spaceDelimited', explode: false }
  if (collectionFormat === 'pipes') return { style: 'pipeDelimited', explode: false }
  return { explode: false }
}

function schemaPart(parameter: JsonObject): JsonObject {
  const schema: JsonObject = {}
  for (const key of SCHEMA_KEYS) {
    if (parameter[key] !== undefined) schema[key] = parameter[key]
  }
  return schema
}

/** A `body` parameter, `formData` parameters, or (against the rules, but met) both. */
function convertBody(parameters: JsonObject[], consumes: string[]): JsonObject {
  const body = parameters.find((parameter) => parameter['in'] === 'body')
  const fields = parameters.filter((parameter) => parameter['in'] === 'formData')
  const content: JsonObject = {}
  if (body !== undefined) {
    const types = consumes.filter((type) => fields.length === 0 || !/form/i.test(type))
    for (const type of types.length === 0 ? ['application/json'] : types) {
      setOwn(content, type, { schema: body['schema'] ?? {} })
    }
  }
  if (fields.length > 0) {
    const form = { schema: formSchema(fields), ...encodingOf(fields) }
    setOwn(content, formType(fields, consumes), form)
  }
  return {
    ...(body?.['description'] === undefined ? {} : { description: body['description'] }),
    required: parameters.some((parameter) => parameter['required'] === true),
    content,
  }
}

/** How lists in forms are written: with commas, where 2.0 says nothing, else one field an item. */
function encodingOf(fields: JsonObject[]): JsonObject {
  const encoding: JsonObject = {}
  for (const field of fields) {
    const name = scalarText(field['name'])
    if (name === null || field['type'] !== 'array') continue
    setOwn(encoding, name, styleOf({ ...field, in: 'query' }))
  }
  return Object.keys(encoding).length === 0 ? {} : { encoding }
}

function formType(fields: JsonObject[], consumes: string[]): string {
  const multipart = consumes.find((type) => /^multipart\//i.test(type))
  if (fields.some((field) => field['type'] === 'file')) return multipart ?? 'multipart/form-data'
  return consumes.find((type) => /form/i.test(type)) ?? 'application/x-www-form-urlencoded'
}

function formSchema(fields: JsonObject[]): JsonObject {
  const properties: JsonObject = {}
  const required: string[] = []
  for (const field of fields) {
    const name = scalarText(field['name'])
    if (name === null) continue
    const description = field['description']
    setOwn(properties, name, {
      ...schemaPart(field),
      ...(description === undefined ? {} : { description }),
    })
    if (field['required'] === true) required.push(name)
  }
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) }
}

function convertResponses(
  responses: JsonObject,
  produces: string[],
  resolver: Resolver,
): JsonObject {
  const converted: JsonObject = {}
  for (const [status, response] of Object.entries(responses)) {
    const resolved = resolver.follow(response) ?? response
    setOwn(converted, status, isObject(resolved) ? convertResponse(resolved, produces) : resolved)
  }
  return converted
}

function convertResponse(response: JsonObject, produces: string[]): JsonObject {
  if (response['content'] !== undefined) return response
  const { schema, examples, headers, ...rest } = response
  const content: JsonObject = {}
  if (schema !== undefined) {
    const isFile = own(schema, 'type') === 'file'
    const fallback = isFile ? 'application/octet-stream' : 'application/json'
    for (const type of produces.length === 0 ? [fallback] : produces) {
      const example = own(examples, type)
      setOwn(content, type, example === undefined ? { schema } : { schema, example })
    }
  }
  const converted: JsonObject = { ...rest }
  if (schema !== undefined) converted['content'] = content
  if (isObject(headers)) {
    const entries = Object.entries(headers)
    converted['headers'] = Object.fromEntries(
      entries.map(([name, header]) => [name, convertParameter(header)]),
    )
  }
  return converted
}

/** `securityDefinitions` in the words of `components.securitySchemes`. */
export function securitySchemesOf(root: JsonObject): JsonObject {
  const schemes: JsonObject = {}
  for (const [name, scheme] of Object.entries(objectOrEmpty(root['securityDefinitions']))) {
    setOwn(schemes, name, isObject(scheme) ? convertScheme(scheme) : scheme)
  }
  return schemes
}

const FLOW_NAMES: Readonly<Record<string, string>> = {
  implicit: 'implicit',
  password: 'password',
  application: 'clientCredentials',
  accessCode: 'authorizationCode',
}

function convertScheme(scheme: JsonObject): JsonObject {
  const { type, flow, authorizationUrl, tokenUrl, scopes, ...rest } = scheme
  if (type === 'basic') return { ...rest, type: 'http', scheme: 'basic' }
  if (type !== 'oauth2') return scheme
  const flowName = FLOW_NAMES[String(flow)] ?? 'implicit'
  const urls = {
    ...(authorizationUrl === undefined ? {} : { authorizationUrl }),
    ...(tokenUrl === undefined ? {} : { tokenUrl }),
  }
  return { ...rest, type, flows: { [flowName]: { ...urls, scopes: objectOrEmpty(scopes) } } }
}
