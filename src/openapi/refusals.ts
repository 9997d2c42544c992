import { messageOf } from '../errors.js'
import { isNamedAtStart, textFormat, valueFormat } from './recognise.js'
import { placeOf, SpecError } from './spec-error.js'

/** Where in a text, both from 1. */
interface Place {
  line: number
  column: number
}

/** The refusal of a value that is no OpenAPI document, naming what it looks like. */
export function notOpenApi(value: unknown, text: string): SpecError {
  // YAML takes any text for one long word.
  if ((typeof value === 'string' || isNamedAtStart(text)) && textFormat(text) !== null) {
    return notParsable(text, '', { line: 1, column: 1 }, undefined)
  }
  return new SpecError(
    'NOT_OPENAPI',
    `this looks like ${valueFormat(value)}. Upload a document that begins with an \`openapi: 3.x\` or ` +
      '`swagger: "2.0"` field.',
  )
}

/** The refusal of a text that says nothing. */
export function empty(): SpecError {
  return new SpecError('EMPTY', 'the document has no content. Check the file that was uploaded.')
}

/** What a text that cannot be read looks like, or what is wrong with it where. */
export function notParsable(
  text: string,
  reason: string,
  place: Place | undefined,
  cause: unknown,
): SpecError {
  const looks = textFormat(text)
  const where = place === undefined ? '' : `line ${place.line}, column ${place.column}: `
  const sentence =
    looks === null
      ? `${where}${reason}. Correct that place and upload it again.`
      : `${where}this looks like ${looks}. Upload an OpenAPI document in JSON or YAML.`
  return new SpecError('NOT_PARSABLE', sentence, { ...place, cause })
}

/** The refusal of JSON that neither JSON's parser nor YAML's reads. */
export function brokenJson(text: string, error: Error, cause: unknown): SpecError {
  return notParsable(text, `not valid JSON: ${jsonReason(error)}`, jsonPlace(text, error), cause)
}

/** Whether JSON ends where more was to come. */
export function isTruncation(text: string, error: Error): boolean {
  if (/^Unexpected end|^Unterminated string/.test(error.message)) return true
  return (jsonErrorOffset(error) ?? -1) >= text.trimEnd().length
}

export function truncatedJson(text: string): SpecError {
  const place = placeOf(text, text.length)
  return new SpecError(
    'NOT_PARSABLE',
    `line ${place.line}, column ${place.column}: the JSON ends in the middle, so the file was ` +
      'cut off. Upload the whole of it.',
    place,
  )
}

/** `JSON.parse` names the offset in its message, and quotes the document: only the reason stays. */
function jsonReason(error: Error): string {
  return messageOf(error).replace(
    /(?:,? (?:\.{3})?"[^]*"\.{0,3})? (?:is not valid JSON|in JSON at .*)$/,
    '',
  )
}

function jsonPlace(text: string, error: Error): Place | undefined {
  const offset = jsonErrorOffset(error)
  return offset === undefined ? undefined : placeOf(text, offset)
}

function jsonErrorOffset(error: Error): number | undefined {
  const offset = /at position (\d+)/.exec(error.message)?.[1]
  return offset === undefined ? undefined : Number(offset)
}
