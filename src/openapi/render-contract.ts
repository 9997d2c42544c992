import { createComponentLookup, type ComponentLookup } from './component-lookup.js'
import { expandPath } from './expand-path.js'
import { arrayOrEmpty, isTrue, type JsonObject } from './json-value.js'
import type { OperationDefinition } from './parsed-spec.js'
import { printRequestBody, printResponses } from './print-bodies.js'
import { printExamples, printSchemas, printTypes } from './print-extras.js'
import { printParameters } from './print-parameters.js'
import { printType, type Detail, type PrinterOptions } from './print-type.js'
import { renderCurl } from './render-curl.js'
import { requestParameters } from './request-parameters.js'
import { credentialChoices, securityLabels, type Credential } from './request-security.js'
import { cleanedOrNull, cleanName, cutText, stripUnseen } from './search-text.js'
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
  /** What was cut, as values for `expand`. */
  leftOut: string[]
  /** Components that were looked for and not given: load them, where they exist, and render again. */
  missing: string[]
}

/** From most to least. The first that fits is taken. */
const DETAILS: readonly (Detail & { responseDepth: number; aboutChars: number })[] = [
  detail(3, 3, 60, 10, 20, 100, 400),
  detail(3, 2, 40, 8, 15, 80, 300),
  detail(2, 2, 40, 6, 12, 60, 200),
  detail(2, 1, 30, 6, 10, 60, 200),
  detail(1, 1, 30, 5, 8, 40, 150),
  detail(1, 1, 20, 4, 6, 0, 100),
  detail(1, 0, 12, 3, 4, 0, 80),
  detail(0, 0, 6, 2, 3, 0, 60),
]

function detail(
  depth: number,
  responseDepth: number,
  maxProperties: number,
  maxMembers: number,
  maxEnumValues: number,
  commentChars: number,
  aboutChars: number,
) {
  return {
    depth,
    responseDepth,
    maxProperties,
    maxMembers,
    maxEnumValues,
    commentChars,
    aboutChars,
  }
}

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
    security: securityLabels(choices),
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

interface Rendered {
  text: string
  leftOut: string[]
}

function renderWhole(
  definition: OperationDefinition & { method: string; path: string },
  { maxChars, include }: RenderOptions,
  lookup: ComponentLookup,
): Rendered {
  let last: Rendered = { text: '', leftOut: [] }
  for (const level of DETAILS) {
    const blocks = head(definition, level.aboutChars)
    const leftOut = new Set<string>()
    const room = { chars: maxChars }
    const options = (direction: 'request' | 'response'): PrinterOptions => ({
      lookup,
      detail: direction === 'request' ? level : { ...level, depth: level.responseDepth },
      direction,
      references: 'inline',
      onLeftOut: (path) => leftOut.add(path),
      room,
    })
    const { operation } = definition
    blocks.push(...printParameters(requestParameters(operation, lookup), options('request')))
    const body = printRequestBody(operation['requestBody'], options('request'))
    if (body !== null) blocks.push(body)
    const withErrors = include?.includes('errors') ?? false
    const responses = printResponses(operation['responses'], withErrors, options('response'))
    blocks.push(...responses.blocks)
    if (responses.others.length > 0) blocks.push(`other answers: ${responses.others.join(', ')}`)
    last = withFooter(blocks, [...leftOut])
    if (last.text.length <= maxChars) break
  }
  const fitting = last.text.length <= maxChars ? last : cutLines(last, maxChars)
  return withExtras(fitting, definition.operation, include ?? [], maxChars, lookup)
}

function renderPart(
  definition: OperationDefinition & { method: string; path: string },
  expand: string,
  maxChars: number,
  lookup: ComponentLookup,
): Rendered {
  const name = cleanName(expand, 200) ?? ''
  const title = `${definition.method} ${definition.path}: ${name}`
  const found = expandPath(expand, definition.operation, lookup)
  if ('known' in found) {
    const known = found.known.join(', ') || 'nothing'
    const text = `${title}\nThere is no such part. At the last place found there is: ${known}.`
    return cutLines({ text: neutral(text), leftOut: [] }, maxChars)
  }
  let last: Rendered = { text: '', leftOut: [] }
  for (const level of DETAILS) {
    const leftOut = new Set<string>()
    const type = printType(found.schema, expand, {
      lookup,
      detail: { ...level, depth: level.depth + 1 },
      direction: found.direction,
      references: 'inline',
      onLeftOut: (path) => leftOut.add(path),
      room: { chars: maxChars },
    })
    last = withFooter([title, type], [...leftOut])
    if (last.text.length <= maxChars) return last
  }
  return cutLines(last, maxChars)
}

function head(
  { operation, method, path }: OperationDefinition & { method: string; path: string },
  aboutChars: number,
): string[] {
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
  return [lines.join('\n')]
}

const MAX_NAMED = 6

function withFooter(blocks: readonly string[], leftOut: string[]): Rendered {
  const text = blocks.join('\n')
  if (leftOut.length === 0) return { text: neutral(text), leftOut }
  const named = leftOut.slice(0, MAX_NAMED).map((path) => cutText(path, 80))
  const more = leftOut.length > MAX_NAMED ? `, ${leftOut.length - MAX_NAMED} more` : ''
  const [first] = named
  const how = `get_operation with expand: ${JSON.stringify(first)}, or a larger max_tokens`
  return {
    text: neutral(`${text}\nLeft out: ${named.join(', ')}${more}. To see: ${how}.`),
    leftOut,
  }
}

/** The last resort: whole lines from the top, and how many are missing. */
function cutLines({ text, leftOut }: Rendered, maxChars: number): Rendered {
  if (text.length <= maxChars) return { text, leftOut }
  const lines = text.split('\n')
  const note = (count: number) => `… ${count} more lines; ask with a larger max_tokens.`
  const kept: string[] = []
  let room = maxChars - note(lines.length).length
  for (const line of lines) {
    room -= line.length + 1
    if (room < 0) break
    kept.push(line)
  }
  const cut = [...kept, note(lines.length - kept.length)].join('\n')
  const rest = leftOut.length > 0 ? leftOut : ['response']
  return {
    text: cut.length <= maxChars ? cut : cutText(text, Math.max(1, maxChars)).slice(0, maxChars),
    leftOut: rest,
  }
}

/** Sections that were asked for, each as long as it fits whole. */
function withExtras(
  rendered: Rendered,
  operation: JsonObject,
  include: readonly Include[],
  maxChars: number,
  lookup: ComponentLookup,
): Rendered {
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

/** Nothing of it can end a code block or hide from a reader. */
function neutral(text: string): string {
  return stripUnseen(text)
    .replace(/`{3,}/g, (run) => "'".repeat(run.length))
    .replace(/~{3,}/g, (run) => '-'.repeat(run.length))
}
