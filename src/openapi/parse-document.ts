import { compactJson } from './compact-json.js'
import { decodeText } from './decode-text.js'
import type { DocumentParts } from './document-parts.js'
import { isObject, type JsonObject } from './json-value.js'
import { strictJson } from './loose-json.js'
import { parseYaml } from './parse-yaml.js'
import { readYaml } from './read-yaml.js'
import { empty, notOpenApi } from './refusals.js'
import { scanJson, type JsonScan } from './scan-json.js'
import { sourceText, type SourceText } from './source-text.js'
import { placeOf, tooDeep, type ParseLimits } from './spec-error.js'
import { checkRoom } from './tree-size.js'
import type { WarningList } from './warning-list.js'

/**
 * Up to this size duplicate keys are looked for at every level of a JSON document, and joined.
 * Above, looking below methods would cost half of the time of `JSON.parse`.
 */
const THOROUGH_CHARS = 2_000_000

export interface ParsedDocument {
  /** A finite tree of plain objects; the frame of `parts`, where there are any. */
  root: JsonObject
  /** The document, less the spaces between its parts where it is JSON. */
  text: string
  /** Null for YAML, and for JSON that was changed. */
  source: SourceText | null
  parts: DocumentParts | null
}

/**
 * The object of a document in JSON or YAML. What it is in is told by trying, never by a name.
 * Throws SpecError: NOT_TEXT, EMPTY, NOT_PARSABLE, NOT_OPENAPI (no object), TOO_DEEP, ALIAS_BUDGET.
 */
export function parseDocument(
  input: Uint8Array | string,
  limits: ParseLimits,
  warnings: WarningList,
): ParsedDocument {
  const compacted = typeof input === 'string' ? null : parseCompacted(input, limits, warnings)
  if (compacted !== null) return compacted
  const text = decodeText(input, warnings)
  const { value, source } = parseValue(text, limits, warnings)
  if (value === null || value === undefined) throw empty()
  if (!isObject(value)) throw notOpenApi(value, text)
  return { root: value, text, source, parts: null }
}

/** JSON that is written with spaces, without them; null for all else, and where it has a fault. */
function parseCompacted(
  bytes: Uint8Array,
  limits: ParseLimits,
  warnings: WarningList,
): ParsedDocument | null {
  const compact = compactJson(bytes)
  if (compact === null) return null
  const text = decodeText(compact, warnings)
  const json = tryJson(text)
  if (!('value' in json) || !isObject(json.value)) return null
  const { tooDeepAt, duplicates, spans } = scanDocument(text, limits)
  if (tooDeepAt !== null || duplicates.length > 0) return null
  return { root: json.value, text, source: sourceText(text, spans), parts: null }
}

/** The value of a JSON or YAML text, whatever it is: a file that others refer to may be a list. */
export function parseValue(
  text: string,
  limits: ParseLimits,
  warnings: WarningList,
): { value: unknown; source: SourceText | null } {
  if (!/\S/.test(text)) throw empty()
  checkRoom(text, limits)
  const json = LOOKS_LIKE_JSON.test(text) ? tryJson(text) : { error: null }
  if ('value' in json) return checkedJson(text, json.value, limits, warnings)
  const loose = parseLooseJson(text, limits, warnings)
  return loose ?? { value: parseYaml(text, json.error, limits, warnings), source: null }
}

/** Null for what is no JSON even without comments and the like, or is no object. */
function parseLooseJson(
  text: string,
  limits: ParseLimits,
  warnings: WarningList,
): { value: unknown; source: SourceText | null } | null {
  if (!/^\s*(?:[{/]|\)\]\})/.test(text)) return null
  const strict = strictJson(text)
  const json = tryJson(strict)
  if (!('value' in json) || !isObject(json.value)) return null
  const message = 'JSON has no comments and no commas before a closing bracket. They were left out.'
  warnings.add('BAD_TYPE', '', message)
  return checkedJson(strict, json.value, limits, warnings)
}

const LINE_FEED = 0x0a

/** Of YAML hardly any does, and the error that `JSON.parse` makes of megabytes takes its time. */
const LOOKS_LIKE_JSON = /^\s*[{[]/

function tryJson(text: string): { value: unknown } | { error: Error } {
  try {
    return { value: JSON.parse(text) }
  } catch (error) {
    return { error: error as Error }
  }
}

function checkedJson(
  text: string,
  value: unknown,
  limits: ParseLimits,
  warnings: WarningList,
): { value: unknown; source: SourceText | null } {
  const { tooDeepAt, duplicates, spans } = scanDocument(text, limits)
  if (tooDeepAt !== null) throw tooDeep(limits.maxDepth, placeOf(text, tooDeepAt))
  if (duplicates.length === 0) return { value, source: sourceText(text, spans) }
  let [line, from] = [1, 0]
  for (const { key, offset } of duplicates) {
    for (; from < offset; from++) if (text.charCodeAt(from) === LINE_FEED) line++
    warnings.add(
      'DUP_KEY',
      '',
      `Key "${key.slice(0, 100)}" is given twice (again in line ${line}).`,
      line,
    )
  }
  const joined = text.length <= THOROUGH_CHARS ? joinedJson(text, value, limits) : value
  return { value: joined, source: null }
}

/** What the value of a JSON text does not show, with keys given twice as far down as that is cheap. */
export function scanDocument(text: string, { maxDepth }: ParseLimits): JsonScan {
  return scanJson(text, maxDepth, text.length <= THOROUGH_CHARS)
}

/** JSON is YAML too, and the YAML reader joins what is given twice. */
function joinedJson(text: string, value: unknown, limits: ParseLimits): unknown {
  try {
    return readYaml(text, limits.maxDepth + 1, 0).documents[0]
  } catch {
    return value // Some JSON (tabs in odd places) is no YAML. Then the last of each key stands.
  }
}
