import type { Span } from './scan-json.js'

/**
 * The JSON text of a part of the document, cut out of the document itself where it is written as
 * `JSON.stringify` would: that costs nothing, and a big document is mostly such parts.
 */
export interface SourceText {
  /** Of the value at this pointer; null where it must be written anew. */
  at(pointer: string): string | null
  /** Of the operation at `pointer`, with these parameters of its path before its own. */
  withInherited(pointer: string, inheritedPointer: string): string | null
}

export const NO_SOURCE_TEXT: SourceText = { at: () => null, withInherited: () => null }

export function createSourceText(text: string, spans: ReadonlyMap<string, Span>): SourceText {
  function at(pointer: string): string | null {
    const span = spans.get(pointer)
    return span === undefined ? null : text.slice(span.start, span.end)
  }

  function withInherited(pointer: string, inheritedPointer: string): string | null {
    const inherited = at(inheritedPointer)?.slice(1, -1)
    const operation = spans.get(pointer)
    if (inherited === undefined || operation === undefined) return null
    const own = spans.get(`${pointer}/parameters`)
    if (own === undefined) {
      const rest = text.slice(operation.start + 1, operation.end)
      const comma = rest === '}' ? '' : ','
      return `{"parameters":[${inherited}]${comma}${rest}`
    }
    const before = text.slice(operation.start, own.start + 1)
    const after = text.slice(own.start + 1, operation.end)
    return `${before}${inherited}${after.startsWith(']') ? '' : ','}${after}`
  }

  return { at, withInherited }
}
