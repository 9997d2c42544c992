import type { JsonObject } from './json-value.js'
import type { Span } from './span.js'
import { partAt, textOfPart, type SourceText } from './source-text.js'

/** What holds parts, in the first or second level below. */
const HOLDERS = new Set(['paths', 'webhooks', 'components'])

/** Of `components`: not read apart, since there are few, and all are wanted. */
const READ_AT_ONCE = 'securitySchemes'

/** `paths`, a path; `components`, `schemas`, a name. */
const PART_DEPTH = 3

/**
 * A JSON document of which path items and components stay text until they are asked for. Most are
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
  #latest: { part: Span; value: JsonObject } | null = null

  constructor(source: SourceText) {
    this.#source = source
    this.#findParts(source.root)
    // Text is JSON if it is with `{}` in place of some objects, and these are.
    this.frame = JSON.parse(withoutParts(source.text, this.#parts))
  }

  /** What a part says, made anew unless it was kept, or read just before. */
  read(part: Span): JsonObject {
    if (this.#latest?.part === part) return this.#latest.value
    const value = this.#kept.get(part) ?? this.#parse(part)
    this.#latest = { part, value }
    return value
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
    let span = this.#source.root
    for (let depth = 1; depth <= Math.min(keys.length, PART_DEPTH); depth++) {
      span = partAt(span, keys[depth - 1] ?? '')
      if (span === null || !this.has(span)) continue
      const latest = this.#latest?.part === span ? this.#latest.value : undefined
      const value = this.#kept.get(span) ?? latest ?? this.#parse(span)
      this.#kept.set(span, value) // And not as the latest, which is read on meanwhile.
      return { value, depth }
    }
    const holdsParts = keys.length < PART_DEPTH && HOLDERS.has(keys[0] ?? '')
    return holdsParts && span ? { value: this.#valueOf(span), depth: keys.length } : null
  }

  #findParts(root: Span | null): void {
    for (const holder of spansIn(root)) {
      if (!HOLDERS.has(holder.key)) continue
      for (const inner of spansIn(holder)) {
        if (holder.key !== 'components') this.#addPart(inner)
        else if (inner.key !== READ_AT_ONCE) for (const part of spansIn(inner)) this.#addPart(part)
      }
    }
  }

  #addPart(span: Span): void {
    if (span.end === 0 || !this.#source.text.startsWith('{', span.start)) return
    span.reading = 'due'
    this.#parts.push(span)
  }

  #parse(part: Span): JsonObject {
    part.reading = 'done'
    return this.#valueOf(part) as JsonObject
  }

  #valueOf(span: Span): unknown {
    return JSON.parse(textOfPart(this.#source, span))
  }
}

/** Without what has an escape in its key: such are not always found by it. */
function* spansIn(span: Span | null): Generator<Span> {
  for (let inner = span?.inside?.first ?? null; inner !== null; inner = inner.next) {
    if (!inner.key.includes('\\')) yield inner
  }
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
