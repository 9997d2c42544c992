import { qualifiedSpec, splitSpecName } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import { findSpec } from '../catalog/specs.js'
import { storedWarnings } from '../catalog/validate-spec.js'
import { counted, type Answer } from './answer.js'
import type { Services } from './services.js'
import { warningLine } from './upload-spec.js'

export interface WarningsResult {
  catalog: string
  spec: string
  revision: number
  warnings: { code: string; pointer: string; message: string; file?: string; line?: number }[]
  warning_count: number
}

/**
 * All that is kept of what was found in a spec's document, the check against its version's schema
 * included: where that was not done yet, it is done now. Throws InputError for an unknown spec.
 */
export async function specWarnings(
  { db, validator }: Services,
  principal: Principal,
  input: { spec: string; catalog?: string | undefined },
): Promise<Answer<WarningsResult>> {
  const named = splitSpecName(input.spec, input.catalog)
  const spec = await findSpec(db, principal, named.spec, named.catalog)
  await validator.validate({ specId: spec.id, revision: spec.revision })
  const { revision, warnings, warningCount } = await storedWarnings(db, spec.id)
  const { catalog, name } = spec
  const rest = warningCount - warnings.length
  const lines = [
    `**${qualifiedSpec(catalog, name)}** revision ${revision}: ${counted(warningCount, 'warning')}.`,
    ...warnings.map((warning) => `- ${warningLine(warning)}`),
    ...(rest > 0 ? [`- … and ${rest} more that are not kept`] : []),
  ]
  return {
    structured: { catalog, spec: name, revision, warnings, warning_count: warningCount },
    markdown: lines.join('\n'),
  }
}
