import type { CharBudget } from './char-budget.js'
import { mappedPointers } from './discriminator.js'
import type { DocumentParts } from './document-parts.js'
import { findRefs, REF_KEYS, schemePointer, visitObjects, type FoundRef } from './find-refs.js'
import { isObject, objectOrEmpty, own, type JsonObject } from './json-value.js'
import { FILES_BASE, FILES_KEY, normalizePointer, pointerSegments } from './json-pointer.js'
import type { ParsedComponent } from './parsed-spec.js'
import type { Resolver } from './resolver.js'
import type { Span } from './span.js'
import { spanUnder, writtenPart, type SourceText } from './source-text.js'
import { securitySchemesOf } from './swagger2.js'
import type { WarningList } from './warning-list.js'
import { joinPointers, refsInJson, type WrittenRefs } from './written-refs.js'

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
 * warnings. Throws what `budget` does.
 */
export function collectComponents(
  document: Collection,
  texts: Iterable<Text>,
  budget: CharBudget,
): ParsedComponent[] {
  return new Collector(document, budget).collect(texts)
}

class Collector {
  readonly #document: Collection
  readonly #budget: CharBudget
  readonly #components: ParsedComponent[] = []
  readonly #schemes: ReadonlyMap<string, unknown>
  readonly #wanted: Set<string>
  readonly #open: Place[] = []
  readonly #circles: CircleCheck
  readonly #refWarner: RefWarner

  constructor(document: Collection, budget: CharBudget) {
    const { root, resolver, warnings } = document
    this.#document = document
    this.#budget = budget
    this.#schemes = schemesByPointer(root, resolver)
    this.#wanted = new Set(this.#schemes.keys())
    for (const pointer of this.#wanted) this.#open.push(this.#placeOf(pointer))
    this.#circles = new CircleCheck(resolver)
    this.#refWarner = new RefWarner(root, resolver, warnings)
  }

  collect(texts: Iterable<Text>): ParsedComponent[] {
    const { source } = this.#document
    // In one go where the text is at hand; else, and to find the places of bad ones, part by part.
    const isAllSound = source !== null && this.#follow(source.refs.all())
    const behindRefs: Text[] = []
    if (!isAllSound) {
      for (const part of texts) {
        if (this.#follow(part.refs)) continue
        if (part.isBehindRef()) behindRefs.push(part)
        else this.#refWarner.warnAbout(part.value(), part.pointer)
      }
    }
    for (let place = this.#open.pop(); place !== undefined; place = this.#open.pop()) {
      this.#take(place, isAllSound)
    }
    for (const part of behindRefs) this.#refWarner.warnAbout(part.value(), part.pointer)
    return this.#components
  }

  #take(place: Place, isAllSound: boolean): void {
    const { source, resolver, warnings } = this.#document
    const { pointer, span } = place
    const value = this.#schemes.get(pointer) ?? this.#valueAt(place)
    const json = source && span ? writtenPart(source, span) : JSON.stringify(value)
    this.#budget.spend(json.length)
    const own = source && span ? source.refs.within([span]) : refsInJson(json)
    const mapped = mappedPointers(value)
    const references = joinPointers(own.pointers, mapped)
    this.#components.push({ pointer, definition: json, references })
    // The text of the document has been searched for `$ref`s, and not for mappings.
    const isSound = isAllSound
      ? this.#follow({ pointers: mapped, hasForeign: false })
      : this.#follow({ pointers: references, hasForeign: own.hasForeign })
    if (!isSound) this.#refWarner.warnAbout(value, resolver.placeOf(pointer) ?? '')
    if (this.#circles.isCircular(value)) {
      const message = 'This $ref leads back to itself, so it says nothing.'
      warnings.add('CIRCULAR_REF', resolver.placeOf(pointer) ?? '', message)
    }
  }

  /** Whether all these references are good; their targets are wanted then. */
  #follow({ pointers, hasForeign }: WrittenRefs): boolean {
    let isSound = !hasForeign
    for (const pointer of pointers) {
      if (this.#wanted.has(pointer) && !this.#schemes.has(pointer)) continue // Most.
      const place = this.#placeOf(pointer)
      if (!place.isPart && this.#document.resolver.target(pointer) === undefined) isSound = false
      else if (!this.#wanted.has(pointer)) {
        this.#wanted.add(pointer)
        this.#open.push(place)
      }
    }
    return isSound
  }

  #placeOf(pointer: string): Place {
    const { source, parts } = this.#document
    const span = source && spanOf(source, pointer)
    return { pointer, span, isPart: span !== null && parts?.has(span) === true }
  }

  /** Without remembering it: many are only looked at here. */
  #valueAt({ pointer, span, isPart }: Place): unknown {
    const { parts, resolver } = this.#document
    return isPart && span ? parts?.read(span) : resolver.target(pointer)
  }
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
class RefWarner {
  readonly #isBundle: boolean
  readonly #resolver: Resolver
  readonly #warnings: WarningList
  readonly #told = new WeakMap<JsonObject, Set<string>>()

  constructor(root: JsonObject, resolver: Resolver, warnings: WarningList) {
    this.#isBundle = root[FILES_KEY] !== undefined
    this.#resolver = resolver
    this.#warnings = warnings
  }

  warnAbout(value: unknown, base: string): void {
    visitObjects(value, base, ({ value: holder, pointer, isNames }) => {
      if (isNames || !REF_KEYS.some((key) => isNoRef(holder[key]))) return
      const message =
        '`$ref` must be text, so nothing is here. In YAML a `#` begins a comment: put it in quotes.'
      this.#warnings.add('BAD_TYPE', pointer, message)
    })
    for (const found of findRefs(value, base)) {
      const { ref, pointer, holder, key } = found
      const local = normalizePointer(ref)
      if (local !== null && this.#resolver.target(local) !== undefined) continue
      const keys = this.#told.get(holder) ?? new Set()
      if (keys.has(key) || isSpare(found, this.#isBundle)) continue
      this.#told.set(holder, keys.add(key))
      const shown = JSON.stringify(ref.slice(0, 200))
      if (ref.startsWith('#')) {
        this.#warnings.add('DANGLING_REF', pointer, `Nothing is at ${shown}.`)
      } else {
        const message =
          `The $ref ${shown} leaves the document. It is named, and never opened; ` +
          'a folder or zip with its files can be uploaded as a whole.'
        this.#warnings.add('EXTERNAL_REF', pointer, message)
      }
    }
  }
}

function isNoRef(ref: unknown): boolean {
  return ref !== undefined && typeof ref !== 'string' && !isObject(ref)
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

/** Finds chains of nothing but `$ref`s that come back to themselves. Each link is looked at once. */
class CircleCheck {
  readonly #resolver: Resolver
  readonly #known = new Map<unknown, boolean>()

  constructor(resolver: Resolver) {
    this.#resolver = resolver
  }

  isCircular(value: unknown): boolean {
    if (own(value, '$ref') === undefined) return false // Most: nothing to remember.
    const chain = new Set<unknown>()
    let current = value
    while (current !== undefined && !this.#known.has(current) && !chain.has(current)) {
      chain.add(current)
      const ref = own(current, '$ref')
      const pointer = typeof ref === 'string' ? normalizePointer(ref) : null
      current = pointer === null ? undefined : this.#resolver.target(pointer)
    }
    const isCircle = chain.has(current) || this.#known.get(current) === true
    for (const link of chain) this.#known.set(link, isCircle)
    return isCircle
  }
}
