import type { CallbackCall } from './callback-calls.js'
import { isObject } from './json-value.js'
import { printContent } from './print-bodies.js'
import type { PrinterOptions } from './type-printing.js'
import { cleanName } from './search-text.js'
import { joinUpTo } from './short-names.js'

/** Calls that are shown with what they send; of others the names. */
const MAX_SHOWN = 6
const MAX_NAMES_CHARS = 200

/** `callback paid: POST {$request.body#/url} application/json: {…}`: what the API sends, and where. */
export function printCallbacks(calls: readonly CallbackCall[], options: PrinterOptions): string[] {
  const rest = calls.slice(MAX_SHOWN).map(({ name }) => cleanName(name, 80) ?? '')
  return [
    ...calls.slice(0, MAX_SHOWN).map((call) => printCall(call, options)),
    ...(rest.length === 0
      ? []
      : [`other callbacks: ${joinUpTo([...new Set(rest)], MAX_NAMES_CHARS)}`]),
  ]
}

function printCall(call: CallbackCall, options: PrinterOptions): string {
  const { method, operation } = call
  const name = cleanName(call.name, 80) ?? ''
  const head = `callback ${name}: ${method} ${cleanName(call.expression, 150) ?? ''}`
  const body = options.lookup.follow(operation['requestBody'])
  const description = operation['summary'] ?? operation['description']
  const holder = isObject(body) ? { description, ...body } : { description }
  return printContent(head, holder, `callbacks.${name}`, options)
}
