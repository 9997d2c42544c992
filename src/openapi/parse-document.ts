import { YAMLException } from 'js-yaml'
import { messageOf } from '../errors.js'
import { compactJson } from './compact-json.js'
import { decodeText } from './decode-text.js'
import type { DocumentParts } from './document-parts.js'
import { isRootObject } from './is-root.js'
import { isObject, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import { strictJson } from './loose-json.js'
import { readYaml, type YamlReading } from './read-yaml.js'
import { isNamedInComment, textFormat, valueFormat } from './recognise.js'
import { scanJson, type JsonScan } from './scan-json.js'
import { sourceText, type SourceText } from './source-text.js'
import { LIMIT_SETTINGS, placeOf, SpecError, tooDeep, type ParseLimits } from './spec-error.js'
import { untangle } from './untangle.js'
import { hasControls, isTabbed, withoutControls, withPlainIndents } from './yaml-spaces.js'
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

/** The refusal of a value that is no OpenAPI document, naming what it looks like. */
export function notOpenApi(value: unknown, text: string): SpecError {
  // YAML takes any text for one long word.
  if ((typeof value === 'string' || isNamedInComment(text)) && textFormat(text) !== null) {
    return notParsable(text, '', { line: 1, column: 1 }, undefined)
  }
  return new SpecError(
    'NOT_OPENAPI',
    `this looks like ${valueFormat(value)}. Upload a document that begins with an \`openapi: 3.x\` or ` +
      '`swagger: "2.0"` field.',
  )
}

function empty(): SpecError {
  return new SpecError('EMPTY', 'the document has no content. Check the file that was uploaded.')
}

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
  for (const { key, offset } of duplicates) {
    const { line } = placeOf(text, offset)
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

function parseYaml(
  text: string,
  jsonError: Error | null,
  limits: ParseLimits,
  warnings: WarningList,
): unknown {
  if (jsonError !== null) {
    const { tooDeepAt } = scanJson(text, limits.maxDepth, false)
    if (tooDeepAt !== null) throw tooDeep(limits.maxDepth, placeOf(text, tooDeepAt))
    if (isTruncation(text, jsonError)) throw truncatedJson(text)
  }
  const indented = withPlainIndents(text, warnings)
  const reading = tryYaml(indented, jsonError, limits, warnings)
  noteOddities(reading, warnings)
  const document = chosenDocument(reading.documents, warnings)
  return reading.aliasCount > 0
    ? untangle(document, text.length, limits.maxDepth, warnings)
    : document
}

function tryYaml(
  text: string,
  jsonError: Error | null,
  limits: ParseLimits,
  warnings: WarningList,
): YamlReading {
  try {
    return readYaml(text, limits.maxDepth, limits.maxAliases)
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    if (hasControls(text)) {
      return tryYaml(withoutControls(text, warnings), jsonError, limits, warnings)
    }
    const before = documentsBefore(text, error)
    const whole = before === null ? null : tryWhole(before, limits)
    if (whole === null) throw refusal(text, error, jsonError, limits)
    const line = (error.mark?.line ?? 0) + 1
    const message = `A later YAML document of the file is broken: ${error.reason}. It was left out.`
    warnings.add('MULTI_DOC', '', message, line)
    return whole
  }
}

/** The documents before the one that has a fault; null where it is the first. */
function documentsBefore(text: string, { mark }: YAMLException): string | null {
  const start = text.lastIndexOf('\n---', mark?.position ?? 0)
  return start <= 0 ? null : text.slice(0, start + 1)
}

/** Null for what is broken too, or holds no API document. */
function tryWhole(text: string, limits: ParseLimits): YamlReading | null {
  try {
    const reading = readYaml(text, limits.maxDepth, limits.maxAliases)
    return reading.documents.some((one) => isRootObject(one)) ? reading : null
  } catch (error) {
    if (error instanceof YAMLException) return null
    throw error
  }
}

function refusal(
  text: string,
  error: YAMLException,
  jsonError: Error | null,
  limits: ParseLimits,
): SpecError {
  const place =
    error.mark === undefined
      ? undefined
      : { line: error.mark.line + 1, column: error.mark.column + 1 }
  if (error.reason.includes('maxDepth')) return tooDeep(limits.maxDepth, place)
  if (error.reason.startsWith('merge keys')) {
    const sentence = `the ${error.reason} keys. Write the repeated parts as $ref to components instead.`
    return new SpecError('ALIAS_BUDGET', sentence, { ...place, cause: error })
  }
  if (error.reason.includes('maxAliases')) {
    return new SpecError(
      'ALIAS_BUDGET',
      `the document has more than ${limits.maxAliases} YAML aliases. ` +
        `Write the repeated parts as $ref to components instead, or raise ${LIMIT_SETTINGS.maxAliases}.`,
      { ...place, cause: error },
    )
  }
  const hint = isTabbed(text, place?.line) ? ' (YAML is indented by spaces, and here is a tab)' : ''
  return jsonError === null
    ? notParsable(text, `not valid YAML: ${error.reason}${hint}`, place, error)
    : notParsable(
        text,
        `not valid JSON: ${jsonReason(jsonError)}`,
        jsonPlace(text, jsonError),
        error,
      )
}

function notParsable(
  text: string,
  reason: string,
  place: { line: number; column: number } | undefined,
  cause: unknown,
): SpecError {
  const looks = textFormat(text)
  const where = place === undefined ? '' : `line ${place.line}, column ${place.column}: `
  const sentence =
    looks === null
      ? `${where}${reason}. Correct that place and upload it again.`
      : `${where}this looks like ${looks}. Upload an OpenAPI document in JSON or YAML.`
  return new SpecError('NOT_PARSABLE', sentence, { ...place, cause })
}

function isTruncation(text: string, error: Error): boolean {
  if (/^Unexpected end|^Unterminated string/.test(error.message)) return true
  return (jsonErrorOffset(error) ?? -1) >= text.trimEnd().length
}

function truncatedJson(text: string): SpecError {
  const place = placeOf(text, text.length)
  return new SpecError(
    'NOT_PARSABLE',
    `line ${place.line}, column ${place.column}: the JSON ends in the middle, so the file was ` +
      'cut off. Upload the whole of it.',
    place,
  )
}

/** `JSON.parse` names the offset in its message, and quotes the document: only the reason stays. */
function jsonReason(error: Error): string {
  return messageOf(error).replace(/(?:,? "[^]*"\.{0,3})? (?:is not valid JSON|in JSON at .*)$/, '')
}

function jsonPlace(text: string, error: Error): { line: number; column: number } | undefined {
  const offset = jsonErrorOffset(error)
  return offset === undefined ? undefined : placeOf(text, offset)
}

function jsonErrorOffset(error: Error): number | undefined {
  const offset = /at position (\d+)/.exec(error.message)?.[1]
  return offset === undefined ? undefined : Number(offset)
}

/** Of several the first that is an API document, else the first. */
function chosenDocument(documents: readonly unknown[], warnings: WarningList): unknown {
  const filled = documents.filter((document) => document !== null && document !== undefined)
  const root = filled.findIndex((document) => isRootObject(document))
  const chosen = Math.max(root, 0)
  if (filled.length > 1) {
    const which = root === -1 ? 'first' : `first that is an API document (number ${chosen + 1})`
    const message = `The file holds ${filled.length} YAML documents. Only the ${which} is used.`
    warnings.add('MULTI_DOC', '', message)
  }
  return filled[chosen]
}

function noteOddities(reading: YamlReading, warnings: WarningList): void {
  const { documents, duplicates, withOddKeys, withOddMerges, tags } = reading
  if (tags.size > 0) {
    const names = [...tags].map((name) => name.slice(0, 40)).join(', ')
    const message = `YAML tags mean nothing here (${names}). What stands behind them is kept.`
    warnings.add('BAD_TYPE', '', message)
  }
  if (duplicates.length + withOddKeys.size + withOddMerges.size === 0) return
  const withDuplicates = duplicates.map(({ object }) => object)
  const objects = new Set([...withDuplicates, ...withOddKeys, ...withOddMerges])
  const pointers = pointersOf(documents, objects)
  for (const object of withOddKeys) {
    const message = 'A key in it is no text but a list or an object, so that was left out.'
    warnings.add('BAD_TYPE', pointers.get(object) ?? '', message)
  }
  for (const object of withOddMerges) {
    const message = 'A merge key (`<<`) stands before what is no object, so that adds nothing.'
    warnings.add('BAD_TYPE', pointers.get(object) ?? '', message)
  }
  for (const { object, key } of duplicates) {
    const message = `Key "${key.slice(0, 100)}" is given twice. Both are kept where that can be.`
    warnings.add('DUP_KEY', joinPointer(pointers.get(object) ?? '', key), message)
  }
}

/** Where the wanted objects lie. Visits each object once, so aliases do not multiply the work. */
function pointersOf(documents: readonly unknown[], wanted: ReadonlySet<object>) {
  const found = new Map<object, string>()
  const visited = new Set<unknown>()
  const open = documents.map((value) => ({ value, pointer: '' }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer } = next
    if (typeof value !== 'object' || value === null || visited.has(value)) continue
    visited.add(value)
    if (wanted.has(value)) found.set(value, pointer)
    for (const [key, inner] of Object.entries(value)) {
      open.push({ value: inner, pointer: joinPointer(pointer, key) })
    }
  }
  return found
}
