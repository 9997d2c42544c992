import { withoutEscapes } from './ascii-json.js'
import { listStart } from './scan-json.js'
import { offsetsOf, type SortedOffsets } from './sorted-offsets.js'
import type { Range, Span } from './span.js'
import { RefIndex } from './written-refs.js'

/** `\u2013` and `\/` may stand for what `JSON.stringify` would write as it is. */
const UNUSUAL_ESCAPES = ['\\u', '\\/']
/** Escapes less than so many characters behind another are not noted: a text may be full of them. */
const APART = 64

/** The JSON text of a document, from which parts are cut: that costs nothing, as against writing. */
export class SourceText {
  readonly text: string
  /** Where parts lie; null where the text has spaces, so that its parts are written anew. */
  readonly root: Span | null
  readonly #escapes: readonly SortedOffsets[]
  #refs: RefIndex | null = null

  constructor(text: string, root: Span | null) {
    this.text = text
    this.root = root
    this.#escapes = UNUSUAL_ESCAPES.map((escape) => offsetsOf(text, escape, APART))
  }

  /** Whether a part may have escapes that `JSON.stringify` would not write. */
  hasEscapesIn({ start, end }: Range): boolean {
    return this.#escapes.some((offsets) => offsets.areIn({ start: start - APART, end }))
  }

  get refs(): RefIndex {
    return (this.#refs ??= new RefIndex(this.text))
  }
}

/** An escape of what needs none, so that `$ref` may not stand as such. */
const NEEDLESS_ESCAPE = /^(?:24|3\d|[46][1-9a-f]|[57][\da])/i
const BASIC_ESCAPE = '\\u00'

/** Null for a text in which keys may be written in odd ways: then its parts are written anew. */
export function sourceText(text: string, root: Span | null): SourceText | null {
  if (hasNeedlessEscape(text)) return null
  return new SourceText(text, root)
}

/** Searched step by step, which takes a tenth of the time of one pattern: hardly any text has any. */
function hasNeedlessEscape(text: string): boolean {
  const length = BASIC_ESCAPE.length
  for (let at = text.indexOf(BASIC_ESCAPE); at !== -1; at = text.indexOf(BASIC_ESCAPE, at + 1)) {
    if (NEEDLESS_ESCAPE.test(text.slice(at + length, at + length + 2))) return true
  }
  return false
}

/** The part under a key; null where it is not known, and must be written anew. */
export function partAt(span: Span | null, key: string): Span | null {
  return span?.inside?.get(asWritten(key)) ?? null
}

/** Where the part lies that a path of keys leads to; null where it is not known. */
export function spanUnder({ root }: SourceText, keys: readonly string[]): Span | null {
  let span = root
  for (const key of keys) span = partAt(span, key)
  return span
}

/** A key as JSON text has it. One with unusual escapes is not found, which costs a little time. */
function asWritten(key: string): string {
  return key.includes('"') || key.includes('\\') ? JSON.stringify(key).slice(1, -1) : key
}

export function textOfPart({ text }: SourceText, { start, end }: Range): string {
  return text.slice(start, end)
}

/** A part of the document as `JSON.stringify` would write it. */
export function writtenPart(source: SourceText, range: Range): string {
  const text = textOfPart(source, range)
  return source.hasEscapesIn(range) ? withoutEscapes(text) : text
}

/** JSON text made of parts of a document, and which parts, in their order. */
export interface JoinedText {
  json: string
  ranges: readonly Range[]
}

/** An operation's text with all parameters of its path before its own. */
export function textWithInherited(
  source: SourceText,
  operation: Span,
  parameters: Span,
  hasOwn: boolean,
): JoinedText {
  const { start, end } = operation
  const inherited = { start: parameters.start + 1, end: parameters.end - 1 }
  const list = writtenPart(source, inherited)
  const own = hasOwn ? listStart(source.text, operation, 'parameters') : -1
  if (own === -1) {
    const rest = writtenPart(source, { start: start + 1, end })
    const json = `{"parameters":[${list}]${rest === '}' ? '' : ','}${rest}`
    return { json, ranges: [inherited, operation] }
  }
  const before = { start, end: own + 1 }
  const after = { start: own + 1, end }
  const rest = writtenPart(source, after)
  const comma = rest.startsWith(']') ? '' : ','
  const json = `${writtenPart(source, before)}${list}${comma}${rest}`
  return { json, ranges: [before, inherited, after] }
}
