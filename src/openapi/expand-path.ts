import { callbackCalls } from './callback-calls.js'
import type { ComponentLookup } from './component-lookup.js'
import { mappedPointers } from './discriminator.js'
import { flattenSchema } from './flatten-schema.js'
import { isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'
import { isSuccess } from './print-bodies.js'
import { requestParameters, type RequestParameter } from './request-parameters.js'
import { mainMedia } from './schema-shape.js'
import { cleanName } from './search-text.js'

export interface Expanded {
  schema: unknown
  direction: 'request' | 'response'
}

/** All parameters of one place. */
export interface ExpandedPlace {
  parameters: RequestParameter[]
  direction: 'request'
}

/** Parts of one schema that are searched for a property. */
const MAX_PARTS = 100
const MAX_STEPS = 40

/**
 * The schema that a path like `body.items.owner` or `response.user` leads to, through arrays,
 * compositions and references; the parameters of a place like `query`; or the names there are at
 * the last place that was found.
 */
export function expandPath(
  path: string,
  operation: JsonObject,
  lookup: ComponentLookup,
): Expanded | ExpandedPlace | { known: string[] } {
  const start = startOf(path, operation, lookup)
  if (start === null) {
    const all = requestParameters(operation, lookup)
    const parameters = all.filter(({ place }) => place === path)
    return parameters.length > 0
      ? { parameters, direction: 'request' }
      : { known: firstNames(operation, all) }
  }
  let { schema, rest } = start
  for (let steps = 0; rest !== '' && steps < MAX_STEPS; steps++) {
    const next = stepInto(schema, rest, lookup)
    if (next === null) return { known: namesIn(schema, lookup) }
    schema = next.schema
    rest = next.rest
  }
  return { schema, direction: start.direction }
}

/** What a path can begin with: the parts that the operation has. */
function firstNames(operation: JsonObject, parameters: readonly RequestParameter[]): string[] {
  const codes = Object.keys(objectOrEmpty(operation['responses']))
  return [
    ...(operation['requestBody'] === undefined ? [] : ['body']),
    ...(codes.length === 0 ? [] : ['response']),
    ...codes.slice(0, 20).map((code) => cleanName(code, 20) ?? ''),
    ...Object.keys(objectOrEmpty(operation['callbacks']))
      .slice(0, 20)
      .map((name) => `callbacks.${cleanName(name, 80) ?? ''}`),
    ...parameters.slice(0, 40).map(({ place, name }) => `${place}.${name}`),
  ]
}

interface Start extends Expanded {
  rest: string
}

function startOf(path: string, operation: JsonObject, lookup: ComponentLookup): Start | null {
  const [first = '', ...others] = path.split('.')
  const rest = others.join('.')
  if (first === 'body') {
    const body = lookup.follow(operation['requestBody'])
    return { schema: contentSchema(body, lookup), rest, direction: 'request' }
  }
  if (first === 'callbacks') return callbackStart(rest, operation, lookup)
  const responses = operation['responses']
  if (first === 'response' && isObject(responses)) {
    const [code = '', ...below] = others
    if (own(responses, code) !== undefined) {
      return responseStart(responses[code], below.join('.'), lookup)
    }
    const codes = Object.keys(responses)
    const main = codes.find((one) => isSuccess(one)) ?? codes.find((one) => one === 'default')
    return responseStart(main === undefined ? undefined : responses[main], rest, lookup)
  }
  const response = own(responses, first)
  if (response !== undefined) return responseStart(response, rest, lookup)
  const parameters = requestParameters(operation, lookup)
  const parameter = parameters.find(
    ({ name, place }) => place === first && (rest === name || rest.startsWith(`${name}.`)),
  )
  if (parameter === undefined) return null
  const below = rest.slice(parameter.name.length + 1)
  return { schema: parameter.schema, rest: below, direction: 'request' }
}

/** What any call of a callback sends: the API does, so it is like a response. */
function callbackStart(path: string, operation: JsonObject, lookup: ComponentLookup): Start | null {
  const calls = callbackCalls(operation, lookup)
  const cleaned = (name: string) => cleanName(name, 80) ?? ''
  const fitting = calls.filter(({ name }) => `${path}.`.startsWith(`${cleaned(name)}.`))
  const [longest] = fitting.toSorted((a, b) => b.name.length - a.name.length)
  if (longest === undefined) return null
  const bodies = fitting
    .filter(({ name }) => name === longest.name)
    .map((call) => contentSchema(lookup.follow(call.operation['requestBody']), lookup))
    .filter((schema) => schema !== undefined)
  const schema = bodies.length === 1 ? bodies[0] : { anyOf: bodies }
  return { schema, rest: path.slice(cleaned(longest.name).length + 1), direction: 'response' }
}

function responseStart(written: unknown, rest: string, lookup: ComponentLookup): Start {
  return { schema: contentSchema(lookup.follow(written), lookup), rest, direction: 'response' }
}

function contentSchema(holder: unknown, lookup: ComponentLookup): unknown {
  return mainMedia(own(holder, 'content'), lookup)?.schema
}

/** Names may hold dots (`@odata.nextLink`), so the longest that fits is taken. */
function stepInto(
  schema: unknown,
  rest: string,
  lookup: ComponentLookup,
): { schema: unknown; rest: string } | null {
  const parts = partsOf(schema, lookup)
  const fits = (name: string) => rest === name || rest.startsWith(`${name}.`)
  for (const { properties } of parts) {
    const names = [...properties.keys()].filter((name) => fits(name))
    const [name] = names.toSorted((a, b) => b.length - a.length)
    if (name !== undefined) {
      return { schema: properties.get(name), rest: rest.slice(name.length + 1) }
    }
  }
  const [word = ''] = rest.split('.')
  const below = rest.slice(word.length + 1)
  for (const { facts } of parts) {
    if (word === '*' && isObject(facts['additionalProperties'])) {
      return { schema: facts['additionalProperties'], rest: below }
    }
    if (word === 'items' && facts['items'] !== undefined) {
      return { schema: facts['items'], rest: below }
    }
  }
  return null
}

function namesIn(schema: unknown, lookup: ComponentLookup): string[] {
  const names = partsOf(schema, lookup).flatMap(({ properties }) => Array.from(properties.keys()))
  const shown = [...new Set(names)].slice(0, 40).map((name) => cleanName(name, 80))
  return shown.filter((name) => name !== null)
}

/** The schema, the items of its arrays and the members of its unions, each flattened. */
function partsOf(schema: unknown, lookup: ComponentLookup) {
  const parts: ReturnType<typeof flattenSchema>[] = []
  const visited = new Set<unknown>()
  const open = [schema]
  while (open.length > 0 && visited.size < MAX_PARTS) {
    const value = lookup.follow(open.shift())
    if (!isObject(value) || visited.has(value)) continue
    visited.add(value)
    const flat = flattenSchema(value, lookup)
    parts.push(flat)
    if (flat.facts['items'] !== undefined) open.push(flat.facts['items'])
    open.push(...flat.choices.flat().slice(0, MAX_PARTS))
    for (const pointer of mappedPointers(value)) open.push({ $ref: pointer })
  }
  return parts
}
