import type { Span } from './scan-json.js'

/** The JSON text of a document, from which parts are cut: that costs nothing, as against writing. */
export interface SourceText {
  text: string
  /** Where parts lie; null where the text has spaces, so that its parts are written anew. */
  root: Span | null
}

/** The part under a key; null where it is not known, and must be written anew. */
export function partAt(span: Span | null, key: string): Span | null {
  return span?.inside?.get(asWritten(key)) ?? null
}

/** A key as JSON text has it. One with unusual escapes is not found, which costs a little time. */
function asWritten(key: string): string {
  return key.includes('"') || key.includes('\\') ? JSON.stringify(key).slice(1, -1) : key
}

export function textOfPart({ text }: SourceText, { start, end }: Span): string {
  return text.slice(start, end)
}

/** An operation's text with all parameters of its path before its own. */
export function textWithInherited({ text }: SourceText, operation: Span, parameters: Span): string {
  const inherited = text.slice(parameters.start + 1, parameters.end - 1)
  const { start, end, parametersStart } = operation
  if (parametersStart === -1) {
    const rest = text.slice(start + 1, end)
    return `{"parameters":[${inherited}]${rest === '}' ? '' : ','}${rest}`
  }
  const after = text.slice(parametersStart + 1, end)
  const comma = after.startsWith(']') ? '' : ','
  return `${text.slice(start, parametersStart + 1)}${inherited}${comma}${after}`
}
