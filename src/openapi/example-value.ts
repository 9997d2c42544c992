import { refOf, type ComponentLookup } from './component-lookup.js'
import { flattenSchema } from './flatten-schema.js'
import { arrayOrEmpty, isObject, own, type JsonObject } from './json-value.js'
import { isBinary } from './print-type.js'
import { setOwn } from './untangle.js'

/** Schemas looked at for one value. */
const MAX_NODES = 300
/** Objects and arrays in each other: deeper ones are left empty. */
const MAX_DEPTH = 3
/** References and compositions on the way. */
const MAX_STEPS = 20

/** Whether what is optional is in the value as well. */
export type Extent = 'required' | 'all'

/**
 * A value that fits a schema, for a request: from `example`, `examples`, `default`, `const` and
 * `enum` where given, else made up by type. Read-only properties are left out; recursion ends.
 */
export function exampleValue(schema: unknown, lookup: ComponentLookup, extent: Extent): unknown {
  return valueOf(schema, { lookup, extent, nodes: 0, depth: 0 }, [])
}

interface Making {
  lookup: ComponentLookup
  extent: Extent
  nodes: number
  depth: number
}

function valueOf(written: unknown, making: Making, stack: readonly string[]): unknown {
  const pointer = refOf(written)
  if (++making.nodes > MAX_NODES || stack.length > MAX_STEPS) return null
  if (typeof pointer === 'string' && stack.includes(pointer)) return null
  const schema = making.lookup.follow(written)
  if (!isObject(schema)) return null
  const below = [...stack, pointer ?? '']
  const { facts, properties, required, choices } = flattenSchema(schema, making.lookup)
  const given = givenValue(facts)
  if (given !== undefined) return given
  if (properties.size > 0) {
    const value = objectValue(properties, required, making, below)
    const choice = choices[0] === undefined ? undefined : valueOf(choices[0][0], making, below)
    return isObject(choice) ? { ...choice, ...value } : value
  }
  const choice = choices[0]?.find((member) => !isNull(member))
  return choice === undefined ? simpleValue(facts, making, below) : valueOf(choice, making, below)
}

function isNull(schema: unknown): boolean {
  return own(schema, 'type') === 'null'
}

/** What the document itself gives as a value; undefined without. */
export function givenValue(schema: JsonObject): unknown {
  const { example, examples, default: standard } = schema
  if (example !== undefined) return example
  if (Array.isArray(examples) && examples.length > 0) return examples[0]
  if (standard !== undefined) return standard
  if (schema['const'] !== undefined) return schema['const']
  return arrayOrEmpty(schema['enum'])[0]
}

function objectValue(
  properties: ReadonlyMap<string, unknown>,
  required: ReadonlySet<string>,
  making: Making,
  stack: readonly string[],
): JsonObject {
  const value: JsonObject = {}
  if (making.depth >= MAX_DEPTH) return value
  making.depth++
  for (const [name, property] of properties) {
    const isWanted = required.has(name) || making.extent === 'all'
    if (!isWanted || own(property, 'readOnly') === true) continue
    if (own(making.lookup.follow(property), 'readOnly') === true) continue
    if (making.nodes > MAX_NODES && !required.has(name)) break
    setOwn(value, name, valueOf(property, making, stack))
  }
  making.depth--
  return value
}

const TEXT_BY_FORMAT: Readonly<Record<string, string>> = {
  date: '2025-01-31',
  'date-time': '2025-01-31T12:00:00Z',
  time: '12:00:00Z',
  email: 'user@example.com',
  uri: 'https://example.com',
  url: 'https://example.com',
  uuid: '00000000-0000-4000-8000-000000000000',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  hostname: 'example.com',
  byte: 'dGV4dA==',
}

function simpleValue(facts: JsonObject, making: Making, stack: readonly string[]): unknown {
  const types = Array.isArray(facts['type']) ? facts['type'] : [facts['type']]
  const type =
    types.find((name) => name !== 'null') ?? (facts['items'] === undefined ? '' : 'array')
  if (type === 'array') {
    if (!isObject(facts['items']) || making.depth >= MAX_DEPTH) return []
    making.depth++
    const item = valueOf(facts['items'], making, stack)
    making.depth--
    return [item]
  }
  if (type === 'integer' || type === 'number') {
    return typeof facts['minimum'] === 'number' ? facts['minimum'] : 1
  }
  if (type === 'boolean') return true
  if (type === 'object') return {}
  if (isBinary(facts)) return '@file'
  if (facts['contentEncoding'] === 'base64') return TEXT_BY_FORMAT['byte']
  const format = String(facts['format'])
  return Object.hasOwn(TEXT_BY_FORMAT, format) ? TEXT_BY_FORMAT[format] : 'string'
}

/** The first example that a media type or parameter gives; undefined without. */
export function givenExample(holder: JsonObject, lookup: ComponentLookup): unknown {
  return givenExamples(holder, lookup)[0]?.value
}

const MAX_EXAMPLES = 5

/** The examples that a media type or parameter gives, with their names where they have some. */
export function givenExamples(
  holder: JsonObject,
  lookup: ComponentLookup,
): { label: string | null; value: unknown }[] {
  if (holder['example'] !== undefined) return [{ label: null, value: holder['example'] }]
  const examples = holder['examples']
  if (!isObject(examples)) return []
  return Object.entries(examples)
    .slice(0, MAX_EXAMPLES)
    .map(([label, written]) => {
      const example = lookup.follow(written)
      const value = own(example, 'value') ?? own(example, 'dataValue')
      return { label, value: value ?? own(example, 'serializedValue') }
    })
    .filter(({ value }) => value !== undefined)
}
