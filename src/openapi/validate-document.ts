import { Validator } from '@seriousme/openapi-schema-validator'
import { keepWrittenVersions } from './dialect.js'
import type { JsonObject } from './json-value.js'
import { parseDocument } from './parse-document.js'
import type { SpecWarning } from './parsed-spec.js'
import { schemaSentence, type SchemaError } from './schema-sentence.js'
import type { ParseLimits } from './spec-error.js'
import { WarningList } from './warning-list.js'

/** It compiles the schema of a version once, which takes longer than reading most documents. */
const validator = new Validator({ allErrors: true })

/**
 * What of a document is not as the schema of its OpenAPI version says, one SCHEMA_INVALID for each
 * place. Empty for a version that has no schema here. Takes many times the time of parsing.
 */
export async function validateDocument(text: string, limits: ParseLimits): Promise<SpecWarning[]> {
  const { root } = parseDocument(text, limits, new WarningList())
  const named: JsonObject = { ...root, info: undefined }
  keepWrittenVersions(named, text, new WarningList()) // else their schema is not known
  named['info'] = root['info']
  const { errors } = await validator.validate(named)
  const warnings = new WarningList()
  for (const [pointer, found] of byPlace(Array.isArray(errors) ? errors : [])) {
    const sentence = schemaSentence(found)
    if (sentence !== null) warnings.add('SCHEMA_INVALID', pointer, sentence)
  }
  return warnings.all()
}

/**
 * The errors of each place. What holds a wrong thing is wrong too, in every form that it might have
 * had: of these only the innermost says something.
 */
function byPlace(errors: readonly SchemaError[]): Map<string, SchemaError[]> {
  const places = new Map<string, SchemaError[]>()
  for (const error of errors) {
    const known = places.get(error.instancePath)
    if (known === undefined) places.set(error.instancePath, [error])
    else known.push(error)
  }
  return places
}
