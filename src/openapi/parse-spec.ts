import { collectComponents, type Part } from './collect-components.js'
import { decodeText } from './decode-text.js'
import { dialectOf } from './dialect.js'
import { isObject, objectOrEmpty, scalarText, type JsonObject } from './json-value.js'
import { listOperations, type WrittenOperation } from './list-operations.js'
import { parseDocument } from './parse-document.js'
import type { ParsedOperation, ParsedSpec } from './parsed-spec.js'
import { createTextOf, readOperation } from './read-operation.js'
import { createResolver } from './resolver.js'
import { createShapeOf } from './schema-shape.js'
import { cleanedOrNull, cleanName, MAX_DESCRIPTION_CHARS, MAX_TITLE_CHARS } from './search-text.js'
import {
  DEFAULT_LIMITS,
  LIMIT_SETTINGS,
  SpecError,
  tooManyBytes,
  type ParseLimits,
} from './spec-error.js'
import { WarningList } from './warning-list.js'
import { warnAboutIds, warnAboutServers, warnAboutTemplates } from './spec-warnings.js'

/**
 * Operations and components may take so many times the characters of their document, and some:
 * shared parts are repeated in them. Only a document made for it comes near.
 */
const MAX_GROWTH = 4
const GROWTH_ALLOWANCE = 16_000_000

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
  const warnings = new WarningList()
  const text = decodeText(input, warnings)
  const { root, source } = parseDocument(text, limits, warnings)
  const { version, isSwagger2 } = dialectOf(root, text, warnings)
  const resolver = createResolver(root)
  const written = listOperations(root, source, resolver, warnings)
  if (written.length > limits.maxOperations) throw tooManyOperations(written.length, limits)
  const spend = charBudget(MAX_GROWTH * text.length + GROWTH_ALLOWANCE)
  const shapeOf = createShapeOf(resolver)
  const textOf = createTextOf()
  const context = { root, source, isSwagger2, resolver, shapeOf, textOf, warnings }
  const operations = written.map((one) => {
    const operation = readOperation(one, context)
    spend(operation.definition.length)
    return operation
  })
  const components = collectComponents(context, partsOf(operations, written), spend)
  warnAboutServers(root, written, warnings)
  warnAboutIds(operations, written, warnings)
  warnAboutTemplates(root['paths'], warnings)
  const head = headOf(root, warnings)
  return { ...head, dialect: version, operations, components, warnings: warnings.all() }
}

/** The operations as parts in which references are looked for. */
function* partsOf(
  operations: readonly ParsedOperation[],
  written: readonly WrittenOperation[],
): Generator<Part> {
  for (const [index, { pointer, operation }] of written.entries()) {
    const json = operations[index]?.definition ?? '{}'
    yield { json, pointer, value: operation }
  }
}

function tooManyOperations(count: number, limits: ParseLimits): SpecError {
  return new SpecError(
    'TOO_LARGE',
    `the document has ${count} operations; the limit is ${limits.maxOperations}. ` +
      `Split it by tag or path, or raise ${LIMIT_SETTINGS.maxOperations}.`,
  )
}

/** A function that is told what is used, and throws TOO_LARGE when that passes `maxChars`. */
function charBudget(maxChars: number): (chars: number) => void {
  let spent = 0
  return (chars) => {
    spent += chars
    if (spent <= maxChars) return
    throw new SpecError(
      'TOO_LARGE',
      `the operations of this document unfold to more than ${maxChars} characters. ` +
        'Move what they repeat to components and refer to it with $ref.',
    )
  }
}

function headOf(root: JsonObject, warnings: WarningList) {
  const info = objectOrEmpty(root['info'])
  if (!isObject(root['info'])) {
    warnings.add('BAD_TYPE', '/info', '`info` must be an object with a title and a version.')
  }
  if (typeof info['version'] === 'number') {
    const message = `\`info.version\` is not written as text; it is read as "${info['version']}".`
    warnings.add('VERSION_COERCED', '/info/version', message)
  }
  return {
    title: cleanedOrNull(scalarText(info['title']), MAX_TITLE_CHARS),
    version: cleanName(info['version'], MAX_TITLE_CHARS),
    description: cleanedOrNull(info['description'], MAX_DESCRIPTION_CHARS),
  }
}
