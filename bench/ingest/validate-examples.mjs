// A child of main.mjs: makes JSON bodies of every operation that takes one and has no example of
// its own, checks each against its schema with Ajv, and sends how many fit.
import Ajv2020 from 'ajv/dist/2020.js'
import Ajv04 from 'ajv-draft-04'
import addFormats from 'ajv-formats'
import { readFileSync } from 'node:fs'
import { createComponentLookup } from '../../dist/openapi/component-lookup.js'
import { exampleValue } from '../../dist/openapi/example-value.js'
import { createResolver } from '../../dist/openapi/resolver.js'
import { mainMedia } from '../../dist/openapi/schema-shape.js'
import { documentsIn } from './corpus.mjs'

const METHODS = ['post', 'put', 'patch']
/** Formats of OpenAPI that a validator need not know. */
const FREE_FORMATS = ['int32', 'int64', 'float', 'double', 'password', 'byte', 'binary']
/** Ajv takes minutes for the largest. */
const MAX_BYTES = 6_000_000

/** OpenAPI 3.0's schemas are those of JSON Schema's draft 4, as far as a value goes. */
function createAjv(version) {
  const Ajv = version.startsWith('3.1') ? Ajv2020.default : Ajv04.default
  const regExp = Object.assign((pattern) => expression(pattern), { code: 'expression' })
  const settings = { strict: false, logger: false, validateSchema: false, addUsedSchema: false }
  const ajv = new Ajv({ ...settings, code: { regExp } })
  addFormats.default(ajv)
  for (const format of FREE_FORMATS) ajv.addFormat(format, true)
  return ajv
}

/** Many expressions are none of the mode that JSON Schema asks for. */
function expression(pattern) {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return new RegExp(pattern)
  }
}

const NAMES = new Set(['properties', 'schemas', 'patternProperties'])

/** A copy that says of a request what Ajv does not know: what is read-only is not required. */
function forRequests(value, isNames = false) {
  if (Array.isArray(value)) return value.map((item) => forRequests(item))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(
    ([key]) => isNames || !/^\$?id$|^\$schema$/.test(key),
  )
  const copy = Object.fromEntries(
    entries.map(([key, inner]) => [key, forRequests(inner, !isNames && NAMES.has(key))]),
  )
  if (!isNames && Array.isArray(copy.required)) {
    const needed = copy.required.filter((name) => copy.properties?.[name]?.readOnly !== true)
    copy.required = needed.length > 0 ? needed : undefined
    if (needed.length === 0) delete copy.required
  }
  return copy
}

const withDocument = (key, value) =>
  key === '$ref' && String(value).startsWith('#') ? `document${value}` : value

const found = { bodies: 0, unchecked: 0, fitting: { required: 0, usual: 0, all: 0 } }

function check(media, ajv, lookup) {
  let validate
  try {
    validate = ajv.compile(JSON.parse(JSON.stringify(media.schema, withDocument)))
  } catch {
    found.unchecked++
    return
  }
  found.bodies++
  for (const extent of Object.keys(found.fitting)) {
    if (validate(exampleValue(media.schema, lookup, extent))) found.fitting[extent]++
  }
}

const [, , directory, every] = process.argv
const documents = documentsIn(directory).filter((_, index) => index % Number(every) === 0)

for (const { path } of documents.filter(({ bytes }) => bytes < MAX_BYTES)) {
  const document = forRequests(JSON.parse(readFileSync(path)))
  const ajv = createAjv(document.openapi)
  ajv.addSchema(document, 'document')
  const { target } = createResolver(document)
  const lookup = createComponentLookup({ get: target })
  for (const item of Object.values(document.paths ?? {})) {
    for (const method of METHODS) {
      const body = lookup.follow(item[method]?.requestBody)
      const media = mainMedia(body?.content, lookup)
      if (media?.schema === undefined || !/json/i.test(media.type)) continue
      if (!media.media.example && !media.media.examples) check(media, ajv, lookup)
    }
  }
}
process.send(found)
