import { arrayOrEmpty, isObject, own, type JsonObject } from './json-value.js'
import { cleanName } from './search-text.js'
import { joinUpTo } from './short-names.js'

const MAX_CHARS = 200

/**
 * What the parts of a multipart body are that have no names, only an order (3.2's `prefixEncoding`
 * and `itemEncoding`): `parts: application/json, image/png, then image/* each`; null without such.
 */
export function partTypes(media: JsonObject): string | null {
  const first = arrayOrEmpty(media['prefixEncoding']).map((encoding) => contentType(encoding))
  const { itemEncoding } = media
  const rest = isObject(itemEncoding) ? [`then ${contentType(itemEncoding)} each`] : []
  const parts = [...first, ...rest]
  return parts.length === 0 ? null : `parts: ${joinUpTo(parts, MAX_CHARS)}`
}

function contentType(encoding: unknown): string {
  return cleanName(own(encoding, 'contentType'), 100) ?? 'any'
}
