import type { ComponentLookup } from './component-lookup.js'
import { arrayOrEmpty, isObject, own, scalarText, type JsonObject } from './json-value.js'

/** What a schema itself gives as a value, of the type that it asks for; undefined without. */
export function givenValue(schema: JsonObject, nth = 0): unknown {
  const written = ownExample(schema)
  if (written !== undefined) return written
  if (schema['default'] !== undefined) return ofType(schema['default'], schema)
  if (schema['const'] !== undefined) return schema['const']
  const values = arrayOrEmpty(schema['enum'])
  const telling = values.filter((value) => value !== null && value !== '')
  const choices = telling.length === 0 ? values : telling
  return choices[nth % choices.length]
}

/** The first example that is written in a schema; undefined without. */
export function ownExample(schema: JsonObject): unknown {
  const { example, examples } = schema
  const written = example ?? (Array.isArray(examples) ? examples[0] : undefined)
  return written === undefined ? undefined : ofType(written, schema)
}

/**
 * A written value as the type of its schema, of which much is met that is not: numbers in quotes and
 * without, JSON in a text, one item for a list. Undefined for what cannot be of that type.
 */
function ofType(
  value: unknown,
  { type, items, nullable, 'x-nullable': also }: JsonObject,
): unknown {
  const types = Array.isArray(type) ? type : [type]
  if (value === null) {
    const mayBeNull = type === undefined || types.includes('null') || nullable === true
    return mayBeNull || also === true ? value : undefined
  }
  return types.length === 1 ? ofKind(value, types[0], items) : value
}

function ofKind(value: unknown, kind: unknown, items: unknown): unknown {
  const text = scalarText(value)
  if (kind === 'string') return typeof value === 'string' ? value : (text ?? JSON.stringify(value))
  if (kind === 'integer' || kind === 'number') return numberOf(value)
  if (kind === 'boolean') return text === 'true' ? true : text === 'false' ? false : undefined
  if (kind === 'object') return isObject(value) ? value : parsed(value, isObject)
  if (kind !== 'array' || Array.isArray(value)) return value
  return parsed(value, Array.isArray) ?? listOfOne(value, isObject(items) ? items : {})
}

function listOfOne(value: unknown, items: JsonObject): unknown[] | undefined {
  const item = isObject(value) ? value : ofType(value, items)
  return item === undefined ? undefined : [item]
}

function numberOf(value: unknown): unknown {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function parsed(value: unknown, isRight: (value: unknown) => boolean): unknown {
  if (typeof value !== 'string' || !/^\s*[{[]/.test(value)) return undefined
  try {
    const inside: unknown = JSON.parse(value)
    return isRight(inside) ? inside : undefined
  } catch {
    return undefined
  }
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
