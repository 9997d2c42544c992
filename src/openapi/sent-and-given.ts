import type { ComponentLookup } from './component-lookup.js'
import { own, type JsonObject } from './json-value.js'
import { mainMedia, successResponse } from './schema-shape.js'
import type { Direction } from './wanted-properties.js'

/** The body that is sent, or the one that success gives. */
export interface Part {
  name: 'request' | 'response'
  /** Which way it goes: of a webhook both are what the API sends. */
  direction: Direction
  media: JsonObject
  schema: unknown
}

/**
 * Both bodies of an operation, each in its main media type; those that it has not are left out.
 * `sent` is what the body of the request is: a webhook's is the API's own.
 */
export function sentAndGiven(
  operation: JsonObject,
  sent: Direction,
  lookup: ComponentLookup,
): Part[] {
  const body = lookup.follow(operation['requestBody'])
  const response = lookup.follow(successResponse(operation['responses'])?.response)
  const parts = [
    { name: 'request' as const, direction: sent, main: mainMedia(own(body, 'content'), lookup) },
    {
      name: 'response' as const,
      direction: 'response' as const,
      main: mainMedia(own(response, 'content'), lookup),
    },
  ]
  return parts.flatMap(({ name, direction, main }) =>
    main === null ? [] : [{ name, direction, media: main.media, schema: main.schema }],
  )
}
