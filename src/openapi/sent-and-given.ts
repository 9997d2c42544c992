import type { ComponentLookup } from './component-lookup.js'
import { own, type JsonObject } from './json-value.js'
import { mainMedia, successResponse } from './schema-shape.js'

/** The body that is sent, or the one that success gives. */
export interface Part {
  name: 'request' | 'response'
  media: JsonObject
  schema: unknown
}

/** Both bodies of an operation, each in its main media type; those that it has not are left out. */
export function sentAndGiven(operation: JsonObject, lookup: ComponentLookup): Part[] {
  const body = lookup.follow(operation['requestBody'])
  const response = lookup.follow(successResponse(operation['responses'])?.response)
  const parts = [
    { name: 'request' as const, main: mainMedia(own(body, 'content'), lookup) },
    { name: 'response' as const, main: mainMedia(own(response, 'content'), lookup) },
  ]
  return parts.flatMap(({ name, main }) =>
    main === null ? [] : [{ name, media: main.media, schema: main.schema }],
  )
}
