import { isRootObject } from './is-root.js'
import { isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'

/** What people upload instead of an OpenAPI document, told from its first characters. */
const TEXT_FORMATS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^<!doctype html|^<html|^<head|^<body/i, 'an HTML page'],
  [/^<\?xml[^]{0,2000}<(?:\w+:)?definitions\b|^<(?:\w+:)?definitions\b/i, 'a WSDL document (SOAP)'],
  [/^<\?xml[^]{0,2000}<(?:\w+:)?application\b/i, 'a WADL document'],
  [/^<[a-z?!]/i, 'XML'],
  [/^HTTP\/\d[\d.]* \d{3}\b/, 'an answer of a server with its headers; upload its body'],
  [/^(?:diff --git |--- \S.*\n\+\+\+ )/, 'a diff; upload the file itself'],
  [/^data:[\w/+.-]*[;,]/, 'a data URL; upload what it encodes'],
  [/^https?:\/\/\S+\s*$/, 'an address; give it as `url`'],
  [/^(?:\.{0,2}\/|[A-Za-z]:\\|~\/)\S+\s*$/, 'the path of a file; give it as `path`'],
  [/^[\w.$]{1,100}\(\s*\{/, 'JSON in a call (JSONP); upload what is in the brackets'],
  [/^[A-Za-z0-9+/\r\n]{60,}={0,2}\s{0,9}$/, 'Base64; upload what it encodes'],
  [/^\{\s*[\u201C\u201D\u201E]/, 'JSON with typographic quotes; write " instead'],
  [/^meta \{$/m, 'a Bruno request'],
  [/^\$version\s*:[^]*?^namespace /m, 'a Smithy model'],
  [/^(?:namespace \w+ [\w.]+|service \w+ \{)\s*$/m, 'a Thrift definition'],
  [/^```/, 'a code block of Markdown; upload what is inside it'],
  [/^<{7} \S/m, 'a file with a merge conflict of Git in it'],
  [/^\/[/*][^]{0,4000}?\n\s{0,100}\{/, 'JSON with comments; take them out'],
  [/^\d{3}: [A-Z][A-Za-z ]{1,60}\s*$/, 'an error answer of a server, so the download failed'],
  [/^version https:\/\/git-lfs\b/, 'a pointer of Git LFS; fetch the file itself (`git lfs pull`)'],
  [/^(?:window|globalThis|self)\.\w+\s*=/, 'program code'],
  [/^#%RAML/, 'a RAML document'],
  [/^FORMAT: 1A/m, 'an API Blueprint'],
  [/^syntax\s*=\s*["']proto/m, 'a protobuf definition'],
  [
    /^(?:extend )?(?:type|schema|interface|input|enum|union|scalar|directive)\b[^{}\n]{0,200}\{|^(?:query|mutation|subscription|fragment \w+ on)\b[^{}\n]{0,200}\{|^scalar \w+\s*$|^union \w+\s*=/m,
    'a GraphQL schema or query',
  ],
  [/^(?:import|export|const|let|var|function|module\.exports|"use strict")\b/m, 'program code'],
  [
    /^#{1,6} [^]{0,4000}?^(?:#{1,6} |```|[-*] |$)|^\[[^\]\n]{1,200}\]\([^)\n]{1,500}\)/m,
    'Markdown; a document in it is to be uploaded by itself',
  ],
]

/**
 * How what YAML reads as an object says what it is: RAML, quotes that are none, GraphQL in a line,
 * `404: Not Found`.
 */
const NAMED_AT_START =
  /^\s*(?:#%RAML|\d{3}: [A-Z][A-Za-z ]{1,60}\s*$|\{\s*[\u201C\u201D\u201E]|(?:type|schema|interface|input|enum|query|mutation)\b[^{}:\n]{0,200}\{)/

/** Whether a text says at its start what it is, whatever YAML reads it as. */
export function isNamedAtStart(text: string): boolean {
  return NAMED_AT_START.test(text)
}

/** A login page in place of the file that was asked for. */
const LOGIN_PAGE = /sign[ -]?in|log[ -]?in|password|sso|authenticate/i

/** So much of the start tells what a text is. */
const SAMPLE_CHARS = 20_000

/** What a text that is neither JSON nor YAML looks like: `an HTML page`; null if unknown. */
export function textFormat(text: string): string | null {
  const sample = text.slice(0, SAMPLE_CHARS).trimStart()
  const found = TEXT_FORMATS.find(([pattern]) => pattern.test(sample))?.[1] ?? null
  if (found === 'an HTML page' && LOGIN_PAGE.test(sample)) {
    return 'an HTML page (a login page, by its words), so the download was not allowed in'
  }
  return found
}

const has = (root: JsonObject, ...keys: string[]) => keys.every((key) => Object.hasOwn(root, key))

/** Other documents in JSON or YAML, told from their keys. */
const VALUE_FORMATS: readonly (readonly [test: (root: JsonObject) => boolean, name: string])[] = [
  [
    (root) => /getpostman|postman/.test(String(own(root['info'], 'schema'))),
    'a Postman collection; export it as OpenAPI',
  ],
  [
    (root) => has(root, 'info', 'item') || has(root, 'requests', 'order'),
    'a Postman collection; export it as OpenAPI',
  ],
  [
    (root) => has(objectOrEmpty(root['collection']), 'info', 'item'),
    'a Postman collection; export it as OpenAPI',
  ],
  [(root) => has(root, '_postman_variable_scope'), 'a Postman environment'],
  [
    (root) =>
      (root['_type'] === 'export' && has(root, 'resources')) ||
      /insomnia\.rest/.test(String(root['type'])),
    'an Insomnia export',
  ],
  [(root) => has(root, 'asyncapi'), 'an AsyncAPI document, which describes messages'],
  [(root) => has(root, 'arazzo'), 'an Arazzo workflow; upload the OpenAPI documents it names'],
  [(root) => has(root, 'overlay'), 'an OpenAPI overlay; upload the document it changes'],
  [(root) => has(root, 'openrpc'), 'an OpenRPC document'],
  [
    (root) => has(root, '__schema') || own(root['data'], '__schema') !== undefined,
    'a GraphQL introspection result',
  ],
  [
    (root) => String(root['kind']).startsWith('discovery#'),
    'a Google discovery document; convert it to OpenAPI first',
  ],
  [(root) => has(root, 'raml'), 'a RAML document'],
  [(root) => own(root['log'], 'entries') !== undefined, 'a HAR recording'],
  [(root) => has(root, 'apiVersion', 'kind'), 'a Kubernetes manifest'],
  [(root) => has(root, 'name', 'version') && has(root, 'dependencies'), 'a package.json'],
  [(root) => has(root, 'mcpServers'), 'a configuration of MCP servers'],
  [
    (root) => has(root, '$schema') || has(root, 'type', 'properties') || has(root, '$defs'),
    'a JSON Schema without an API around it',
  ],
  [
    (root) => has(root, 'error') || has(root, 'errors') || has(root, 'message'),
    'an error answer of a server, so the download failed',
  ],
  [
    (root) => has(root, 'paths') || has(root, 'components') || has(root, 'definitions'),
    'a part of an OpenAPI document: the `openapi` (or `swagger`) field is missing',
  ],
]

/** What a parsed value that is no OpenAPI document looks like. */
export function valueFormat(value: unknown): string {
  if (Array.isArray(value)) {
    const inside = value.some((item) => has(isObject(item) ? item : {}, 'openapi'))
    return inside ? 'an array; upload each document in it by itself' : 'an array'
  }
  if (typeof value === 'string' && /^\s*[{[]/.test(value)) {
    return 'a document inside of a text in quotes; upload what is inside'
  }
  if (!isObject(value)) return `a single ${typeof value === 'string' ? 'text' : typeof value}`
  const within = Object.entries(value).find(([, inner]) => isDocument(inner))?.[0]
  if (within !== undefined && /^[\w.-]{1,60}$/.test(within)) {
    return `an object with an API document in its field \`${within}\`; upload what is in that`
  }
  const known = VALUE_FORMATS.find(([test]) => test(value))?.[1]
  return known ?? `an object without an \`openapi\` field (its keys: ${keyList(value)})`
}

/** As a value, or as JSON in a text. */
function isDocument(value: unknown): boolean {
  return typeof value === 'string'
    ? /^\s*\{\s*"(?:openapi|swagger)"\s*:/.test(value)
    : isRootObject(value)
}

function keyList(value: JsonObject): string {
  // Words only: a key of some other file may be a secret.
  const words = Object.keys(value).filter((key) => /^[A-Za-z][A-Za-z_-]{0,29}$/.test(key))
  return words.slice(0, 6).join(', ') || 'none that are plain words'
}
