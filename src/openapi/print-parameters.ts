import { isObject } from './json-value.js'
import { printType } from './print-type.js'
import type { PrinterOptions } from './type-printing.js'
import type { RequestParameter } from './request-parameters.js'
import { schemaComment } from './schema-comment.js'
import { sentAs } from './sent-as.js'
import { indented, withComment, withDefault } from './type-text.js'

const PLACES = ['path', 'query', 'querystring', 'header', 'cookie']

/** A block for each place that has parameters, required ones first. */
export function printParameters(
  parameters: readonly RequestParameter[],
  options: PrinterOptions,
): string[] {
  const places = [...new Set([...PLACES, ...parameters.map(({ place }) => place)])]
  return places.flatMap((place) => {
    const here = parameters.filter((parameter) => parameter.place === place)
    return here.length === 0 ? [] : [printPlace(place, here, options)]
  })
}

function printPlace(
  place: string,
  parameters: readonly RequestParameter[],
  options: PrinterOptions,
): string {
  const ordered = [
    ...parameters.filter(({ isRequired }) => isRequired),
    ...parameters.filter(({ isRequired }) => !isRequired),
  ]
  const lines = ordered
    .slice(0, options.detail.maxProperties)
    .map((parameter) => printParameter(parameter, options))
  const rest = ordered.length - lines.length
  if (rest > 0) {
    options.onLeftOut(place)
    lines.push(`… ${rest} more`)
  }
  return `${place}:\n${indented(lines.join('\n'))}`
}

function printParameter(parameter: RequestParameter, options: PrinterOptions): string {
  const { name, place, isRequired, schema, written } = parameter
  const type = schema === undefined ? 'string' : printType(schema, `${place}.${name}`, options)
  const resolved = options.lookup.follow(schema)
  const { commentChars } = options.detail
  const comment =
    commentChars === 0 ? '' : schemaComment(written, resolved, commentChars, written['description'])
  const head = withDefault(`${name}${isRequired ? '' : '?'}: ${type}`, resolved)
  if (isObject(schema) && resolved === undefined) return head
  return withComment(head, [sentAs(parameter, options.lookup), comment].filter(Boolean).join('. '))
}
