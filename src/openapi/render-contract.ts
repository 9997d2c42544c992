import { createComponentLookup, type ComponentLookup } from './component-lookup.js'
import { expandPath } from './expand-path.js'
import { fitText, neutral, type FittedText } from './fit-text.js'
import { arrayOrEmpty, isTrue, type JsonObject } from './json-value.js'
import type { OperationDefinition } from './parsed-spec.js'
import { printRequestBody, printResponses } from './print-bodies.js'
import { printExamples, printSchemas, printTypes } from './print-extras.js'
import { printParameters } from './print-parameters.js'
import { printType, type PrinterOptions } from './print-type.js'
import { renderCurl } from './render-curl.js'
import { requestParameters } from './request-parameters.js'
import { credentialChoices, securityLabels, type Credential } from './request-security.js'
import { cleanedOrNull, cleanName } from './search-text.js'
import { baseUrl, serverUrls } from './server-urls.js'

export type Include = 'errors' | 'examples' | 'schema' | 'curl' | 'typescript'

export interface RenderOptions {
  /** Of contract and curl together. */
  maxChars: number
  include?: readonly Include[] | undefined
  /** A part to show instead of the whole: `body.items.owner`. */
  expand?: string | undefined
}

export interface RenderedOperation {
  contract: string
  /** Empty where it does not fit. */
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

/** From here on the most detailed form is tried first. */
const FULL_FROM_CHARS = 8_000
/** So much of the room may go to the curl. */
const CURL_SHARE = 0.4
const MAX_SERVERS = 5

/**
 * How to call one operation: a TypeScript-like contract, a curl, and where credentials go. Pure; it
 * sees only the components it is given. Contract and curl together never pass `maxChars`: what
 * does not fit is cut at the end of an item, and named.
 */
export function renderOperation(
  definition: OperationDefinition & { method: string; path: string },
  components: ReadonlyMap<string, unknown>,
  options: RenderOptions,
): RenderedOperation {
  const lookup = createComponentLookup(components)
  const operation = definition.operation
  const choices = credentialChoices(definition.security, lookup)
  const curl = curlOf(definition, choices, options, lookup)
  const maxChars = Math.max(0, options.maxChars - curl.length)
  const rendered =
    options.expand === undefined
      ? renderWhole(definition, { ...options, maxChars }, lookup)
      : renderPart(definition, options.expand, maxChars, lookup)
  return {
    contract: rendered.text,
    curl,
    security: securityLabels(choices).map((label) => neutral(label)),
    servers: serverUrls(serversOf(operation, definition)).slice(0, MAX_SERVERS),
    truncated: rendered.leftOut.length > 0,
    leftOut: rendered.leftOut,
    missing: [...lookup.missing],
  }
}

function serversOf(operation: JsonObject, { servers }: OperationDefinition): unknown[] {
  const own = arrayOrEmpty(operation['servers'])
  return own.length > 0 ? own : servers
}

function curlOf(
  definition: OperationDefinition & { method: string; path: string },
  choices: readonly Credential[][],
  { maxChars, expand }: RenderOptions,
  lookup: ComponentLookup,
): string {
  if (expand !== undefined) return ''
  const { operation, method, path } = definition
  const request = {
    method,
    path,
    baseUrl: baseUrl(serversOf(operation, definition)),
    parameters: requestParameters(operation, lookup),
    requestBody: operation['requestBody'],
    credentials: choices.find((needed) => needed.length > 0) ?? [],
    maxChars: Math.floor(maxChars * CURL_SHARE),
  }
  return neutral(renderCurl(request, lookup))
}

function renderWhole(
  definition: OperationDefinition & { method: string; path: string },
  { maxChars, include = [] }: RenderOptions,
  lookup: ComponentLookup,
): FittedText {
  const { operation } = definition
  const whole = fitText(maxChars, maxChars > FULL_FROM_CHARS, (level, cuts) => {
    const request: PrinterOptions = { lookup, detail: level, direction: 'request', ...cuts }
    const detail = { ...level, depth: level.responseDepth }
    const response: PrinterOptions = { lookup, detail, direction: 'response', ...cuts }
    const body = printRequestBody(operation['requestBody'], request)
    const withErrors = include.includes('errors')
    const { blocks, others } = printResponses(operation['responses'], withErrors, response)
    return [
      head(definition, level.aboutChars),
      ...printParameters(requestParameters(operation, lookup), request),
      ...(body === null ? [] : [body]),
      ...blocks,
      ...(others.length === 0 ? [] : [`other answers: ${others.join(', ')}`]),
    ]
  })
  return withExtras(whole, operation, include, maxChars, lookup)
}

function renderPart(
  { operation, method, path }: OperationDefinition & { method: string; path: string },
  expand: string,
  maxChars: number,
  lookup: ComponentLookup,
): FittedText {
  const title = `${method} ${path}: ${cleanName(expand, 200) ?? ''}`
  const found = expandPath(expand, operation, lookup)
  if ('known' in found) {
    const known = found.known.join(', ') || 'nothing'
    const line = `There is no such part. At the last place found there is: ${known}.`
    return fitText(maxChars, false, () => [title, line])
  }
  const { schema, direction } = found
  return fitText(maxChars, true, (level, cuts) => {
    const detail = { ...level, depth: level.depth + 1 }
    return [title, printType(schema, expand, { lookup, detail, direction, ...cuts })]
  })
}

function head(
  { operation, method, path }: OperationDefinition & { method: string; path: string },
  aboutChars: number,
): string {
  const summary = cleanedOrNull(operation['summary'], 200)
  const about = cleanedOrNull(operation['description'], aboutChars)
  const lines = [`${method} ${path}`]
  if (isTrue(operation['deprecated'])) lines.push('DEPRECATED')
  if (path.startsWith('webhook:')) {
    lines.push('Webhook: a call that the API makes to an address of yours.')
  }
  if (summary !== null) lines.push(summary)
  if (about !== null && about !== summary) lines.push(about)
  if (typeof operation['$ref'] === 'string') {
    lines.push(`Described outside of the document, in ${cleanName(operation['$ref'], 200) ?? ''}`)
  }
  return lines.join('\n')
}

/** Sections that were asked for, each as long as it fits whole. */
function withExtras(
  rendered: FittedText,
  operation: JsonObject,
  include: readonly Include[],
  maxChars: number,
  lookup: ComponentLookup,
): FittedText {
  const sections = {
    examples: () => printExamples(operation, lookup),
    schema: () => printSchemas(operation, lookup),
    typescript: () => printTypes(operation, lookup),
  }
  let { text } = rendered
  const leftOut = [...rendered.leftOut]
  for (const name of ['examples', 'schema', 'typescript'] as const) {
    if (!include.includes(name)) continue
    for (const section of sections[name]()) {
      const longer = `${text}\n${neutral(section)}`
      if (longer.length <= maxChars) text = longer
      else if (!leftOut.includes(name)) leftOut.push(name)
    }
  }
  return { text, leftOut }
}
