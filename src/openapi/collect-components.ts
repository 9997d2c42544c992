import { mappedPointers } from './discriminator.js'
import type { DocumentParts } from './document-parts.js'
import { findRefs, schemePointer, type FoundRef } from './find-refs.js'
import { isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'
import { FILES_BASE, FILES_KEY, normalizePointer, pointerSegments } from './json-pointer.js'
import type { ParsedComponent } from './parsed-spec.js'
import type { Resolver } from './resolver.js'
import type { Span } from './span.js'
import { spanUnder, writtenPart, type SourceText } from './source-text.js'
import { securitySchemesOf } from './swagger2.js'
import type { WarningList } from './warning-list.js'
import { joinPointers, refsInJson, type RefIndex, type WrittenRefs } from './written-refs.js'

/** A text of the document whose references are followed. */
export interface Text {
  refs: WrittenRefs
  /** JSON pointer of `value`. */
  pointer: string
  /** What is searched for the places of bad references. */
  value: () => unknown
  /** Something of it is written elsewhere, behind a reference, and is told of there. */
  isBehindRef: () => boolean
}

interface Collection {
  root: JsonObject
  source: SourceText | null
  refs: RefIndex | null
  parts: DocumentParts | null
  resolver: Resolver
  warnings: WarningList
}

interface Place {
  pointer: string
  /** Where its text lies, where the document has it as it is stored. */
  span: Span | null
  /** Whether it is one of the parts that are read one by one. */
  isPart: boolean
}

/**
 * Everything that some `$ref` in the document names, and the security schemes. References of the
 * parts, and of what they reach, that lead nowhere, out of the document or in a circle become
 * warnings. `spend` is told the characters of each component and may throw.
 */
export function collectComponents(
  { root, source, refs, parts, resolver, warnings }: Collection,
  texts: Iterable<Text>,
  spend: (chars: number) => void,
): ParsedComponent[] {
  const components: ParsedComponent[] = []
  const schemes = schemesByPointer(root, resolver)
  const wanted = new Set(schemes.keys())
  const open = [...schemes.keys()].map((pointer) => placeOf(pointer))
  const isCircular = createCircleCheck(resolver)
  const warnAboutRefs = createRefWarner(root, resolver, warnings)

  /** Whether all these references are good; their targets are wanted then. */
  function follow({ pointers, hasForeign }: WrittenRefs): boolean {
    let isSound = !hasForeign
    for (const pointer of pointers) {
      if (wanted.has(pointer) && !schemes.has(pointer)) continue // Most: it was there before.
      const place = placeOf(pointer)
      if (!place.isPart && resolver.target(pointer) === undefined) isSound = false
      else if (!wanted.has(pointer)) {
        wanted.add(pointer)
        open.push(place)
      }
    }
    return isSound
  }

  function placeOf(pointer: string): Place {
    const span = source && spanOf(source, pointer)
    return { pointer, span, isPart: span !== null && parts?.has(span) === true }
  }

  /** Without remembering it: many are only looked at here. */
  function valueAt({ pointer, span, isPart }: Place): unknown {
    return isPart && span ? parts?.read(span) : resolver.target(pointer)
  }

  // In one go where the text is at hand; else, and to find the places of bad ones, part by part.
  const isAllSound = refs !== null && follow(refs.all())
  const behindRefs: Text[] = []
  if (!isAllSound) {
    for (const part of texts) {
      if (follow(part.refs)) continue
      if (part.isBehindRef()) behindRefs.push(part)
      else warnAboutRefs(part)
    }
  }
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { pointer, span } = place
    const value = schemes.get(pointer) ?? valueAt(place)
    const json = source && span ? writtenPart(source, span) : JSON.stringify(value)
    spend(json.length)
    const own = refs && span ? refs.within([span]) : refsInJson(json)
    const mapped = mappedPointers(value)
    const references = joinPointers(own.pointers, mapped)
    components.push({ pointer, definition: json, references })
    const written = resolver.placeOf(pointer) ?? ''
    const part = { refs: own, pointer: written, value: () => value, isBehindRef: () => false }
    // The text of the document has been searched for `$ref`s, and not for mappings.
    const isSound = follow(
      isAllSound ? { pointers: mapped, hasForeign: false } : { ...own, pointers: references },
    )
    if (!isSound) warnAboutRefs(part)
    if (isCircular(value)) {
      const message = 'This $ref leads back to itself, so it says nothing.'
      warnings.add('CIRCULAR_REF', part.pointer, message)
    }
  }
  for (const part of behindRefs) warnAboutRefs(part)
  return components
}

/** Where a component lies, where the document has it as it is stored. */
function spanOf(source: SourceText, pointer: string): Span | null {
  const keys = pointerSegments(pointer)
  if (keys === null || keys[0] === 'securityDefinitions') return null
  return spanUnder(source, keys)
}

function schemesByPointer(root: JsonObject, resolver: Resolver): Map<string, unknown> {
  const schemes = Object.entries(securitySchemes(root, resolver)).map(
    ([name, scheme]) => [schemePointer(name), scheme] as const,
  )
  return new Map(
    schemes.filter(([pointer, scheme]) => isObject(scheme) && normalizePointer(pointer) !== null),
  )
}

/** All of them may be one reference, against the rules. */
function securitySchemes(root: JsonObject, resolver: Resolver): JsonObject {
  return root['securityDefinitions'] === undefined
    ? objectOrEmpty(resolver.follow(own(resolver.follow(root['components']), 'securitySchemes')))
    : securitySchemesOf(root)
}

/** Warns of what is wrong with the references of a text, of each once, however it is reached. */
function createRefWarner(
  root: JsonObject,
  resolver: Resolver,
  warnings: WarningList,
): (part: Text) => void {
  const isBundle = root[FILES_KEY] !== undefined
  const told = new WeakMap<JsonObject, Set<string>>()
  return (part) => {
    for (const found of findRefs(part.value(), part.pointer)) {
      const { ref, pointer, holder, key } = found
      const local = normalizePointer(ref)
      if (local !== null && resolver.target(local) !== undefined) continue
      const keys = told.get(holder) ?? new Set()
      if (keys.has(key) || isSpare(found, isBundle)) continue
      told.set(holder, keys.add(key))
      const shown = JSON.stringify(ref.slice(0, 200))
      if (ref.startsWith('#')) {
        warnings.add('DANGLING_REF', pointer, `Nothing is at ${shown}.`)
      } else {
        const message =
          `The $ref ${shown} leaves the document. It is named, and never opened; ` +
          'a folder or zip with its files can be uploaded as a whole.'
        warnings.add('EXTERNAL_REF', pointer, message)
      }
    }
  }
}

/**
 * A mapping may name files that are not there: where one is needed a `$ref` names it too. So may it in
 * a bundle with schemas that are not in the document itself.
 */
function isSpare({ ref, holder, key, isMapping }: FoundRef, isBundle: boolean): boolean {
  if (!isMapping) return false
  const isBareName = holder[key] !== ref
  return isBareName ? isBundle : !ref.startsWith('#') || ref.startsWith(FILES_BASE)
}

/** Whether a chain of nothing but `$ref`s comes back to itself. Each link is looked at once. */
function createCircleCheck(resolver: Resolver): (value: unknown) => boolean {
  const known = new Map<unknown, boolean>()
  return (value) => {
    if (own(value, '$ref') === undefined) return false // Most: nothing to remember.
    const chain = new Set<unknown>()
    let current = value
    while (current !== undefined && !known.has(current) && !chain.has(current)) {
      chain.add(current)
      const ref = own(current, '$ref')
      const pointer = typeof ref === 'string' ? normalizePointer(ref) : null
      current = pointer === null ? undefined : resolver.target(pointer)
    }
    const isCircle = chain.has(current) || known.get(current) === true
    for (const link of chain) known.set(link, isCircle)
    return isCircle
  }
}
