import type { DocumentParts } from './document-parts.js'
import { isObject, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import { METHODS } from './methods.js'
import type { Resolver } from './resolver.js'
import type { Span } from './span.js'
import { partAt } from './source-text.js'

/** A path item on the way to its operations. */
export interface WrittenPath {
  /** Cleaned of unseen characters, else as written; `webhook:name` for a webhook. */
  path: string
  pathItem: JsonObject
  /** JSON pointer of what it stands in, and its key there. */
  holder: string
  name: string
  /** Where it lies in the text; null where it came through a `$ref`. */
  span: Span | null
}

/**
 * An operation where it stands in the document, before anything is made of it. There are tens of
 * thousands at once, so each is small: the path's side is shared, pointers are written on demand.
 */
export class WrittenOperation {
  /** Upper case. */
  readonly method: string
  /** A part of the document's frame; see `openOperation`. */
  readonly written: JsonObject
  /** Where it lies in the text; null where it or its path came through a `$ref`. */
  readonly span: Span | null
  readonly #key: string
  readonly #at: WrittenPath

  constructor(at: WrittenPath, key: string, written: JsonObject, span: Span | null) {
    this.method = SENT_METHODS.get(key) ?? key.toUpperCase()
    this.written = written
    this.span = span
    this.#key = key
    this.#at = at
  }

  get path(): string {
    return this.#at.path
  }

  get pathItem(): JsonObject {
    return this.#at.pathItem
  }

  /** JSON pointer of the operation. */
  get pointer(): string {
    return joinPointer(pointerOf(this.#at), this.#key)
  }

  /** Where the path's parameters lie in the text; null where it came through a `$ref`. */
  get inheritedSpan(): Span | null {
    return partAt(this.#at.span, 'parameters')
  }
}

/** Each as it is sent, so that it is one string however many operations have it. */
const SENT_METHODS = new Map([...METHODS].map((method) => [method, method.toUpperCase()]))

/** JSON pointer of a path item. */
export function pointerOf({ holder, name }: WrittenPath): string {
  return joinPointer(holder, name)
}

/** An operation object, and where its text lies; null where it came through a `$ref`. */
export interface OpenOperation {
  operation: JsonObject
  span: Span | null
}

/**
 * Reads an operation where the document is read in parts. One with a `$ref` that stays in the
 * document is what that leads to, and what stands beside it.
 */
export function openOperation(
  { written, span }: WrittenOperation,
  parts: DocumentParts | null,
  resolver: Resolver,
): OpenOperation {
  const operation = parts !== null && span !== null && parts.has(span) ? parts.read(span) : written
  if (typeof operation['$ref'] !== 'string') return { operation, span }
  const target = resolver.follow(operation)
  const { $ref: _, ...siblings } = operation
  return isObject(target)
    ? { operation: { ...target, ...siblings }, span: null }
    : { operation, span }
}
