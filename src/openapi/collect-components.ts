import { findRefs, pointersInJson, schemePointer } from './find-refs.js'
import { isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'
import { normalizePointer } from './json-pointer.js'
import type { ParsedComponent } from './parsed-spec.js'
import type { Resolver } from './resolver.js'
import type { SourceText } from './source-text.js'
import { securitySchemesOf } from './swagger2.js'
import type { WarningList } from './warning-list.js'

/** A part of the document whose references are followed. */
export interface Part {
  /** As `JSON.stringify` writes it. */
  json: string
  /** JSON pointer of `value`. */
  pointer: string
  /** What is searched for the places of bad references. */
  value: unknown
}

/**
 * Everything that some `$ref` reaches from the parts on, and the security schemes. References that
 * lead nowhere, out of the document or in a circle become warnings. `spend` is told the characters
 * of each component and may throw.
 */
export function collectComponents(
  root: JsonObject,
  source: SourceText,
  parts: Iterable<Part>,
  resolver: Resolver,
  warnings: WarningList,
  spend: (chars: number) => void,
): ParsedComponent[] {
  const components: ParsedComponent[] = []
  const known = new Set<string>()
  const open: { pointer: string; value: unknown }[] = []

  function want(pointer: string, value: unknown): void {
    if (known.has(pointer)) return
    known.add(pointer)
    open.push({ pointer, value })
  }

  function followRefs(part: Part): void {
    const { pointers, hasForeign } = pointersInJson(part.json)
    let isSound = !hasForeign
    for (const pointer of pointers) {
      const value = resolver.target(pointer)
      if (value === undefined) isSound = false
      else want(pointer, value)
    }
    if (!isSound) warnAboutRefs(part, resolver, warnings)
  }

  for (const [name, scheme] of Object.entries(securitySchemes(root))) {
    const pointer = schemePointer(name)
    if (isObject(scheme) && normalizePointer(pointer) !== null) want(pointer, scheme)
  }
  for (const part of parts) followRefs(part)
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { pointer, value } = next
    const definition = source.at(pointer.slice(1)) ?? JSON.stringify(value)
    spend(definition.length)
    components.push({ pointer, definition })
    followRefs({ json: definition, pointer: pointer.slice(1), value })
    if (isCircular(value, resolver)) {
      const message = 'This $ref leads back to itself, so it says nothing.'
      warnings.add('CIRCULAR_REF', pointer.slice(1), message)
    }
  }
  return components
}

function securitySchemes(root: JsonObject): JsonObject {
  return root['securityDefinitions'] === undefined
    ? objectOrEmpty(own(root['components'], 'securitySchemes'))
    : securitySchemesOf(root)
}

function warnAboutRefs(part: Part, resolver: Resolver, warnings: WarningList): void {
  for (const { ref, pointer } of findRefs(part.value, part.pointer)) {
    const shown = JSON.stringify(ref.slice(0, 200))
    const local = normalizePointer(ref)
    if (!ref.startsWith('#')) {
      const message = `The $ref ${shown} leaves the document. It is named, and never opened.`
      warnings.add('EXTERNAL_REF', pointer, message)
    } else if (local === null || resolver.target(local) === undefined) {
      warnings.add('DANGLING_REF', pointer, `Nothing is at ${shown} in this document.`)
    }
  }
}

/** A chain of nothing but `$ref`s that comes back to where it began. */
function isCircular(value: unknown, resolver: Resolver): boolean {
  const visited = new Set<unknown>()
  for (let current = value; !visited.has(current);) {
    visited.add(current)
    const ref = own(current, '$ref')
    const pointer = typeof ref === 'string' ? normalizePointer(ref) : null
    if (pointer === null) return false
    current = resolver.target(pointer)
    if (current === undefined) return false
  }
  return true
}
