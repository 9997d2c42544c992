import { refOf, type ComponentLookup } from './component-lookup.js'
import { discriminatorOf, kindAt } from './discriminator.js'
import { extraNodes, flattenSchema, type FlatSchema } from './flatten-schema.js'
import { givenValue } from './given-value.js'
import { isBinary } from './is-binary.js'
import { arrayOrEmpty, isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'
import { madeNumber, madeText } from './made-scalar.js'
import { patternText } from './pattern-text.js'
import { typeOf } from './type-of.js'
import { setOwn } from './untangle.js'
import {
  numberOr,
  wantedProperties,
  type Direction,
  type Extent,
  type Wanted,
} from './wanted-properties.js'

/** Schemas looked at for one value; of what is required, so many times more. */
const MAX_NODES = 300
const REQUIRED_TIMES = 5
/** Objects and arrays in each other in which what is optional is shown. */
const MAX_DEPTH = 3
/** References and compositions on the way. */
const MAX_STEPS = 20
/** Of an array that must have many. */
const MAX_ITEMS = 10

/**
 * A value that fits a schema: from `example`, `examples`, `default`, `const` and `enum` where given,
 * else made up within its limits. Recursion ends, and so does a giant schema: `onLeftOut` is told the
 * paths (`items.owner`) of properties that were wanted when it had grown too large. Null where nothing
 * can be said.
 */
export function exampleValue(
  schema: unknown,
  lookup: ComponentLookup,
  extent: Extent,
  direction: Direction = 'request',
  onLeftOut: (path: string) => void = () => undefined,
): unknown {
  return new ExampleMaker(lookup, extent, direction, onLeftOut).make(schema, TOP) ?? null
}

interface Place {
  /** Names of properties with dots between them, as `expand` takes them. */
  path: string
  depth: number
  /** Which item of a list, from 0: those that must differ are made by it. */
  nth: number
  /** Components being opened. */
  stack: readonly string[]
}

const TOP: Place = { path: '', depth: 0, nth: 0, stack: [] }

/** Has a life as long as one value is made. Undefined stands for what cannot be made. */
class ExampleMaker {
  readonly #lookup: ComponentLookup
  readonly #extent: Extent
  readonly #direction: Direction
  readonly #onLeftOut: (path: string) => void
  #nodes = 0

  constructor(
    lookup: ComponentLookup,
    extent: Extent,
    direction: Direction,
    onLeftOut: (path: string) => void,
  ) {
    this.#lookup = lookup
    this.#extent = extent
    this.#direction = direction
    this.#onLeftOut = onLeftOut
  }

  make(written: unknown, place: Place): unknown {
    const pointer = refOf(written) ?? ''
    this.#nodes++
    if (this.#nodes > MAX_NODES * REQUIRED_TIMES || place.stack.length > MAX_STEPS) return undefined
    if (pointer !== '' && place.stack.includes(pointer)) return undefined
    const schema = this.#lookup.follow(written)
    if (!isObject(schema)) return schema === true ? 'string' : undefined
    const flat = flattenSchema(schema, this.#lookup)
    this.#nodes += extraNodes(flat)
    const given = givenValue(flat.facts, place.nth)
    if (given !== undefined) return given
    const below = { ...place, stack: [...place.stack, pointer] }
    if (isOnlyAnother(schema)) return this.make(arrayOrEmpty(schema['allOf'])[0], below)
    const members = chosenMembers(schema, flat)
    return members.length === 0
      ? this.#withKind(this.#plain(flat, below), flat, pointer)
      : this.#composed(flat, members, below, pointer)
  }

  /** The first of the members, or an object of its own properties and of those of all members. */
  #composed(flat: FlatSchema, members: unknown[], place: Place, pointer: string): unknown {
    const values = members.map((member) => this.make(member, place))
    const first = values.find((value) => value !== undefined)
    if (flat.properties.size === 0 && !isObject(first)) return first
    const schemas = members.map((member) => this.#lookup.follow(member)).filter(isObject)
    const flats = schemas.map((schema) => flattenSchema(schema, this.#lookup))
    const isTheirs = (name: string) =>
      !flat.properties.has(name) && flats.some(({ properties }) => properties.has(name))
    const needed = [flat, ...flats].flatMap((one) => [...one.required])
    const required = new Set(needed.filter((name) => !isTheirs(name)))
    const own = flat.properties.size === 0 ? {} : this.#object({ ...flat, required }, place)
    // Not assigned: a key may be `__proto__`.
    const entries = [...values.filter(isObject), own].flatMap((part) => Object.entries(part))
    const whole = Object.fromEntries(entries)
    const properties = new Map([flat, ...flats].flatMap((one) => [...one.properties]))
    const kind = (isObject(first) ? refOf(members[0]) : pointer) ?? ''
    return this.#withKind(whole, { ...flat, properties }, kind)
  }

  /** The property that tells kinds apart says which kind this is: that of the schema at `pointer`. */
  #withKind(value: unknown, { facts, properties }: FlatSchema, pointer: string): unknown {
    const discriminator = discriminatorOf(facts)
    if (discriminator === null || pointer === '' || !isObject(value)) return value
    const property = properties.get(discriminator.property)
    const kind = kindAt(discriminator, pointer, this.#lookup.follow(property))
    if (kind !== undefined) setOwn(value, discriminator.property, kind)
    return value
  }

  #plain(flat: FlatSchema, place: Place): unknown {
    const { facts, properties, required } = flat
    const type = typeOf(facts)
    if (properties.size > 0 || required.size > 0 || type === 'object') {
      return this.#object(flat, place)
    }
    if (type === 'array') return this.#list(facts, place)
    if (type === 'integer' || type === 'number') return madeNumber({ ...facts, type }, place.nth)
    if (type === 'boolean') return true
    if (type === 'null') return null
    return isBinary(facts) ? '@file' : madeText(facts, place.nth)
  }

  #list(facts: JsonObject, place: Place): unknown[] {
    const { items, prefixItems, minItems, maxItems, uniqueItems } = facts
    const least = typeof minItems === 'number' ? Math.min(minItems, MAX_ITEMS) : 0
    const most = typeof maxItems === 'number' ? maxItems : MAX_ITEMS
    const first = arrayOrEmpty(prefixItems)
    const usual = place.depth >= MAX_DEPTH || items === undefined ? 0 : 1
    const count = Math.min(Math.max(least, first.length, usual), most)
    const list: unknown[] = []
    for (let at = 0; at < count; at++) {
      const nth = uniqueItems === true ? at : place.nth
      const item = this.make(first[at] ?? items ?? true, { ...place, depth: place.depth + 1, nth })
      if (item === undefined) break
      list.push(item)
    }
    return list
  }

  #object(flat: FlatSchema, place: Place): JsonObject {
    const { properties, required, facts } = flat
    const value: JsonObject = {}
    const below = { ...place, depth: place.depth + 1 }
    for (const name of wantedProperties(flat, this.#wanted(place), this.#lookup)) {
      const isRequired = required.has(name)
      const path = place.path === '' ? name : `${place.path}.${name}`
      if (this.#nodes > MAX_NODES && !isRequired) {
        this.#onLeftOut(path)
        continue
      }
      const made = this.make(properties.get(name), { ...below, path })
      if (made !== undefined || isRequired) setOwn(value, name, made ?? null)
    }
    for (const name of required) {
      if (!properties.has(name)) setOwn(value, name, this.#open(facts, below))
    }
    const isEmpty = this.#extent !== 'required' && isObject(facts['additionalProperties'])
    const least = numberOr(facts['minProperties'], isEmpty && properties.size === 0 ? 1 : 0)
    const key = keyOf(facts)
    for (let nth = Object.keys(value).length; nth < Math.min(least, MAX_ITEMS); nth++) {
      setOwn(value, nth === 0 ? key : `${key}${nth + 1}`, this.#open(facts, below))
    }
    return value
  }

  #wanted({ depth }: Place): Wanted {
    const direction = this.#direction
    if (depth >= MAX_DEPTH) return { extent: 'required', direction }
    // What is in the value at all is there since it has to be.
    const isInner = depth > 0 && this.#extent === 'usual'
    return { extent: isInner ? 'filled' : this.#extent, direction }
  }

  /** What an object holds under a name that no property has. */
  #open({ patternProperties, additionalProperties }: JsonObject, place: Place): unknown {
    const [schema] = Object.values(objectOrEmpty(patternProperties))
    return this.make(schema ?? (additionalProperties || true), place) ?? null
  }
}

/** Nothing but an `allOf` of one. */
function isOnlyAnother({ allOf, properties, required, oneOf, anyOf }: JsonObject): boolean {
  const isAlone = [properties, required, oneOf, anyOf].every((part) => part === undefined)
  return isAlone && arrayOrEmpty(allOf).length === 1
}

/** Of each choice the first that is not null; where a schema is one of several kinds, the first. */
function chosenMembers(schema: JsonObject, { choices }: FlatSchema): unknown[] {
  if (choices.length === 0) {
    const [kind] = discriminatorOf(schema)?.kinds ?? []
    return kind === undefined ? [] : [{ $ref: kind.pointer }]
  }
  const members = choices.map((choice) => choice.find((member) => own(member, 'type') !== 'null'))
  return members.filter((member) => member !== undefined)
}

/** A name that an object may have beside its properties. */
function keyOf({ patternProperties, propertyNames }: JsonObject): string {
  const [pattern = own(propertyNames, 'pattern')] = Object.keys(objectOrEmpty(patternProperties))
  return (typeof pattern === 'string' ? patternText(pattern) : null) ?? 'key'
}
