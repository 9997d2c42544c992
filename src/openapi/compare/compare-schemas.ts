import { refOf, type ComponentLookup } from '../component-lookup.js'
import { flattenSchema, type FlatSchema } from '../flatten-schema.js'
import { isObject, scalarText, type JsonObject } from '../json-value.js'
import { pointerName } from '../json-pointer.js'
import { limitChanges } from './limits.js'
import { changeOf, type Change, type Direction, type Rule } from './rules.js'
import { allowedValues, covers, typeLabel, typesOf } from './value-types.js'

/** What the schemas of one operation are compared with, and what was met on the way. */
export interface SchemaContext {
  before: ComponentLookup
  after: ComponentLookup
  /** Components that are the same in both revisions, with all that they reach. */
  isSame: (pointer: string) => boolean
  /** Pairs that were compared: a shared schema's change is said once, and recursion ends. */
  visited: Map<unknown, Set<unknown>>
  /** Pairs that may still be compared. */
  budget: { pairs: number }
}

/** Pairs of schemas compared for one operation and direction; real ones stay under some hundreds. */
export const MAX_PAIRS = 20_000
/** Values named of an enumeration that changed. */
const MAX_VALUES = 6

/**
 * How a schema differs, by the rules of its direction, with all that it reaches. Each pair is
 * compared once an operation and direction: what changed in a shared schema is said where it is
 * met first.
 */
export function compareSchemas(
  before: unknown,
  after: unknown,
  where: string,
  direction: Direction,
  context: SchemaContext,
): Change[] {
  const pointer = refOf(before)
  if (pointer && pointer === refOf(after) && context.isSame(pointer)) return []
  const [old, now] = [schemaAt(before, context.before), schemaAt(after, context.after)]
  if (!isFirstMeeting(old, now, context)) return []
  const [a, b] = [flattenSchema(old, context.before), flattenSchema(now, context.after)]
  const rule = (name: string) => `${direction}-${name}` as Rule
  return [
    ...compareTypes(a, b, where, rule),
    ...compareValues(a, b, where, rule),
    ...compareFacts(a, b, where, direction),
    ...compareProperties(a, b, where, direction, context),
    ...compareInner(a.facts, b.facts, where, direction, context),
    ...compareChoices(a, b, where, direction, context),
  ]
}

type RuleNamed = (name: string) => Rule

/** What allows everything, or is not there, is the empty schema. */
function schemaAt(schema: unknown, lookup: ComponentLookup): JsonObject {
  const value = lookup.follow(schema)
  return isObject(value) ? value : ANYTHING
}

const ANYTHING: JsonObject = {}

function isFirstMeeting(before: unknown, after: unknown, context: SchemaContext): boolean {
  const met = context.visited.get(before) ?? new Set()
  if (met.has(after) || --context.budget.pairs < 0) return false
  context.visited.set(before, met.add(after))
  return true
}

function compareTypes(a: FlatSchema, b: FlatSchema, where: string, rule: RuleNamed): Change[] {
  const old = typesOf(a.facts, a.properties.size > 0)
  const now = typesOf(b.facts, b.properties.size > 0)
  const detail = `${typeLabel(old)} → ${typeLabel(now)}`
  const [isWider, isNarrower] = [covers(now, old), covers(old, now)]
  if (isWider && isNarrower) return compareFormats(a, b, where, rule)
  if (isWider) return [changeOf(rule('type-widened'), where, detail)]
  return [changeOf(rule(isNarrower ? 'type-narrowed' : 'type-changed'), where, detail)]
}

function compareFormats(a: FlatSchema, b: FlatSchema, where: string, rule: RuleNamed): Change[] {
  const [old, now] = [scalarText(a.facts['format']), scalarText(b.facts['format'])]
  if (old === now) return []
  const detail = `${old ?? 'none'} → ${now ?? 'none'}`
  return [changeOf(rule('format-changed'), where, detail)]
}

function compareValues(a: FlatSchema, b: FlatSchema, where: string, rule: RuleNamed): Change[] {
  const [old, now] = [allowedValues(a.facts), allowedValues(b.facts)]
  if (old === null && now === null) return []
  if (now === null) return [changeOf(rule('enum-widened'), where, 'any value')]
  if (old === null) return [changeOf(rule('enum-narrowed'), where, `only ${listed([...now])}`)]
  const gone = [...old].filter((value) => !now.has(value))
  const added = [...now].filter((value) => !old.has(value))
  return [
    ...(gone.length > 0 ? [changeOf(rule('enum-narrowed'), where, `without ${listed(gone)}`)] : []),
    ...(added.length > 0 ? [changeOf(rule('enum-widened'), where, `with ${listed(added)}`)] : []),
  ]
}

function listed(values: readonly string[]): string {
  const shown = values.slice(0, MAX_VALUES).map((value) => value.slice(0, 60))
  const rest = values.length - shown.length
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}

/** Limits, defaults and closedness matter for what a client sends. */
function compareFacts(a: FlatSchema, b: FlatSchema, where: string, direction: Direction): Change[] {
  if (direction === 'response') return []
  const limits = limitChanges(a.facts, b.facts).map(({ isTighter, detail }) =>
    changeOf(isTighter ? 'request-limit-tightened' : 'request-limit-loosened', where, detail),
  )
  const [wasClosed, isClosed] = [isClosedTo(a), isClosedTo(b)]
  const [old, now] = [JSON.stringify(a.facts['default']), JSON.stringify(b.facts['default'])]
  return [
    ...limits,
    ...(isClosed && !wasClosed ? [changeOf('request-closed', where)] : []),
    ...(wasClosed && !isClosed ? [changeOf('request-opened', where)] : []),
    ...(old === now
      ? []
      : [changeOf('request-default-changed', where, `${old ?? 'none'} → ${now ?? 'none'}`)]),
  ]
}

function isClosedTo({ facts }: FlatSchema): boolean {
  return facts['additionalProperties'] === false || facts['unevaluatedProperties'] === false
}

function compareProperties(
  a: FlatSchema,
  b: FlatSchema,
  where: string,
  direction: Direction,
  context: SchemaContext,
): Change[] {
  const old = visibleProperties(a, direction, context.before)
  const now = visibleProperties(b, direction, context.after)
  const at = (name: string) => (where === '' ? name : `${where}.${name}`)
  const rule = (name: string) => `${direction}-property-${name}` as Rule
  const removed = [...old.keys()].filter((name) => !now.has(name))
  const added = [...now.keys()].filter((name) => !old.has(name))
  const kept = [...old].filter(([name]) => now.has(name))
  const isNeeded = (name: string) => direction === 'request' && b.required.has(name)
  return [
    ...removed.map((name) => changeOf(rule('removed'), at(name))),
    ...added.map((name) => changeOf(rule(isNeeded(name) ? 'added-required' : 'added'), at(name))),
    ...kept.flatMap(([name, schema]) => [
      ...(b.required.has(name) && !a.required.has(name)
        ? [changeOf(rule('required'), at(name))]
        : []),
      ...(a.required.has(name) && !b.required.has(name)
        ? [changeOf(rule('optional'), at(name))]
        : []),
      ...compareSchemas(schema, now.get(name), at(name), direction, context),
    ]),
  ]
}

/** A request has nothing that is read-only, an answer nothing that is write-only. */
function visibleProperties(
  { properties }: FlatSchema,
  direction: Direction,
  lookup: ComponentLookup,
): Map<string, unknown> {
  const hidden = direction === 'request' ? 'readOnly' : 'writeOnly'
  const visible = [...properties].filter(([, schema]) => {
    const value = lookup.follow(schema)
    return !isObject(value) || value[hidden] !== true
  })
  return new Map(visible)
}

/** Items of arrays, and values under names that are not fixed. */
function compareInner(
  a: JsonObject,
  b: JsonObject,
  where: string,
  direction: Direction,
  context: SchemaContext,
): Change[] {
  return ['items', 'additionalProperties'].flatMap((key) => {
    const [old, now] = [a[key], b[key]]
    if (!isObject(old) || !isObject(now)) return []
    const inner = key === 'items' ? `${where}[]` : `${where}.*`
    return compareSchemas(old, now, inner, direction, context)
  })
}

/** Variants of `oneOf` and `anyOf`: named ones by their name, the others by their place. */
function compareChoices(
  a: FlatSchema,
  b: FlatSchema,
  where: string,
  direction: Direction,
  context: SchemaContext,
): Change[] {
  const [old, now] = [variantsOf(a), variantsOf(b)]
  if (old.size === 0 || now.size === 0) return []
  const rule = (name: string) => `${direction}-variant-${name}` as Rule
  return [
    ...[...old.keys()]
      .filter((name) => !now.has(name))
      .map((name) => changeOf(rule('removed'), where, name)),
    ...[...now.keys()]
      .filter((name) => !old.has(name))
      .map((name) => changeOf(rule('added'), where, name)),
    ...[...old]
      .filter(([name]) => now.has(name))
      .flatMap(([name, schema]) =>
        compareSchemas(schema, now.get(name), `${where}<${name}>`, direction, context),
      ),
  ]
}

function variantsOf({ choices }: FlatSchema): Map<string, unknown> {
  const members = choices.flat()
  return new Map(members.map((member, index) => [variantName(member, index), member]))
}

function variantName(member: unknown, index: number): string {
  const pointer = refOf(member)
  if (pointer) return pointerName(pointer)
  const title = isObject(member) ? member['title'] : undefined
  return typeof title === 'string' ? title : `variant ${index + 1}`
}
