import { normalizePointer, pointerName } from './json-pointer.js'
import { arrayOrEmpty, isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'

/** What tells the kinds of an object apart: the value of one property. */
export interface Discriminator {
  property: string
  /** Schemas by the value that means them, as far as the document lists them. */
  kinds: { value: string; pointer: string }[]
}

/** Kinds that are looked at. */
const MAX_KINDS = 200

/** The discriminator of a schema, Swagger 2.0's included; null without. */
export function discriminatorOf({ discriminator }: JsonObject): Discriminator | null {
  if (typeof discriminator === 'string') return { property: discriminator, kinds: [] }
  const property = own(discriminator, 'propertyName')
  if (typeof property !== 'string') return null
  const mapping = Object.entries(objectOrEmpty(own(discriminator, 'mapping')))
  const kinds = mapping.slice(0, MAX_KINDS).flatMap(([value, target]) => {
    const pointer = mappedPointer(target)
    return pointer === null ? [] : [{ value, pointer }]
  })
  return { property, kinds }
}

/** What the kinds of a schema are: it may be that nothing else refers to them. */
export function mappedPointers(schema: unknown): string[] {
  const discriminator = isObject(schema) ? discriminatorOf(schema) : null
  return discriminator?.kinds.map(({ pointer }) => pointer) ?? []
}

/** What a value of `mapping` names: a reference, or a schema of the document by its bare name. */
export function mappedPointer(target: unknown): string | null {
  if (typeof target !== 'string') return null
  return normalizePointer(isBareName(target) ? `#/components/schemas/${target}` : target)
}

/** As OpenAPI has names of components. A file has a dot and an ending, so that is none. */
export function isBareName(target: string): boolean {
  return /^[\w.-]+$/.test(target) && !/\.(?:json|ya?ml)$/i.test(target)
}

/**
 * The value that means the schema at a pointer: as the mapping says, else the schema's name.
 * Undefined where `property`, its schema, names other values.
 */
export function kindAt(
  { kinds }: Discriminator,
  pointer: string,
  property: unknown,
): string | undefined {
  const mapped = kinds.find((kind) => kind.pointer === pointer)?.value
  if (mapped !== undefined) return mapped
  const name = pointerName(pointer)
  const allowed = isObject(property) ? allowedValues(property) : []
  return allowed.length === 0 || allowed.includes(name) ? name : undefined
}

function allowedValues({ const: only, enum: several }: JsonObject): unknown[] {
  return only === undefined ? arrayOrEmpty(several) : [only]
}
