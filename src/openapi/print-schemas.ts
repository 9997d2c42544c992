import type { ComponentLookup } from './component-lookup.js'
import { createDeclaredNames } from './declared-names.js'
import { refsOf } from './find-refs.js'
import { printType } from './print-type.js'
import { cleanName } from './search-text.js'
import type { Detail } from './type-printing.js'
import type { Part } from './sent-and-given.js'

/** Schemas of one answer; the nearest come first, and few contracts have room for a dozen. */
const MAX_SCHEMAS = 60

/**
 * The JSON Schemas of body and answer as they stand in the document, followed by those that they
 * refer to, each once under its pointer.
 */
export function printSchemas(parts: readonly Part[], lookup: ComponentLookup): string[] {
  const open = parts
    .filter(({ schema }) => schema !== undefined)
    .map(({ name, schema }) => ({ title: `${name} schema`, schema }))
  const known = new Set<string>()
  const sections: string[] = []
  for (let at = 0; at < open.length && at < MAX_SCHEMAS; at++) {
    const next = open[at]
    if (next === undefined) break
    sections.push(`${next.title}:\n${JSON.stringify(next.schema)}`)
    for (const pointer of refsOf(next.schema)) {
      const schema = known.has(pointer) ? undefined : lookup.find(pointer)
      known.add(pointer)
      if (schema !== undefined) open.push({ title: pointer, schema })
    }
  }
  return withRest(
    sections,
    open.map(({ title }) => title),
  )
}

/** Sections of the first, and a line about those that are not shown. */
function withRest(sections: string[], names: readonly string[]): string[] {
  const rest = names.slice(MAX_SCHEMAS)
  if (rest.length === 0) return sections
  const some = rest.slice(0, 5).map((name) => cleanName(name, 100) ?? '')
  const more = rest.length > some.length ? ', …' : ''
  return [...sections, `${rest.length} more are not shown (${some.join(', ')}${more}): use expand.`]
}

const DECLARED: Detail = {
  depth: 4,
  maxProperties: 200,
  maxMembers: 50,
  maxEnumValues: 100,
  commentChars: 80,
}
const MAX_DECLARED_CHARS = 50_000

/**
 * TypeScript declarations of body and answer and of what they refer to, nearest first. What differs
 * between the two is a type each.
 */
export function printTypes(parts: readonly Part[], lookup: ComponentLookup): string[] {
  const open = parts.map(({ name, schema, direction }) => ({
    name: name === 'request' ? 'RequestBody' : 'ResponseBody',
    schema,
    direction,
  }))
  const bothWays = new Set(open.map(({ direction }) => direction)).size > 1
  const nameOf = createDeclaredNames(lookup, bothWays, ({ name, pointer, direction }) =>
    open.push({ name, schema: lookup.find(pointer), direction }),
  )
  const declarations: string[] = []
  for (let at = 0; at < open.length && at < MAX_SCHEMAS; at++) {
    const next = open[at]
    if (next === undefined) break
    const { name, schema, direction } = next
    const text = printType(schema, name, {
      lookup,
      detail: DECLARED,
      direction,
      onLeftOut: () => undefined,
      room: { chars: MAX_DECLARED_CHARS },
      declaredName: (pointer) => nameOf(pointer, direction),
    })
    declarations.push(`type ${name} = ${text}`)
  }
  return withRest(
    declarations,
    open.map(({ name }) => name),
  )
}
