import { CharBudget } from './char-budget.js'
import { collectComponents, type Text } from './collect-components.js'
import { dialectOf, keepWrittenVersions } from './dialect.js'
import { isObject, objectOrEmpty, scalarText, type JsonObject } from './json-value.js'
import { listOperations } from './list-operations.js'
import { openDocument } from './open-document.js'
import { followAddresses } from './own-addresses.js'
import { parseDocument, type ParsedDocument } from './parse-document.js'
import type { ParsedOperation, ParsedSpec } from './parsed-spec.js'
import { Tails } from './definition-tail.js'
import { readOperation } from './read-operation.js'
import { Resolver } from './resolver.js'
import { Shapes } from './schema-shape.js'
import { cleanedOrNull, cleanName, MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS } from './search-text.js'
import { mayHaveMaps, unfoldMaps } from './shared-maps.js'
import {
  DEFAULT_LIMITS,
  LIMIT_SETTINGS,
  SpecError,
  tooManyBytes,
  type ParseLimits,
} from './spec-error.js'
import { WarningList } from './warning-list.js'
import type { OpenOperation, WrittenOperation } from './written-operation.js'
import { refsInJson, type WrittenRefs } from './written-refs.js'
import { TagTree } from './tag-tree.js'
import { checkRoom } from './tree-size.js'
import {
  warnAboutIds,
  warnAboutNothing,
  warnAboutServers,
  warnAboutTemplates,
} from './spec-warnings.js'

/**
 * Everything that can be read of a Swagger 2.0 or OpenAPI 3.x document in JSON or YAML. What
 * cannot be read is a warning; refused (SpecError) is only what is no OpenAPI document at all, or
 * passes a limit. Pure: a reference out of the document is named and never opened.
 */
export function parseSpec(
  input: Uint8Array | string,
  limits: ParseLimits = DEFAULT_LIMITS,
): ParsedSpec {
  if (input.length > limits.maxBytes) throw tooManyBytes('the document', input.length, limits)
  checkRoom(input, limits)
  const inParts = readInParts(input, limits)
  if (inParts !== null) return inParts
  const warnings = new WarningList()
  return readSpec(parseDocument(input, limits, warnings), input.length, limits, warnings)
}

/** Null where that cannot be, or fails: a document is refused for the first of its faults only. */
function readInParts(input: Uint8Array | string, limits: ParseLimits): ParsedSpec | null {
  const warnings = new WarningList()
  try {
    const document = openDocument(input, limits, warnings)
    if (document === null) return null
    const spec = readSpec(document, input.length, limits, warnings)
    document.parts?.readRest()
    return spec
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof SpecError) return null
    throw error
  }
}

function readSpec(
  parsed: ParsedDocument,
  length: number,
  limits: ParseLimits,
  warnings: WarningList,
): ParsedSpec {
  const { root, text, parts } = parsed
  const mayHaveAddresses =
    parsed.source?.refs.mayHaveAddresses ?? (text.includes('$id') || text.includes('$self'))
  const hadAddresses = mayHaveAddresses && followAddresses(root)
  const hadMaps = parts === null && mayHaveMaps(text, parsed.source) && unfoldMaps(root)
  const source = hadAddresses || hadMaps ? null : parsed.source
  keepWrittenVersions(root, text, warnings)
  const { version, isSwagger2 } = dialectOf(root, text, warnings)
  const resolver = new Resolver(root, parts)
  const budget = new CharBudget(length)
  const context = {
    root,
    source,
    parts,
    isSwagger2,
    resolver,
    shapes: new Shapes(resolver),
    tails: new Tails(),
    tagTree: new TagTree(root['tags']),
    warnings,
  }
  const operations: ParsedOperation[] = []
  // Where the text is at hand they are hardly ever asked for one by one.
  const refs: WrittenRefs[] | null = source === null ? [] : null
  const written = listOperations(root, {
    ...context,
    take: (one) => {
      if (operations.length === limits.maxOperations) return
      const read = readOperation(one, context)
      budget.spend(read.parsed.definition.length)
      operations.push(read.parsed)
      refs?.push(read.refs)
    },
  })
  if (written.length > limits.maxOperations) throw tooManyOperations(written.length, limits)
  const open = (one: WrittenOperation) => one.open(parts, resolver)
  const refsOf = (index: number) => refs?.[index] ?? refsInJson(operations[index]?.definition ?? '')
  const texts = textsOf(written, refsOf, open)
  const components = collectComponents(context, texts, budget)
  if (written.length === 0) warnAboutNothing(root, warnings)
  warnAboutServers(root, written, open, warnings)
  warnAboutIds(operations, written, warnings)
  warnAboutTemplates(root['paths'], warnings)
  const head = headOf(root, warnings)
  return { ...head, dialect: version, operations, components, warnings: warnings.all() }
}

/** The operations as texts with references. */
function* textsOf(
  written: readonly WrittenOperation[],
  refsOf: (index: number) => WrittenRefs,
  open: (one: WrittenOperation) => OpenOperation,
): Generator<Text> {
  for (const [index, one] of written.entries()) {
    yield {
      refs: refsOf(index),
      pointer: one.pointer,
      value: () => open(one).operation,
      isBehindRef: () => open(one).isBehindRef,
    }
  }
}

function tooManyOperations(count: number, limits: ParseLimits): SpecError {
  return new SpecError(
    'TOO_LARGE',
    `the document has ${count} operations; the limit is ${limits.maxOperations}. ` +
      `Split it by tag or path, or raise ${LIMIT_SETTINGS.maxOperations}.`,
  )
}

function headOf(root: JsonObject, warnings: WarningList) {
  const info = objectOrEmpty(root['info'])
  if (!isObject(root['info'])) {
    warnings.add('BAD_TYPE', '/info', '`info` must be an object with a title and a version.')
  }
  return {
    title: cleanedOrNull(scalarText(info['title']), MAX_TITLE_CHARS),
    version: cleanName(info['version'], MAX_TITLE_CHARS),
    description: cleanedOrNull(info['description'], MAX_DESCRIPTION_CHARS),
  }
}
