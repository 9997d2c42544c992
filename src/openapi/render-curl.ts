import { isHeaderName } from './header-name.js'
import type { ComponentLookup } from './component-lookup.js'
import { curlBodies } from './curl-body.js'
import type { CurlLack } from './curl-lack.js'
import { sentCredentials, type SentCredentials } from './curl-credentials.js'
import { isTrue } from './json-value.js'
import { queryParts } from './query-string.js'
import { pathValue } from './path-value.js'
import { exampleOf, type RequestParameter } from './request-parameters.js'
import type { Credential } from './request-security.js'
import { cleanName } from './search-text.js'
import { doubleQuoted, placeholder, singleQuoted, type Piece } from './shell-words.js'
import type { Direction } from './wanted-properties.js'

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
  /** With all that is optional, less what is deprecated, and not with what is required alone. */
  isFull: boolean
  /** Of a webhook the API's: it sends what is read-only. */
  direction: Direction
  maxChars: number
}

export interface RenderedCurl {
  text: string
  /** What it is without. */
  lack: CurlLack | null
}

/**
 * A curl that runs once its variables are set: credentials (`$TOKEN`) and required parameters without
 * an example (`$owner`), with an example body, all quoted for a shell. Never longer than `maxChars`: then with a smaller body,
 * or empty where not even the address fits.
 */
export function renderCurl(request: CurlRequest, lookup: ComponentLookup): RenderedCurl {
  const sent = { ...sentCredentials(request.credentials), parameters: sentParameters(request) }
  const head = [
    `curl ${methodFlag(request)}${doubleQuoted(urlOf(request, sent, lookup))}`,
    ...sent.flags,
    ...headersOf(sent, lookup).map((header) => `-H ${doubleQuoted(header)}`),
  ]
  for (const { args, lack } of curlBodies(request, lookup)) {
    const text = [...head, ...args].join(' \\\n  ')
    if (text.length <= request.maxChars) return { text, lack }
  }
  const bare = head.join(' \\\n  ')
  if (request.isFull) return lessOptional(renderCurl({ ...request, isFull: false }, lookup))
  return bare.length <= request.maxChars ? { text: bare, lack: 'body' } : { text: '', lack: 'curl' }
}

/** Where a curl with all that is optional was asked for. */
function lessOptional({ text, lack }: RenderedCurl): RenderedCurl {
  return { text, lack: lack === 'values' ? 'optional' : (lack ?? 'optional') }
}

/** What is put into the address and the headers. */
interface Sent extends SentCredentials {
  parameters: RequestParameter[]
}

/** The parameters that are sent, less those that the credentials are. */
function sentParameters({ parameters, credentials, isFull }: CurlRequest): RequestParameter[] {
  const keyOf = (place: string, name: string) => `${place} ${name.toLowerCase()}`
  const taken = new Set(credentials.map(({ place, name }) => keyOf(headerPlace(place), name)))
  return parameters.filter(
    ({ place, name, isRequired, written }) =>
      (isRequired || (isFull && !isTrue(written['deprecated']))) && !taken.has(keyOf(place, name)),
  )
}

function headerPlace(place: Credential['place']): string {
  return place === 'basic' || place === 'digest' ? 'header' : place
}

function methodFlag({ method, requestBody }: CurlRequest): string {
  if (method === 'HEAD') return '-I '
  if (method === 'GET' && requestBody === undefined) return ''
  // 3.2 lets it have characters that mean something to a shell.
  return `-X ${/^[A-Z-]+$/.test(method) ? method : singleQuoted(method)} `
}

function urlOf(
  { path, baseUrl }: CurlRequest,
  { parameters, query: keys }: Sent,
  lookup: ComponentLookup,
): Piece[] {
  const asked = parameters.filter(({ place }) => place === 'query' || place === 'querystring')
  const query = [...asked.flatMap((parameter) => queryParts(parameter, lookup)), ...keys]
  if (path.startsWith('webhook:')) return withQuery([{ variable: 'WEBHOOK_URL' }], query, '')
  // What follows # only tells operations apart (AWS); it is never sent.
  const written = path.replace(/#.*$/, '')
  const rooted = written.startsWith('/') ? written : `/${written}`
  const values = new Map(
    parameters
      .filter(({ place }) => place === 'path')
      .map((parameter) => [parameter.name, pathValue(parameter, lookup)]),
  )
  return withQuery([...filled(baseUrl, NO_VALUES), ...filled(rooted, values)], query, rooted)
}

const NO_VALUES: ReadonlyMap<string, Piece[]> = new Map()

/** `/users/{id}` as text and placeholders, with the values there are. */
function filled(template: string, values: ReadonlyMap<string, Piece[]>): Piece[] {
  return template.split(/(\{[^{}]{1,200}\})/).flatMap((part) => {
    const name = /^\{(.*)\}$/.exec(part)?.[1]
    return name === undefined ? [encodeUnsafe(part)] : (values.get(name) ?? [placeholder(name)])
  })
}

/** What has a meaning to a shell or to curl, and has none in an address, is encoded. */
function encodeUnsafe(text: string): string {
  return text.replace(/[\s"<>\\^`{|}!'[\]]/g, (char) => `%${hex(char)}`)
}

function hex(char: string): string {
  return Buffer.from(char).toString('hex').toUpperCase().match(/../g)?.join('%') ?? ''
}

function withQuery(url: Piece[], query: readonly Piece[][], path: string): Piece[] {
  const first = path.includes('?') ? '&' : '?'
  const separated = query.flatMap((part, index) => [index === 0 ? first : '&', part].flat())
  return [...url, ...separated]
}

/** A value from the document as text, items with commas; null where it gives none. */
function simpleText(parameter: RequestParameter, lookup: ComponentLookup): string | null {
  const given = exampleOf(parameter, lookup)
  const items = Array.isArray(given) ? given.slice(0, 5) : [given]
  const texts = items.map((item) => cleanName(item, 200)).filter((text) => text !== null)
  return texts.length === 0 ? null : cleanName(texts.join(','), 200)
}

function headersOf({ parameters, cookies: keys }: Sent, lookup: ComponentLookup): Piece[][] {
  const valueOf = (parameter: RequestParameter) =>
    simpleText(parameter, lookup) ?? placeholder(parameter.name)
  const headers = parameters
    .filter(({ place, name }) => place === 'header' && isHeaderName(name))
    .map((parameter) => [`${parameter.name}: `, valueOf(parameter)])
  const cookies = [
    ...parameters
      .filter(({ place }) => place === 'cookie')
      .map((parameter) => [`${parameter.name}=`, valueOf(parameter)]),
    ...keys,
  ]
  if (cookies.length === 0) return headers
  const pairs = cookies.flatMap((pair) => ['; ', pair].flat()).slice(1)
  return [...headers, ['Cookie: ', ...pairs]]
}
