import type { Tails } from './definition-tail.js'
import type { DocumentParts } from './document-parts.js'
import { arrayOrEmpty, isObject, isTrue, scalarText, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import { notOverridden } from './overridden-parameters.js'
import type { ParsedOperation } from './parsed-spec.js'
import { warnAboutPlaces } from './path-places.js'
import type { Resolver } from './resolver.js'
import { mainMedia } from './schema-shape.js'
import { cleanText, cleanName, MAX_DESCRIPTION_CHARS, MAX_SUMMARY_CHARS } from './search-text.js'
import { addressOf } from './server-urls.js'
import { cleanNames } from './short-names.js'
import { signatureOf, type Schemas } from './signature.js'
import type { Range } from './span.js'
import { textWithInherited, writtenPart, type SourceText } from './source-text.js'
import { statusesIn } from './statuses.js'
import { convertOperation, hasOldWords, serversOf } from './swagger2.js'
import type { TagTree } from './tag-tree.js'
import type { WarningList } from './warning-list.js'
import type { OpenOperation, WrittenOperation } from './written-operation.js'
import { joinPointers, joinRefs, refsInJson, type WrittenRefs } from './written-refs.js'

/** What the readers of all operations of one document share. */
export interface ReadingContext extends Schemas {
  root: JsonObject
  source: SourceText | null
  parts: DocumentParts | null
  isSwagger2: boolean
  tails: Tails
  tagTree: TagTree
  warnings: WarningList
}

/** Real operationIds reach 166 characters. */
const MAX_OPERATION_ID_CHARS = 500
const MAX_TAGS = 50
const MAX_PARAMETERS = 1_000
/** Kept with each operation. Real lists have two or three, generated ones some dozens. */
const MAX_SERVERS = 20

export interface ReadOperation {
  parsed: ParsedOperation
  /** The references in its definition. */
  refs: WrittenRefs
}

/** One operation with all that is said about it, in OpenAPI 3's words. */
export function readOperation(written: WrittenOperation, context: ReadingContext): ReadOperation {
  const { method, path } = written
  const { warnings } = context
  const open = written.open(context.parts, context.resolver)
  const { operation, parameters, resolved, text } = effectiveOperation(written, open, context)
  if (resolved.length < parameters.length) warnAboutParts(parameters, written.pointer, warnings)
  else warnAboutPlaces(resolved, written, warnings)
  const summary = cleanField(operation, 'summary', MAX_SUMMARY_CHARS, written, warnings)
  const description = cleanField(operation, 'description', MAX_DESCRIPTION_CHARS, written, warnings)
  const security = securityFor(open.operation, context)
  const servers = serversFor(open, context)
  const names = cleanNames(resolved.map(nameOf))
  if (names.length < resolved.length) warnAboutNames(resolved, written.pointer, warnings)
  const tail = context.tails.of(servers, security, open.operation)
  const refs = refsOf(text, context.source)
  const parsed = {
    method,
    path,
    operationId: cleanName(operation['operationId'], MAX_OPERATION_ID_CHARS),
    summary,
    description,
    tags: context.tagTree.withAncestors(readTags(operation['tags'], written, warnings)),
    isDeprecated: isTrue(operation['deprecated']),
    parameters: names,
    bodyProperties: bodyProperties(operation, context),
    signature: signatureOf(operation, resolved, context),
    // References are not looked for in it: that would make one text of it here and now.
    definition: `{"operation":${text.json}${tail.json}`,
    references: joinPointers(refs.pointers, tail.references),
  }
  return { parsed, refs: joinRefs(refs, tail.refs) }
}

function nameOf({ name }: JsonObject): unknown {
  return name
}

function resolvedParameters(parameters: readonly unknown[], resolver: Resolver): JsonObject[] {
  const resolved: JsonObject[] = []
  for (const one of parameters) {
    const parameter = resolver.follow(one)
    if (isObject(parameter)) resolved.push(parameter)
    if (resolved.length === MAX_PARAMETERS) break
  }
  return resolved
}

/** Those whose reference leads nowhere are told of with the references. */
function warnAboutParts(
  parameters: readonly unknown[],
  pointer: string,
  warnings: WarningList,
): void {
  if (parameters.every((one) => isObject(one))) return
  const message = 'What is no object in `parameters`, of this operation or its path, was left out.'
  warnings.add('BAD_TYPE', joinPointer(pointer, 'parameters'), message)
}

/** Of a `$ref` that is no text it is told where references are. */
function warnAboutNames(
  parameters: readonly JsonObject[],
  pointer: string,
  warnings: WarningList,
): void {
  if (parameters.every(({ name, $ref }) => scalarText(name) !== null || $ref !== undefined)) return
  const message = 'A parameter without a `name`, of this operation or its path, was left out.'
  warnings.add('BAD_TYPE', joinPointer(pointer, 'parameters'), message)
}

function refsOf({ json, ranges }: OperationText, source: SourceText | null): WrittenRefs {
  return source && ranges ? source.refs.within(ranges) : refsInJson(json)
}

interface OperationText {
  json: string
  /** The parts of the document that it is made of; null where it was written anew. */
  ranges: readonly Range[] | null
}

interface EffectiveOperation {
  operation: JsonObject
  /** Its own and the path's. */
  parameters: unknown[]
  /** What these are, behind their references. */
  resolved: JsonObject[]
  /** The operation with these parameters as JSON. */
  text: OperationText
}

/** The operation with the path's parameters, and for Swagger 2.0 in OpenAPI 3's shape. */
function effectiveOperation(
  written: WrittenOperation,
  { operation, pathItem, span }: OpenOperation,
  context: ReadingContext,
): EffectiveOperation {
  const { resolver, source, root } = context
  warnAboutTypes(operation, written, context)
  const inherited = arrayOrEmpty(resolver.follow(pathItem['parameters']))
  const own = arrayOrEmpty(resolver.follow(operation['parameters']))
  const kept = own.length === 0 ? inherited : notOverridden(inherited, own, resolver)
  const parameters = kept.length === 0 ? own : [...kept, ...own]
  const resolved = resolvedParameters(parameters, resolver)
  if (context.isSwagger2 || isInOldWords(operation, resolved, written, context.warnings)) {
    const converted = convertOperation(operation, parameters, root, resolver)
    const kinds = arrayOrEmpty(converted['parameters'])
    return {
      operation: converted,
      parameters: kinds,
      resolved: resolvedParameters(kinds, resolver),
      text: writtenAnew(converted),
    }
  }
  const isAsWritten = own.length === 0 || own === operation['parameters']
  if (kept.length === 0 && isAsWritten) {
    const text =
      source && span ? { json: writtenPart(source, span), ranges: [span] } : writtenAnew(operation)
    return { operation, parameters, resolved, text }
  }
  const isList = operation['parameters'] === undefined || own === operation['parameters']
  const isWhole = isList && kept.length === inherited.length && inherited === pathItem['parameters']
  const { inheritedSpan } = written
  const text =
    isWhole && source && span && inheritedSpan
      ? textWithInherited(source, span, inheritedSpan, operation['parameters'] !== undefined)
      : writtenAnew({ ...operation, parameters })
  return { operation, parameters, resolved, text }
}

/** BAD_TYPE, where some of it is in Swagger 2.0's words and the document is not. */
function isInOldWords(
  operation: JsonObject,
  parameters: readonly JsonObject[],
  written: WrittenOperation,
  warnings: WarningList,
): boolean {
  if (!hasOldWords(operation, parameters)) return false
  const message =
    'Swagger 2.0 has `in: body`, `in: formData`, `type` of a parameter and `schema` of a response; ' +
    'OpenAPI 3 has not. What is written so here was read as 2.0 means it.'
  warnings.add('BAD_TYPE', written.pointer, message)
  return true
}

function writtenAnew(operation: JsonObject): OperationText {
  return { json: JSON.stringify(operation), ranges: null }
}

const EXPECTATIONS = [
  { key: 'parameters', isRight: Array.isArray, expected: 'a list' },
  { key: 'responses', isRight: isObject, expected: 'an object' },
  { key: 'requestBody', isRight: isObject, expected: 'an object' },
  { key: 'servers', isRight: Array.isArray, expected: 'a list' },
  { key: 'security', isRight: Array.isArray, expected: 'a list' },
]

function warnAboutTypes(
  operation: JsonObject,
  written: WrittenOperation,
  { resolver, warnings }: ReadingContext,
): void {
  const {
    parameters = [],
    responses = {},
    requestBody = {},
    servers = [],
    security = [],
  } = operation
  const areLists = Array.isArray(parameters) && Array.isArray(servers) && Array.isArray(security)
  if (operation['responses'] === null) warnAboutStatuses(operation, written, warnings)
  if (areLists && isObject(responses) && isObject(requestBody)) return
  for (const { key, isRight, expected } of EXPECTATIONS) {
    const value = operation[key]
    if (value === undefined || value === null || isRight(resolver.follow(value))) continue
    const message = `\`${key}\` must be ${expected}, so it was not used.`
    warnings.add('BAD_TYPE', joinPointer(written.pointer, key), message)
  }
}

/** In YAML they stand beside `responses` when they are not indented enough. */
function warnAboutStatuses(
  operation: JsonObject,
  { pointer }: WrittenOperation,
  warnings: WarningList,
): void {
  const [status] = statusesIn(operation)
  if (status === undefined) return
  const message = `\`responses\` is empty, and ${status} stands beside it; indent it below.`
  warnings.add('BAD_TYPE', joinPointer(pointer, 'responses'), message)
}

function cleanField(
  operation: JsonObject,
  field: 'summary' | 'description',
  maxChars: number,
  written: WrittenOperation,
  warnings: WarningList,
): string | null {
  const raw = operation[field]
  const { text, wasCut, hadControlChars } = cleanText(raw, maxChars)
  const place = () => joinPointer(written.pointer, field)
  if (wasCut) {
    const message = `Only the first ${maxChars} characters of this ${field} are searched.`
    warnings.add('TRUNCATED_TEXT', place(), message)
  }
  if (hadControlChars) {
    const message = `Control or invisible characters were taken out of this ${field}.`
    warnings.add('CONTROL_CHARS', place(), message)
  }
  if (typeof raw === 'object' && raw !== null) {
    warnings.add('BAD_TYPE', place(), `\`${field}\` must be text, so it was not used.`)
  }
  return text
}

function serversFor(
  { operation, pathItem }: OpenOperation,
  { root, isSwagger2 }: ReadingContext,
): unknown[] {
  // Some have OpenAPI 3's servers where 2.0 has a host.
  if (isSwagger2 && (scalarText(root['host']) !== null || root['servers'] === undefined)) {
    const { schemes } = operation
    return serversOf(Array.isArray(schemes) ? { ...root, schemes } : root)
  }
  const levels = [operation['servers'], pathItem['servers'], root['servers']]
  const servers = levels.map((level) => serverList(level)).find((one) => one.length > 0) ?? []
  return servers.length > MAX_SERVERS ? servers.slice(0, MAX_SERVERS) : servers
}

/** A list, or by people who have but one, that. */
function serverList(written: unknown): unknown[] {
  if (Array.isArray(written)) return written
  return addressOf(written) === null ? [] : [written]
}

function securityFor(operation: JsonObject, { root }: ReadingContext): unknown[] | null {
  const own = operation['security']
  if (Array.isArray(own)) return own
  return Array.isArray(root['security']) ? root['security'] : null
}

function readTags(raw: unknown, written: WrittenOperation, warnings: WarningList): string[] {
  if (raw === undefined || raw === null) return []
  if (!Array.isArray(raw)) {
    warnings.add('BAD_TYPE', joinPointer(written.pointer, 'tags'), '`tags` must be a list.')
  }
  const tags = (Array.isArray(raw) ? raw : [raw]).slice(0, MAX_TAGS)
  return cleanNames(tags)
}

function bodyProperties(operation: JsonObject, { resolver, shapes }: Schemas): string[] {
  const body = resolver.follow(operation['requestBody'])
  return isObject(body) ? shapes.of(mainMedia(body['content'], resolver)?.schema).names : []
}
