import type { JsonObject } from './json-value.js'

const TEXT_MEDIA = /^text\/|[/+](?:json|xml|yaml)\b|x-www-form-urlencoded/i

/** Bytes: `format: binary`, Swagger 2.0's `file`, 3.1's media types of unencoded data, less texts. */
export function isBinary(schema: JsonObject): boolean {
  const { type, format, contentMediaType, contentEncoding } = schema
  if (type === 'file' || format === 'binary') return true
  if (typeof contentMediaType !== 'string' || contentEncoding !== undefined) return false
  return type === 'string' && !TEXT_MEDIA.test(contentMediaType)
}
