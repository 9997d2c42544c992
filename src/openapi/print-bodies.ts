import { isObject, objectOrEmpty, type JsonObject } from './json-value.js'
import { printLinks } from './print-links.js'
import { partTypes } from './part-types.js'
import { printType } from './print-type.js'
import type { PrinterOptions } from './type-printing.js'
import { limitsOf } from './schema-comment.js'
import { mainMedia } from './schema-shape.js'
import { cleanedOrNull, cleanName } from './search-text.js'
import { fieldsSentAs } from './sent-as.js'
import { cleanNames, joinUpTo } from './short-names.js'
import { withComment } from './type-text.js'

/** `body application/json: Issue {…}`; null where the operation takes none. */
export function printRequestBody(requestBody: unknown, options: PrinterOptions): string | null {
  if (requestBody === undefined || requestBody === null) return null
  const body = options.lookup.follow(requestBody)
  if (!isObject(body)) return 'body: any'
  const mark = body['required'] === true ? '' : '?'
  return printContent(`body${mark}`, body, 'body', options)
}

export interface PrintedResponses {
  /** Each success response in full, and the errors where they were asked for. */
  blocks: string[]
  /** Status codes that are only named. */
  others: string[]
}

/** Success responses in full, others as a list of codes, or in full too. */
export function printResponses(
  responses: unknown,
  withErrors: boolean,
  options: PrinterOptions,
): PrintedResponses {
  if (!isObject(responses)) return { blocks: [], others: [] }
  const codes = Object.keys(responses).filter((code) => !code.startsWith('x-'))
  const hasSuccess = codes.some((code) => isSuccess(code))
  const isMain = (code: string) => isSuccess(code) || (!hasSuccess && code === 'default')
  const main = codes.filter((code) => isMain(code)).slice(0, MAX_RESPONSES)
  const others = codes.filter((code) => !isMain(code))
  const print = (code: string, path: string) => printResponse(code, responses[code], path, options)
  return {
    blocks: [
      ...main.map((code, index) => print(code, index === 0 ? 'response' : `response.${code}`)),
      ...(withErrors ? others.slice(0, MAX_RESPONSES).map((code) => print(code, code)) : []),
    ],
    others: withErrors ? [] : others.map((code) => cleanName(code, 20) ?? '').slice(0, 30),
  }
}

const MAX_RESPONSES = 12
/** Of the names of media types that are not shown. */
const MAX_OTHERS_CHARS = 80

/** `2XX` counts, in any case. */
export function isSuccess(code: string): boolean {
  return /^2(?:\d\d|xx)$/i.test(code)
}

function printResponse(
  code: string,
  written: unknown,
  path: string,
  options: PrinterOptions,
): string {
  const response = options.lookup.follow(written)
  const head = `→ ${cleanName(code, 20) ?? ''}`
  if (!isObject(response)) return head
  const text = printContent(head, response, path, options)
  const headers = isObject(response['headers']) ? Object.keys(response['headers']) : []
  const names = headers.slice(0, 8).map((name) => cleanName(name, 60))
  const lines = [
    ...(names.length === 0 ? [] : [`headers: ${names.join(', ')}`]),
    ...printLinks(response['links'], options),
  ]
  return [text, ...lines].join('\n  ')
}

/** What is sent in its main media type, after `head`: `head application/json: Issue {…} // text`. */
export function printContent(
  head: string,
  holder: JsonObject,
  path: string,
  options: PrinterOptions,
): string {
  const media = mainMedia(holder['content'], options.lookup)
  const comment = cleanedOrNull(holder['description'], options.detail.commentChars || 1) ?? ''
  const note = options.detail.commentChars === 0 ? '' : comment
  if (media === null) return withComment(head, note)
  const types = Object.keys(isObject(holder['content']) ? holder['content'] : {})
  const others = cleanNames(types.filter((type) => type !== media.type))
  const also = others.length > 0 ? ` (or ${joinUpTo(others, MAX_OTHERS_CHARS)})` : ''
  const schema = options.lookup.follow(media.schema)
  const type = media.schema === undefined ? 'any' : printType(media.schema, path, options)
  const stream = media.isStream ? 'stream of ' : ''
  const line = `${head} ${cleanName(media.type, 100) ?? 'data'}${also}: ${stream}${type}`
  const how = [
    partTypes(media.media),
    fieldsSentAs(media, options.lookup),
    options.detail.commentChars === 0 ? '' : limitsOf(objectOrEmpty(schema)).join(', '),
    note,
  ]
  return withComment(line, how.filter(Boolean).join('; '))
}
