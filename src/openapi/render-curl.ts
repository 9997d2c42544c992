import type { ComponentLookup } from './component-lookup.js'
import { curlBodies } from './curl-body.js'
import { givenExample, givenValue } from './example-value.js'
import { isObject, scalarText } from './json-value.js'
import type { RequestParameter } from './request-parameters.js'
import type { Credential } from './request-security.js'
import { cleanName } from './search-text.js'
import { doubleQuoted, placeholder, type Piece } from './shell-words.js'

/** What a curl is made from. */
export interface CurlRequest {
  method: string
  /** As written in the document, or `webhook:name`. */
  path: string
  /** Without a slash at the end. */
  baseUrl: string
  parameters: readonly RequestParameter[]
  requestBody: unknown
  /** What is needed together to be let in. */
  credentials: readonly Credential[]
  maxChars: number
}

/**
 * A curl that runs once its placeholders (`$TOKEN`) are set: required parameters, credentials and
 * an example body, all quoted for a shell. Never longer than `maxChars`: then with a smaller body,
 * or empty where not even the address fits.
 */
export function renderCurl(request: CurlRequest, lookup: ComponentLookup): string {
  const head = [
    `curl ${methodFlag(request)}${doubleQuoted(urlOf(request, lookup))}`,
    ...credentialFlags(request.credentials),
    ...headersOf(request, lookup).map((header) => `-H ${doubleQuoted(header)}`),
  ]
  for (const body of [...curlBodies(request.requestBody, lookup), []]) {
    const curl = [...head, ...body].join(' \\\n  ')
    if (curl.length <= request.maxChars) return curl
  }
  return ''
}

function methodFlag({ method, requestBody }: CurlRequest): string {
  if (method === 'HEAD') return '-I '
  return method === 'GET' && requestBody === undefined ? '' : `-X ${method} `
}

function urlOf(request: CurlRequest, lookup: ComponentLookup): Piece[] {
  const query = queryParts(request, lookup)
  if (request.path.startsWith('webhook:')) return withQuery([placeholder('WEBHOOK_URL')], query, '')
  // What follows # only tells operations apart (AWS); it is never sent.
  const written = request.path.replace(/#.*$/, '')
  const path = written.startsWith('/') ? written : `/${written}`
  return withQuery([...filled(request.baseUrl), ...filled(path)], query, path)
}

/** `/users/{id}` as text and placeholders. */
function filled(template: string): Piece[] {
  return template.split(/(\{[^{}]{1,200}\})/).map((part) => {
    const name = /^\{(.*)\}$/.exec(part)?.[1]
    return name === undefined ? encodeUnsafe(part) : placeholder(name)
  })
}

/** What has a meaning to a shell or to curl, and has none in an address, is encoded. */
function encodeUnsafe(text: string): string {
  return text.replace(/[\s"<>\\^`{|}!']/g, (char) => `%${hex(char)}`)
}

function hex(char: string): string {
  return Buffer.from(char).toString('hex').toUpperCase().match(/../g)?.join('%') ?? ''
}

function withQuery(url: Piece[], query: readonly Piece[][], path: string): Piece[] {
  const first = path.includes('?') ? '&' : '?'
  const separated = query.flatMap((part, index) => [index === 0 ? first : '&', part].flat())
  return [...url, ...separated]
}

function queryParts({ parameters, credentials }: CurlRequest, lookup: ComponentLookup): Piece[][] {
  const needed = parameters.filter(({ place, isRequired }) => place === 'query' && isRequired)
  const keys = credentials.filter(({ place }) => place === 'query')
  return [
    ...needed.map((parameter) => {
      const value = exampleText(parameter, lookup)
      return [
        `${encodeURIComponent(parameter.name)}=`,
        value === null ? placeholder(parameter.name) : encodeURIComponent(value),
      ]
    }),
    ...keys.map(({ name }) => [`${encodeURIComponent(name)}=`, placeholder('API_KEY')]),
  ]
}

/** A parameter's value from the document as text; null where it gives none. */
function exampleText(
  { written, schema }: RequestParameter,
  lookup: ComponentLookup,
): string | null {
  const resolved = lookup.follow(schema)
  const given =
    givenExample(written, lookup) ?? (isObject(resolved) ? givenValue(resolved) : undefined)
  const items = Array.isArray(given) ? given.slice(0, 5).map((item) => scalarText(item)) : [given]
  return cleanName(items.join(','), 200)
}

function headersOf({ parameters, credentials }: CurlRequest, lookup: ComponentLookup): Piece[][] {
  const valueOf = (parameter: RequestParameter) =>
    exampleText(parameter, lookup) ?? placeholder(parameter.name)
  const needed = parameters.filter(({ isRequired }) => isRequired)
  const headers = needed
    .filter(({ place }) => place === 'header')
    .map((parameter) => [`${parameter.name}: `, valueOf(parameter)])
  const cookies = [
    ...needed
      .filter(({ place }) => place === 'cookie')
      .map((parameter) => [`${parameter.name}=`, valueOf(parameter)]),
    ...credentials
      .filter(({ place }) => place === 'cookie')
      .map(({ name }) => [`${name}=`, placeholder('SESSION')]),
  ]
  if (cookies.length === 0) return headers
  const pairs = cookies.flatMap((pair) => ['; ', pair].flat()).slice(1)
  return [...headers, ['Cookie: ', ...pairs]]
}

function credentialFlags(credentials: readonly Credential[]): string[] {
  return credentials.flatMap(({ place, name, scheme }) => {
    if (place === 'basic') {
      return [`-u ${doubleQuoted([placeholder('USERNAME'), ':', placeholder('PASSWORD')])}`]
    }
    if (place !== 'header') return []
    const value = placeholder(scheme === '' ? 'API_KEY' : 'TOKEN')
    return [`-H ${doubleQuoted([`${name}: ${scheme === '' ? '' : `${scheme} `}`, value])}`]
  })
}
