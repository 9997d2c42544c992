import type { DocumentParts } from './document-parts.js'
import { isObject, objectOrEmpty, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import { METHODS } from './methods.js'
import type { Resolver } from './resolver.js'
import type { Span } from './span.js'
import { partAt } from './source-text.js'

/** A path item on the way to its operations. */
export interface WrittenPath {
  /** Cleaned of unseen characters, else as written; `webhook:name` for a webhook. */
  path: string
  /** Null for one that is a part of its document, and read where it is needed. */
  pathItem: JsonObject | null
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
  /** Where it lies in the text; null where it or its path came through a `$ref`. */
  readonly span: Span | null
  readonly #key: string
  readonly #at: WrittenPath
  /** Null for one that is read with its path item. */
  readonly #written: JsonObject | null

  constructor(at: WrittenPath, key: string, span: Span | null, written: JsonObject | null) {
    this.method = SENT_METHODS.get(key) ?? key.toUpperCase()
    this.span = span
    this.#key = key
    this.#at = at
    this.#written = written
  }

  get path(): string {
    return this.#at.path
  }

  /** JSON pointer of the operation. */
  get pointer(): string {
    return joinPointer(pointerOf(this.#at), this.#key)
  }

  /** Where the path's parameters lie in the text; null where it came through a `$ref`. */
  get inheritedSpan(): Span | null {
    return partAt(this.#at.span, 'parameters')
  }

  /**
   * Reads it where the document is read in parts. One with a `$ref` that stays in the document is
   * what that leads to, and what stands beside it.
   */
  open(parts: DocumentParts | null, resolver: Resolver): OpenOperation {
    const { span } = this
    const pathItem = this.#at.pathItem ?? readPart(this.#at.span, parts)
    const operation = this.#written ?? objectOrEmpty(pathItem[this.#key])
    const isBehindRef = operation['$ref'] !== undefined || pathItem['$ref'] !== undefined
    const target = typeof operation['$ref'] === 'string' ? resolver.follow(operation) : null
    if (!isObject(target)) return { operation, pathItem, span, isBehindRef }
    const { $ref: _, ...siblings } = operation
    return { operation: { ...target, ...siblings }, pathItem, span: null, isBehindRef }
  }
}

function readPart(span: Span | null, parts: DocumentParts | null): JsonObject {
  return span && parts ? parts.read(span) : {}
}

/** Each as it is sent, so that it is one string however many operations have it. */
const SENT_METHODS = new Map([...METHODS].map((method) => [method, method.toUpperCase()]))

/** JSON pointer of a path item. */
export function pointerOf({ holder, name }: WrittenPath): string {
  return joinPointer(holder, name)
}

/** An operation that was read, and its path's side. */
export interface OpenOperation {
  operation: JsonObject
  pathItem: JsonObject
  /** Where its text lies; null where it came through a `$ref`. */
  span: Span | null
  /** It has a `$ref`, or its path. */
  isBehindRef: boolean
}
