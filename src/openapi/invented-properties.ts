import type { ComponentLookup } from './component-lookup.js'
import { arrayOrEmpty, isObject, type JsonObject } from './json-value.js'
import { typeOf } from './type-of.js'

export type Property = [name: string, schema: unknown]

/** Of what is optional, where an object would else be empty. */
const FEW = 3

/** What is said about a thing: a made-up one changes it least. Names end so: `internal_note`. */
const REMARK = /(?:^|_)(?:descriptions?|notes?|comments?|remarks?|memo|summary)$/
/** What says of which kind a thing is, where it can have but one value. */
const KIND = /(?:^|_)(?:type|kind|object)$/
/** What a thing is called, which may be how it is found again. */
const NAME = /^(?:name|title|label|display_name|text|message|subject|caption)$/

/**
 * Texts whose value hardly matters: those that say what it is, and the first few remarks, else
 * names; none where there are none. An optional choice of one is meant for when it is wanted.
 */
export function harmlessTexts(properties: Property[], lookup: ComponentLookup): Property[] {
  const texts = properties.filter(([, schema]) => isFree(lookup.follow(schema), lookup))
  const remarks = texts.filter(([name]) => REMARK.test(snakeCase(name)))
  const named = texts.filter(([name]) => NAME.test(snakeCase(name)))
  const fixed = properties.filter(([name, schema]) => tellsKind(name, lookup.follow(schema)))
  return [...fixed, ...(remarks.length > 0 ? remarks : named)].slice(0, FEW)
}

/** The first plain values that switch nothing on, else the first list or object. */
export function somePlain(properties: Property[], lookup: ComponentLookup): Property[] {
  const calm = properties.filter(([, schema]) => !isSwitch(lookup.follow(schema)))
  const plain = calm.filter(([, schema]) => isPlain(lookup.follow(schema)))
  return plain.length > 0 ? withOneBound(plain).slice(0, FEW) : calm.slice(0, 1)
}

/** Those first that a value may be made up for with the least harm. */
export function leastFirst(properties: Property[], lookup: ComponentLookup): Property[] {
  const harmless = harmlessTexts(properties, lookup)
  const calm = properties.filter(([, schema]) => !isSwitch(lookup.follow(schema)))
  return [...new Set([...harmless, ...calm, ...properties])]
}

const BOUND = /^\$?(?:gte?|lte?|eq|neq?)$/i

/** Of what compares (`gt`, `gte`, `lt`, `lte`) the first: made-up ones together match nothing. */
export function withOneBound(properties: Property[]): Property[] {
  const bound = properties.find(([name]) => BOUND.test(name))
  return properties.filter((property) => property === bound || !BOUND.test(property[0]))
}

/** `displayName` → `display_name` */
function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
}

/** Any text may stand there. */
function isFree(schema: unknown, lookup: ComponentLookup): boolean {
  if (!isObject(schema) || hasChosenValues(schema)) return false
  const [member] = [...arrayOrEmpty(schema['anyOf']), ...arrayOrEmpty(schema['oneOf'])]
  const facts = member === undefined ? schema : lookup.follow(member)
  if (!isObject(facts) || hasChosenValues(facts)) return false
  return typeOf(facts) === 'string' && facts['format'] === undefined
}

/** Such as the name of a kind: a `const`, or an `enum` of one under such a name. */
function tellsKind(name: string, schema: unknown): boolean {
  if (!isObject(schema)) return false
  if (schema['const'] === undefined && !KIND.test(snakeCase(name))) return false
  const values = [schema['const'] ?? schema['enum']].flat()
  return values.length === 1 && typeof values[0] === 'string' && values[0] !== ''
}

const PLAIN_TYPES = new Set<unknown>(['string', 'integer', 'number'])

function isPlain(schema: unknown): boolean {
  return isObject(schema) && PLAIN_TYPES.has(typeOf(schema))
}

/** Whose value means something, whatever it is. */
function isSwitch(schema: unknown): boolean {
  return isObject(schema) && (typeOf(schema) === 'boolean' || schema['enum'] !== undefined)
}

function hasChosenValues(schema: JsonObject): boolean {
  return schema['enum'] !== undefined || schema['const'] !== undefined
}
