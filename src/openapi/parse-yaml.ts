import { YAMLException } from 'js-yaml'
import { isRootObject } from './is-root.js'
import { readYaml, type YamlReading } from './read-yaml.js'
import { brokenJson, isTruncation, notParsable, truncatedJson } from './refusals.js'
import { scanJson } from './scan-json.js'
import { LIMIT_SETTINGS, placeOf, SpecError, tooDeep, type ParseLimits } from './spec-error.js'
import { untangle } from './untangle.js'
import type { WarningList } from './warning-list.js'
import { noteOddities } from './yaml-oddities.js'
import { faultHint, hasControls, withoutControls, withPlainIndents } from './yaml-spaces.js'

/**
 * The value of a text in YAML, or in JSON with the fault `jsonError`: a finite tree, of several
 * documents the one that is an API's. Throws SpecError: NOT_PARSABLE, TOO_DEEP, ALIAS_BUDGET.
 */
export function parseYaml(
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
  const hint = place === undefined ? '' : faultHint(text, error.reason, place.line, place.column)
  return jsonError === null
    ? notParsable(text, `not valid YAML: ${error.reason}${hint}`, place, error)
    : brokenJson(text, jsonError, error)
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
