import type { ComponentLookup } from './component-lookup.js'
import { givenExample, givenValue } from './given-value.js'
import { arrayOrEmpty, isObject, isTrue, scalarText, type JsonObject } from './json-value.js'
import { mainMedia } from './schema-shape.js'
import { cleanName } from './search-text.js'

export interface RequestParameter {
  name: string
  /** `path`, `query`, `querystring`, `header`, `cookie`. */
  place: string
  isRequired: boolean
  schema: unknown
  /** The parameter object, for its description, examples and style. */
  written: JsonObject
}

/** Parameters looked at. Real operations have up to some hundreds. */
const MAX_PARAMETERS = 1_000

/** These are said elsewhere: in the media types of bodies. */
const IMPLIED_HEADERS = new Set(['accept', 'content-type'])

/** The parameters of an operation, through their `$ref`s; those that name nothing are left out. */
export function requestParameters(
  operation: JsonObject,
  lookup: ComponentLookup,
): RequestParameter[] {
  return arrayOrEmpty(operation['parameters'])
    .slice(0, MAX_PARAMETERS)
    .map((parameter) => lookup.follow(parameter))
    .filter(isObject)
    .map((written) => readParameter(written, lookup))
    .filter((parameter) => parameter !== null)
}

const PLACES = new Set(['path', 'query', 'querystring', 'header', 'cookie', 'body', 'formdata'])

function readParameter(written: JsonObject, lookup: ComponentLookup): RequestParameter | null {
  const name = cleanName(written['name'], 200)
  const said = scalarText(written['in'])?.toLowerCase() ?? ''
  const place = PLACES.has(said) ? said : 'query'
  if (name === null) return null
  if (place === 'header' && IMPLIED_HEADERS.has(name.toLowerCase())) return null
  const isRequired = place === 'path' || isTrue(written['required'])
  const schema = written['schema'] ?? mainMedia(written['content'], lookup)?.schema
  return { name, place, isRequired, schema, written }
}

/** What marks the place of a value: `{{DATABASE_ID}}`, `<id>`, `{id}`, `${id}`, in a path `:id`. */
const STAND_IN = /^(?:\{\{[^{}]+\}\}|\$?\{[^{}":]+\}|<[\w .-]+>)$/
const PATH_STAND_IN = /^:[a-z_]\w*$/i

/** A value that the document gives for a parameter; undefined where it gives none or a stand-in. */
export function exampleOf(
  { written, schema, place }: RequestParameter,
  lookup: ComponentLookup,
): unknown {
  const given = givenExample(written, lookup) ?? givenExample(contentOf(written, lookup), lookup)
  if (given !== undefined && !isStandIn(given, place)) return given
  const resolved = lookup.follow(schema)
  if (!isObject(resolved)) return undefined
  const ofSchema = givenValue(resolved) ?? itemExample(resolved, lookup)
  return isStandIn(ofSchema, place) ? undefined : ofSchema
}

function isStandIn(value: unknown, place: string): boolean {
  if (typeof value !== 'string') return false
  return STAND_IN.test(value) || (place === 'path' && PATH_STAND_IN.test(value))
}

function contentOf(written: JsonObject, lookup: ComponentLookup): JsonObject {
  return mainMedia(written['content'], lookup)?.media ?? {}
}

/** A list of one, where a schema gives a value for its items alone. */
function itemExample({ items }: JsonObject, lookup: ComponentLookup): unknown[] | undefined {
  const item = lookup.follow(items)
  const given = isObject(item) ? givenValue(item) : undefined
  return given === undefined ? undefined : [given]
}
