import { callbackCalls } from './callback-calls.js'
import { createComponentLookup, type ComponentLookup } from './component-lookup.js'
import { expandPath } from './expand-path.js'
import { fitText, neutral, type FittedText } from './fit-text.js'
import { arrayOrEmpty } from './json-value.js'
import type { NamedDefinition } from './parsed-spec.js'
import { printRequestBody, printResponses } from './print-bodies.js'
import { printCallbacks } from './print-callbacks.js'
import { withExtras, type Extra } from './print-extras.js'
import { isWebhook, printHead } from './print-head.js'
import { printParameters } from './print-parameters.js'
import { printType } from './print-type.js'
import type { PrinterOptions } from './type-printing.js'
import { CURL_PART, withLackNote } from './lack-note.js'
import { renderCurl, type RenderedCurl } from './render-curl.js'
import { requestParameters, type RequestParameter } from './request-parameters.js'
import {
  chosenCredentials,
  credentialChoices,
  securityLabels,
  type Credential,
} from './request-security.js'
import { cleanName } from './search-text.js'
import { sentAndGiven } from './sent-and-given.js'
import { baseUrl, serverUrls } from './server-urls.js'
import type { Direction } from './wanted-properties.js'

/**
 * What is shown beyond the usual: error answers in full, not as a list of codes; a curl with all
 * that is optional, not with what is required alone; examples, JSON Schemas, TypeScript types.
 */
export type Include = 'errors' | 'curl' | Extra

export interface RenderOptions {
  /** Of contract, curl and security together. */
  maxChars: number
  include?: readonly Include[] | undefined
  /** A part to show instead of the whole: `body.items.owner`. */
  expand?: string | undefined
}

export interface RenderedOperation {
  contract: string
  /** Empty where it does not fit, and for a part unless it is included. */
  curl: string
  /** One text for each way to be let in: `ApiKeyAuth: header X-Api-Key`. */
  security: string[]
  servers: string[]
  truncated: boolean
  /** What was cut, as values for `expand`, and what was asked for by `include` and did not fit. */
  leftOut: string[]
  /** Components that were looked for and not given: load them, where they exist, and render again. */
  missing: string[]
}

/** What all parts of one answer are made from. */
interface Rendering {
  definition: NamedDefinition
  include: readonly Include[]
  parameters: RequestParameter[]
  servers: unknown[]
  choices: Credential[][]
  lookup: ComponentLookup
}

/** From here on the most detailed form is tried first. */
const FULL_FROM_CHARS = 8_000
/** So much of the room may go to the curl, and to one with all that is optional or that is cut. */
const CURL_SHARE = 0.4
const MOST_CURL_SHARE = 0.6
/** And to one that is all that was asked for, as `expand: "curl"`. */
const ONLY_CURL_SHARE = 0.9
const SECURITY_SHARE = 0.25
/** So much of the room goes to the contract itself where extras were asked for. */
const CONTRACT_SHARE = 0.5
/** Stands between ways to be let in where they are shown, with the marks around each. */
const BETWEEN = '` or `'
const MAX_SERVERS = 5

/**
 * How to call one operation: a TypeScript-like contract, a curl, and where credentials go. Pure; it
 * sees only the components it is given. All of it together never passes `maxChars`: what does not
 * fit is cut at the end of an item, and named.
 */
export function renderOperation(
  definition: NamedDefinition,
  components: Pick<ReadonlyMap<string, unknown>, 'get'>,
  { maxChars, include = [], expand }: RenderOptions,
): RenderedOperation {
  const lookup = createComponentLookup(components)
  const choices = credentialChoices(securityOf(definition), lookup)
  const security = securityLabels(choices, maxChars * SECURITY_SHARE).map((one) => neutral(one))
  const servers = serversOf(definition)
  const parameters = shownParameters(definition, choices, lookup)
  const rendering = { definition, include, parameters, servers, choices, lookup }
  const room = Math.max(0, maxChars - security.join(BETWEEN).length)
  const hasCurl = expand === undefined || expand === CURL_PART || include.includes('curl')
  const most = expand === CURL_PART ? ONLY_CURL_SHARE : MOST_CURL_SHARE
  const curl = hasCurl ? curlOf(rendering, room, most) : NO_CURL
  const { text, leftOut } = withLackNote(curl.lack, room - curl.text.length, (contractRoom) =>
    expand === undefined
      ? renderWhole(rendering, contractRoom)
      : renderPart(rendering, expand, contractRoom),
  )
  return {
    contract: text,
    curl: curl.text,
    security,
    servers: serverUrls(servers, definition.documentUrl).slice(0, MAX_SERVERS),
    truncated: leftOut.length > 0,
    leftOut,
    missing: [...lookup.missing],
  }
}

/** A webhook is sent by the API: what lets callers into the API is not in it. */
function securityOf({ operation, security, path }: NamedDefinition): unknown[] | null {
  return isWebhook(path) ? arrayOrEmpty(operation['security']) : security
}

/** What a webhook sends is the API's own, as its responses are. */
function senderOf({ path }: NamedDefinition): Direction {
  return isWebhook(path) ? 'response' : 'request'
}

function serversOf({ operation, servers, path }: NamedDefinition): unknown[] {
  if (isWebhook(path)) return []
  const own = arrayOrEmpty(operation['servers'])
  return own.length > 0 ? own : servers
}

/** A header `Authorization` is told by the security scheme, where there is one. */
function shownParameters(
  { operation }: NamedDefinition,
  choices: readonly Credential[][],
  lookup: ComponentLookup,
): RequestParameter[] {
  const isSecured = choices.some((needed) => needed.length > 0)
  return requestParameters(operation, lookup).filter(
    ({ place, name }) => !isSecured || place !== 'header' || name.toLowerCase() !== 'authorization',
  )
}

const NO_CURL: RenderedCurl = { text: '', lack: null }

function curlOf(rendering: Rendering, room: number, most: number): RenderedCurl {
  const { definition, include, parameters, servers, choices, lookup } = rendering
  const isFull = include.includes('curl')
  const curlWithin = (maxChars: number) => renderCurl({ ...request, maxChars }, lookup)
  const request = {
    method: definition.method,
    path: definition.path,
    baseUrl: baseUrl(servers, definition.documentUrl),
    parameters,
    requestBody: definition.operation['requestBody'],
    credentials: chosenCredentials(choices),
    direction: senderOf(definition),
    isFull,
  }
  const curl = curlWithin(Math.floor(room * (isFull ? most : CURL_SHARE)))
  const isCut = curl.lack === 'body' || curl.lack === 'curl'
  return isCut ? curlWithin(Math.floor(room * most)) : curl
}

function renderWhole(rendering: Rendering, room: number): FittedText {
  const { definition, include, parameters, servers, lookup } = rendering
  const { operation } = definition
  const extras = include.filter((name) => name !== 'errors' && name !== 'curl')
  const contractRoom = Math.floor(extras.length > 0 ? room * CONTRACT_SHARE : room)
  const whole = fitText(contractRoom, contractRoom > FULL_FROM_CHARS, (level, cuts) => {
    const direction = senderOf(definition)
    const request: PrinterOptions = { lookup, detail: level, direction, ...cuts }
    const detail = { ...level, depth: level.responseDepth }
    const response: PrinterOptions = { lookup, detail, direction: 'response', ...cuts }
    const body = printRequestBody(operation['requestBody'], request)
    const withErrors = include.includes('errors')
    const { blocks, others } = printResponses(operation['responses'], withErrors, response)
    const isBrief = level.commentChars === 0
    return [
      printHead(definition, { ...level, servers: isBrief ? [] : servers }),
      ...printParameters(parameters, request),
      ...(body === null ? [] : [body]),
      ...blocks,
      ...(others.length === 0 ? [] : [`other answers: ${others.join(', ')}`]),
      ...printCallbacks(callbackCalls(operation, lookup), response),
    ]
  })
  if (extras.length === 0) return whole
  const parts = sentAndGiven(operation, senderOf(definition), lookup)
  return withExtras(whole, extras, parts, room, lookup)
}

function renderPart({ definition, lookup }: Rendering, expand: string, room: number): FittedText {
  const { operation, method, path } = definition
  const title = `${method} ${path}: ${cleanName(expand, 200) ?? ''}`
  if (expand === CURL_PART) return fitText(room, false, () => [title])
  const found = expandPath(expand, operation, lookup)
  if ('known' in found) {
    const known = found.known.join(', ') || 'nothing'
    const line = `There is no such part. At the last place found there is: ${known}.`
    return fitText(room, false, () => [title, line])
  }
  return fitText(room, true, (level, cuts) => {
    const detail = { ...level, depth: level.depth + 1 }
    const direction = found.direction === 'request' ? senderOf(definition) : found.direction
    const options = { lookup, detail, direction, ...cuts }
    if ('parameters' in found) return [title, ...printParameters(found.parameters, options)]
    return [title, printType(found.schema, expand, options)]
  })
}
