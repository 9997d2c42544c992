import { METHODS } from './methods.js'
import type { JsonObject } from './json-value.js'
import type { Span } from './span.js'
import { spanUnder, textOfPart, type SourceText } from './source-text.js'

/** What holds parts, in the second level below. */
const HOLDERS = new Set(['paths', 'webhooks', 'components'])

/** Of `components`: not read apart, since there are few, and all are wanted. */
const READ_AT_ONCE = 'securitySchemes'

/** `paths`, a path, a method; `components`, `schemas`, a name. */
const PART_DEPTH = 3

/**
 * A JSON document of which operations and components stay text until they are asked for. Most are
 * read once and forgotten, so the collector has next to nothing to keep, which costs less than one
 * `JSON.parse` of the whole. Each reading throws a SyntaxError where the text is no JSON; that it is,
 * all of it, is certain when `readRest` has returned.
 */
export class DocumentParts {
  /** The document with `{}` in place of each part. */
  readonly frame: unknown
  readonly #source: SourceText
  /** In the order of the text. */
  readonly #parts: Span[] = []
  readonly #kept = new Map<Span, JsonObject>()

  constructor(source: SourceText) {
    this.#source = source
    forEachPart(source, (part) => this.#parts.push(part))
    for (const part of this.#parts) part.reading = 'due'
    // Text is JSON if it is with `{}` in place of some objects, and these are.
    this.frame = JSON.parse(withoutParts(source.text, this.#parts))
  }

  /** What a part says, made anew unless it was kept. */
  read(part: Span): JsonObject {
    part.reading = 'done'
    return this.#kept.get(part) ?? (this.#valueOf(part) as JsonObject)
  }

  readRest(): void {
    for (const part of this.#parts) if (part.reading === 'due') this.#valueOf(part)
  }

  /** All of the document, made anew. */
  readAll(): unknown {
    return JSON.parse(this.#source.text)
  }

  has(span: Span): boolean {
    return span.reading !== 'with others'
  }

  /**
   * What the first of these keys lead to, and how many: to a part, which is kept, or all of them to
   * something that holds parts. Null where the frame has what they lead to.
   */
  keep(keys: readonly string[]): { value: unknown; depth: number } | null {
    const part = spanUnder(this.#source, keys.slice(0, PART_DEPTH))
    if (part !== null && this.has(part)) {
      const value = this.read(part)
      this.#kept.set(part, value)
      return { value, depth: PART_DEPTH }
    }
    const holdsParts = keys.length < PART_DEPTH && HOLDERS.has(keys[0] ?? '')
    return holdsParts && part ? { value: this.#valueOf(part), depth: keys.length } : null
  }

  #valueOf(span: Span): unknown {
    return JSON.parse(textOfPart(this.#source, span))
  }
}

/** In the order of the text. */
function forEachPart({ text, root }: SourceText, take: (part: Span) => void): void {
  forEachIn(root, (holder) => {
    if (!HOLDERS.has(holder.key)) return
    forEachIn(holder, (group) => {
      if (group.key === READ_AT_ONCE) return
      forEachIn(group, (part) => {
        const isPart = holder.key === 'components' || METHODS.has(part.key)
        if (isPart && text.startsWith('{', part.start)) take(part)
      })
    })
  })
}

/** Without what has an escape in its key: such are not always found by it. */
function forEachIn(span: Span | null, take: (inner: Span) => void): void {
  span?.inside?.forEach((inner) => {
    if (!inner.key.includes('\\')) take(inner)
  })
}

function withoutParts(text: string, parts: readonly Span[]): string {
  const kept: string[] = []
  let from = 0
  for (const { start, end } of parts) {
    kept.push(text.slice(from, start + 1))
    from = end - 1
  }
  kept.push(text.slice(from))
  return kept.join('')
}
