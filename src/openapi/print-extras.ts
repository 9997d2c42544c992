import type { ComponentLookup } from './component-lookup.js'
import { exampleValue, givenExample } from './example-value.js'
import { own, type JsonObject } from './json-value.js'
import { printType, type Detail } from './print-type.js'
import { mainMedia, successResponse } from './schema-shape.js'
import { identifier } from './type-text.js'

/** Sections of a contract that are shown when they are asked for. */

interface Part {
  name: 'request' | 'response'
  media: JsonObject
  schema: unknown
}

function partsOf(operation: JsonObject, lookup: ComponentLookup): Part[] {
  const body = lookup.follow(operation['requestBody'])
  const response = lookup.follow(successResponse(operation['responses'])?.response)
  const parts = [
    { name: 'request' as const, main: mainMedia(own(body, 'content')) },
    { name: 'response' as const, main: mainMedia(own(response, 'content')) },
  ]
  return parts.flatMap(({ name, main }) =>
    main === null ? [] : [{ name, media: main.media, schema: main.schema }],
  )
}

/** One example of the body and one of the answer: the document's own, or made from the schema. */
export function printExamples(operation: JsonObject, lookup: ComponentLookup): string[] {
  return partsOf(operation, lookup).map(({ name, media, schema }) => {
    const given = givenExample(media, lookup)
    const value = given ?? exampleValue(schema, lookup, 'all')
    const origin = given === undefined ? 'made from the schema' : 'from the document'
    return `example ${name} (${origin}):\n${JSON.stringify(value, null, 1)}`
  })
}

/** The JSON Schemas of body and answer as they stand in the document. */
export function printSchemas(operation: JsonObject, lookup: ComponentLookup): string[] {
  return partsOf(operation, lookup)
    .filter(({ schema }) => schema !== undefined)
    .map(({ name, schema }) => `${name} schema:\n${JSON.stringify(schema)}`)
}

const DECLARED: Detail = {
  depth: 4,
  maxProperties: 200,
  maxMembers: 50,
  maxEnumValues: 100,
  commentChars: 80,
}
const MAX_DECLARATIONS = 60
const MAX_DECLARED_CHARS = 50_000

/** TypeScript declarations of body and answer and of what they refer to, nearest first. */
export function printTypes(operation: JsonObject, lookup: ComponentLookup): string[] {
  const declared = new Set<string>()
  const open: { name: string; schema: unknown; direction: Part['name'] }[] = partsOf(
    operation,
    lookup,
  ).map(({ name, schema }) => ({
    name: name === 'request' ? 'RequestBody' : 'ResponseBody',
    schema,
    direction: name,
  }))
  const declarations: string[] = []
  for (let at = 0; at < open.length && at < MAX_DECLARATIONS; at++) {
    const next = open[at]
    if (next === undefined) break
    const text = printType(next.schema, next.name, {
      lookup,
      detail: DECLARED,
      direction: next.direction,
      onLeftOut: () => undefined,
      room: { chars: MAX_DECLARED_CHARS },
      onName: (pointer) => {
        const name = identifier(pointer)
        if (declared.has(name)) return
        declared.add(name)
        open.push({ name, schema: lookup.find(pointer), direction: next.direction })
      },
    })
    declarations.push(`type ${next.name} = ${text}`)
  }
  return declarations
}
