import type { ComponentLookup } from './component-lookup.js'
import { isObject, objectOrEmpty, type JsonObject } from './json-value.js'
import { METHODS } from './methods.js'

/** A call that the API makes back to its caller. */
export interface CallbackCall {
  /** Of the callback, which may have several calls. */
  name: string
  method: string
  /** Where it goes: `{$request.body#/callbackUrl}`. */
  expression: string
  operation: JsonObject
}

/** Calls looked at. */
const MAX_CALLS = 100

/** The calls of an operation's `callbacks`, through their `$ref`s; what is none is left out. */
export function callbackCalls(operation: JsonObject, lookup: ComponentLookup): CallbackCall[] {
  const calls: CallbackCall[] = []
  for (const [name, written] of Object.entries(objectOrEmpty(operation['callbacks']))) {
    for (const [expression, item] of entriesOf(written, lookup)) {
      for (const [method, call] of entriesOf(item, lookup)) {
        if (!METHODS.has(method) || !isObject(call) || calls.length === MAX_CALLS) continue
        calls.push({ name, method: method.toUpperCase(), expression, operation: call })
      }
    }
  }
  return calls
}

function entriesOf(written: unknown, lookup: ComponentLookup): [string, unknown][] {
  const entries = Object.entries(objectOrEmpty(lookup.follow(written)))
  return entries.filter(([key]) => !key.startsWith('x-'))
}
