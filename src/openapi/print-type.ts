import { besides, changesShape, refOf } from './component-lookup.js'
import { discriminatorOf, kindAt, type Discriminator } from './discriminator.js'
import { extraNodes, flattenSchema, type FlatSchema } from './flatten-schema.js'
import { arrayOrEmpty, isObject, type JsonObject } from './json-value.js'
import { isBinary } from './is-binary.js'
import { isNullable } from './is-nullable.js'
import { schemaComment } from './schema-comment.js'
import { cleanName } from './search-text.js'
import {
  block,
  bracketed,
  isChoice,
  literal,
  propertyName,
  withComment,
  withDefault,
  withNull,
} from './type-text.js'
import { typeName } from './type-name.js'
import type { Kind, Place, PrinterOptions } from './type-printing.js'
import { visibleProperties } from './visible-properties.js'

/** Schemas looked at for one type. A hostile document could make millions of a few kilobytes. */
const MAX_NODES = 3_000

/** A schema as a TypeScript-like type, on one or more lines; recursion is marked, not followed. */
export function printType(schema: unknown, path: string, options: PrinterOptions): string {
  return new TypePrinter(options).print(schema, { path, depth: 0, stack: [] })
}

/** Has a life as long as one type is printed: what it has spent, and what it has shown already. */
class TypePrinter {
  readonly #options: PrinterOptions
  readonly #shown = new Set<string>()
  #nodes = 0

  constructor(options: PrinterOptions) {
    this.#options = options
  }

  get #isDeclaring(): boolean {
    return this.#options.declaredName !== undefined
  }

  print(schema: unknown, place: Place): string {
    if (++this.#nodes > MAX_NODES || this.#options.room.chars < 0) return this.#cut(place, '…')
    if (schema === false) return 'never'
    if (!isObject(schema)) return 'any'
    const pointer = refOf(schema)
    if (pointer === null) return `any /* in ${cleanName(schema['$ref'], 80) ?? 'another file'} */`
    if (pointer === undefined) return this.#printSchema(schema, place)
    if (changesShape(schema)) return this.#printSchema(besides(schema), place)
    return withNull(this.#printReference(pointer, place), isNullable(schema))
  }

  #printReference(pointer: string, place: Place): string {
    const { lookup, declaredName } = this.#options
    const name = typeName(pointer)
    if (place.stack.includes(pointer)) return `…${name === '' ? '' : `${name} `}(recursive)`
    const target = lookup.find(pointer)
    if (target === undefined) return name || 'any'
    if (declaredName !== undefined) return ofKind(declaredName(pointer), place.kind)
    if (this.#shown.has(pointer)) return `${name} (above)`
    const text = this.print(target, { ...place, stack: [...place.stack, pointer] })
    if (!text.startsWith('{') || name === '') return text
    const isWhole = !text.includes('{…}') && (place.kind?.shared.size ?? 0) === 0
    if (isWhole) this.#shown.add(pointer)
    return `${name} ${text}`
  }

  #printSchema(schema: JsonObject, place: Place): string {
    const { allOf, ...rest } = schema
    const [only, ...others] = arrayOrEmpty(allOf)
    if (only !== undefined && others.length === 0 && !changesShape(rest)) {
      return withNull(this.print(only, place), isNullable(schema))
    }
    const flat = flattenSchema(schema, this.#options.lookup)
    this.#nodes += extraNodes(flat)
    const own = this.#printOwn(flat, place)
    const below = { ...place, kind: undefined }
    const parts = [own, ...this.#printChoices(schema, flat, below)]
    if (flat.choices.length === 0 && own !== '{…}') parts.push(...this.#kinds(schema, flat, below))
    const told = parts.filter((part) => part !== 'any')
    const text = told.length === 0 ? 'any' : told.map((part) => bracketed(part, told)).join(' & ')
    return withNull(text, isNullable(flat.facts))
  }

  #printChoices(schema: JsonObject, { choices }: FlatSchema, place: Place): string[] {
    const discriminator = discriminatorOf(schema)
    const shared = new Set<string>()
    return choices.map((members) =>
      this.#union(members, place, (member) => {
        const value = discriminator && this.#kindOf(member, discriminator)
        const kind = value ? { property: discriminator.property, value, shared } : undefined
        return this.print(member, { ...place, kind })
      }),
    )
  }

  /** The value that means a member of a choice; undefined where the member says so itself. */
  #kindOf(member: unknown, discriminator: Discriminator): string | undefined {
    const { lookup } = this.#options
    const schema = lookup.follow(member)
    const pointer = refOf(member)
    if (typeof pointer !== 'string' || !isObject(schema)) return undefined
    const flat = flattenSchema(schema, lookup)
    this.#nodes += extraNodes(flat)
    const { properties } = flat
    return kindAt(discriminator, pointer, lookup.follow(properties.get(discriminator.property)))
  }

  /** What the kinds add that only the mapping of a base names. */
  #kinds(schema: JsonObject, { properties }: FlatSchema, place: Place): string[] {
    const { property, kinds } = discriminatorOf(schema) ?? NO_KINDS
    if (kinds.length === 0) return []
    const shared = new Set(this.#isDeclaring ? [] : properties.keys())
    const print = ({ value, pointer }: Discriminator['kinds'][number]) =>
      place.stack.includes(pointer) || this.#options.lookup.find(pointer) === schema
        ? block([tellingProperty({ property, value })])
        : this.print({ $ref: pointer }, { ...place, kind: { property, value, shared } })
    return [this.#union(kinds, place, print)]
  }

  #union<T>(members: readonly T[], place: Place, print: (member: T) => string): string {
    const { maxMembers } = this.#options.detail
    const shown = members.slice(0, maxMembers).map((member) => print(member))
    const rest = members.length - shown.length
    if (rest > 0) shown.push(this.#cut(place, `…${rest} more`))
    return [...new Set(shown)].join(' | ')
  }

  #printOwn(flat: FlatSchema, place: Place): string {
    const { facts, properties } = flat
    if (facts['const'] !== undefined) return literal(facts['const'])
    if (Array.isArray(facts['enum']))
      return printEnum(facts['enum'], this.#options.detail.maxEnumValues)
    const types = Array.isArray(facts['type']) ? facts['type'] : [facts['type']]
    const named = types.filter((type) => type !== 'null' && type !== undefined && type !== null)
    if (named.length > 1) {
      return named
        .map((type) => this.#printKind({ ...flat, facts: { ...facts, type } }, place))
        .join(' | ')
    }
    const type = named[0] ?? (properties.size > 0 ? 'object' : undefined)
    return this.#printKind({ ...flat, facts: { ...facts, type } }, place)
  }

  #printKind(flat: FlatSchema, place: Place): string {
    const { facts } = flat
    const { type, items, prefixItems } = facts
    if (type === 'array' || (type === undefined && (items ?? prefixItems) !== undefined)) {
      return this.#printArray(facts, place)
    }
    if (type === 'object' || flat.properties.size > 0 || hasOpenKeys(facts) || place.kind) {
      return this.#printObject(flat, place)
    }
    if (type === undefined) return 'any'
    if (isBinary(facts)) return this.#isDeclaring ? 'Blob' : 'binary'
    return this.#isDeclaring && type === 'integer' ? 'number' : (cleanName(type, 30) ?? 'any')
  }

  #printArray({ items, prefixItems }: JsonObject, { kind: _, ...place }: Place): string {
    if (Array.isArray(prefixItems)) {
      const first = prefixItems.slice(0, 20).map((item) => this.print(item, place))
      const rest =
        items === undefined || items === false ? [] : [`...${this.print(items, place)}[]`]
      return `[${[...first, ...rest].join(', ')}]`
    }
    const item = this.print(items, place)
    return isChoice(item) ? `(${item})[]` : `${item}[]`
  }

  #printObject(flat: FlatSchema, place: Place): string {
    const { depth, maxProperties } = this.#options.detail
    const { kind } = place
    const properties = visibleProperties(flat, this.#options.direction, kind)
    const open = this.#openKeys(flat.facts, place)
    if (properties.length === 0 && kind === undefined) {
      return open.length === 0 ? 'object' : `{${open.join(', ')}}`
    }
    if (place.depth >= depth) return this.#cut(place, '{…}')
    const inner = { ...place, depth: place.depth + 1, kind: undefined }
    const lines = properties
      .slice(0, maxProperties)
      .map(([name, property]) =>
        this.#printProperty(name, property, flat.required.has(name), inner),
      )
    const rest = properties.length - lines.length
    if (rest > 0) lines.push(this.#cut(place, `… ${rest} more`))
    if (kind !== undefined) lines.unshift(tellingProperty(kind))
    return block([...lines, ...open])
  }

  #printProperty(name: string, property: unknown, isRequired: boolean, place: Place): string {
    const { lookup, detail, room } = this.#options
    const path = `${place.path}.${cleanName(name, 200) ?? ''}`
    const type = this.print(property, { ...place, path })
    const schema = isObject(property) ? lookup.follow(property) : undefined
    const comment =
      detail.commentChars === 0 ? '' : schemaComment(property, schema, detail.commentChars)
    const head = `${propertyName(name)}${isRequired ? '' : '?'}: ${type}`
    room.chars -= name.length + comment.length + 3
    return withComment(this.#isDeclaring ? head : withDefault(head, schema), comment)
  }

  #openKeys(facts: JsonObject, place: Place): string[] {
    const inner = { ...place, path: `${place.path}.*`, kind: undefined }
    const patterns = isObject(facts['patternProperties'])
      ? Object.entries(facts['patternProperties'])
      : []
    const keys = patterns
      .slice(0, 5)
      .map(
        ([pattern, value]) =>
          `[key: /${cleanName(pattern, 40) ?? ''}/]: ${this.print(value, inner)}`,
      )
    const additional = facts['additionalProperties']
    if (isObject(additional)) keys.push(`[key: string]: ${this.print(additional, inner)}`)
    else if (additional === true) keys.push('[key: string]: any')
    return keys
  }

  #cut({ path }: Place, mark: string): string {
    this.#options.onLeftOut(path)
    return mark
  }
}

/** A declared type of which one property is known. */
function ofKind(name: string, kind: Kind | undefined): string {
  return kind === undefined ? name : `${name} & ${block([tellingProperty(kind)])}`
}

/** The property that tells the kind: `kind: "cat"`. */
function tellingProperty({ property, value }: Pick<Kind, 'property' | 'value'>): string {
  return `${propertyName(property)}: ${literal(value)}`
}

const NO_KINDS: Discriminator = { property: '', kinds: [] }

function hasOpenKeys(facts: JsonObject): boolean {
  return isObject(facts['additionalProperties']) || isObject(facts['patternProperties'])
}

function printEnum(values: readonly unknown[], maxValues: number): string {
  const shown = values.slice(0, maxValues).map((value) => literal(value))
  const rest = values.length - shown.length
  return [...new Set(shown), ...(rest > 0 ? [`…${rest} more`] : [])].join(' | ') || 'never'
}
