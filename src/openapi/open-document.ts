import { asciiJson } from './ascii-json.js'
import { compactJson } from './compact-json.js'
import { decodeText } from './decode-text.js'
import { DocumentParts } from './document-parts.js'
import { isObject, type JsonObject } from './json-value.js'
import { scanDocument, type ParsedDocument } from './parse-document.js'
import { mayHaveMaps } from './shared-maps.js'
import { sourceText } from './source-text.js'
import type { ParseLimits } from './spec-error.js'
import type { WarningList } from './warning-list.js'

/**
 * A document for reading it in parts; null where it must be read as a whole: YAML, JSON with spaces
 * left, keys given twice or maps that are a reference, and what is refused. Throws SpecError NOT_TEXT,
 * and SyntaxError for a text that is no JSON, which others may still read.
 */
export function openDocument(
  input: Uint8Array | string,
  limits: ParseLimits,
  warnings: WarningList,
): ParsedDocument | null {
  if (!beginsLikeObject(input)) return null
  const text = textOf(input, warnings)
  const { tooDeepAt, duplicates, spans } = scanDocument(text, limits)
  if (tooDeepAt !== null || duplicates.length > 0 || spans === null) return null
  const source = sourceText(text, spans)
  if (source === null) return null
  const parts = new DocumentParts(source)
  if (!isObject(parts.frame)) return null
  // What says its address, the document or a schema, is referred to by that, wherever in it.
  if (source.refs.mayHaveAddresses && saysAddress(parts.frame, text)) return null
  if (mayHaveMaps(text, source)) return null
  return { root: parts.frame, text, source, parts }
}

function saysAddress(frame: JsonObject, text: string): boolean {
  return frame['$self'] !== undefined || text.includes('$id":"')
}

/** Without spaces and in one byte a character, where that can be: what follows is the faster. */
function textOf(input: Uint8Array | string, warnings: WarningList): string {
  if (typeof input === 'string') return decodeText(input, warnings)
  const bytes = compactJson(input) ?? input
  return asciiJson(bytes) ?? decodeText(bytes, warnings)
}

/** That of YAML is hardly ever in braces, and would be looked through in vain. */
function beginsLikeObject(input: Uint8Array | string): boolean {
  const start = input.slice(0, 100)
  return /^\s*\{/.test(typeof start === 'string' ? start : Buffer.from(start).toString('latin1'))
}
