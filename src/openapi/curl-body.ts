import type { ComponentLookup } from './component-lookup.js'
import { formBodies } from './curl-form.js'
import { withLackingParts, type CurlBody, type CurlLack } from './curl-lack.js'
import { exampleValue } from './example-value.js'
import { givenExample } from './given-value.js'
import { isBinary } from './is-binary.js'
import { isObject, withLineEndsEscaped } from './json-value.js'
import { partTypes } from './part-types.js'
import { mainMedia, type MediaType } from './schema-shape.js'
import { cleanName } from './search-text.js'
import { doubleQuoted, singleQuoted } from './shell-words.js'
import { usualExtent, type Direction, type Extent } from './wanted-properties.js'

/** A body made from a schema has more than what is required up to this length. */
const MAX_USUAL_CHARS = 400

/** What of a request says how its body is made. */
export interface BodyRequest {
  requestBody: unknown
  isFull: boolean
  direction: Direction
}

/**
 * Bodies of a curl, the best first, each shorter than the one before: the document's example, else
 * what is required and what has an example of its own, else what is required. With `isFull` a body
 * made from a schema has all that is optional, however long that is.
 */
export function curlBodies(request: BodyRequest, lookup: ComponentLookup): CurlBody[] {
  const body = lookup.follow(request.requestBody)
  const media = isObject(body) ? mainMedia(body['content'], lookup) : null
  if (media === null) return [whole([])]
  if (partTypes(media.media) !== null) return [whole(partsArguments(media))]
  if (/^multipart\/|x-www-form-urlencoded/i.test(media.type)) {
    return formBodies(media, request, lookup) ?? [whole([fromFile(media)])]
  }
  const header = `-H ${doubleQuoted([`Content-Type: ${contentType(media)}`])}`
  return dataBodies(media, request, lookup).map(({ args, lack }) => ({
    args: [header, ...args],
    lack,
  }))
}

function whole(args: string[]): CurlBody {
  return { args, lack: null }
}

/** curl can only name parts, not put them in order: they come from a file that holds them all. */
function partsArguments(media: MediaType): string[] {
  const header = `Content-Type: ${contentType(media)}; boundary=BOUNDARY`
  return [`-H ${doubleQuoted([header])}`, '--data-binary @parts']
}

function contentType({ type }: MediaType): string {
  const name = cleanName(type, 100)
  return name === null || name.includes('*') ? 'application/json' : name
}

function dataBodies(media: MediaType, request: BodyRequest, lookup: ComponentLookup): CurlBody[] {
  const schema = lookup.follow(media.schema)
  const isBytes = isObject(schema) && isBinary(schema)
  const given = givenExample(media.media, lookup)
  if (/json|\*/i.test(media.type) && !isBytes) return jsonBodies(media, given, request, lookup)
  // Bytes are no text, whatever an example writes for them ("@example.zip", hexadecimal digits).
  const file = whole([fromFile(media)])
  if (isBytes) return [file]
  // Raw: curl would read and send the local file that an example like "@/etc/passwd" names.
  if (typeof given === 'string') {
    return [whole([`--data-raw ${singleQuoted(given.trimEnd())}`]), { ...file, lack: 'body' }]
  }
  return [file]
}

function fromFile({ type }: MediaType): string {
  if (/json|\*/i.test(type)) return '--data-binary @body.json'
  if (/xml/i.test(type)) return '--data-binary @body.xml'
  return '--data-binary @file'
}

function jsonBodies(
  media: MediaType,
  given: unknown,
  { isFull, direction }: BodyRequest,
  lookup: ComponentLookup,
): CurlBody[] {
  const made = (extent: Extent, onLeftOut?: (path: string) => void) =>
    jsonText(exampleValue(media.schema, lookup, extent, direction, onLeftOut))
  const file = [fromFile(media)]
  if (lookup.follow(media.schema) === undefined) {
    // Nothing to make a body from: there is no schema, or its `$ref` leads nowhere.
    if (given === undefined) return [whole(file)]
    return [whole([`-d ${singleQuoted(jsonText(given))}`]), { args: file, lack: 'body' }]
  }
  const full = () => {
    const { made: text, lack } = withLackingParts((onLeftOut) => made('all', onLeftOut))
    return body(text, lack)
  }
  const body = (text: string, lack: CurlLack | null = null) => ({
    args: [`-d ${singleQuoted(text)}`],
    lack: lack ?? (text === '{}' && made('all') !== text ? ('values' as const) : null),
  })
  const usual = made(usualExtent(direction))
  const shorter = [...(usual.length <= MAX_USUAL_CHARS ? [usual] : []), made('required')]
  return [
    ...(given === undefined ? [] : [body(jsonText(given))]),
    ...(isFull ? [full()] : []),
    ...shorter.map((text) => body(text, isFull ? 'optional' : null)),
    { args: file, lack: 'body' },
  ]
}

/** Some documents give the JSON as a text. */
function jsonText(value: unknown): string {
  const isJson = typeof value === 'string' && /^\s*[{[]/.test(value)
  return withLineEndsEscaped(isJson ? value : JSON.stringify(value))
}
