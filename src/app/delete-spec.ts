import * as z from 'zod'
import { qualifiedSpec, splitSpecName } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import { deleteSpec as remove } from '../catalog/specs.js'
import { counted, type Answer } from './answer.js'
import { inputText } from './input-text.js'
import type { Services } from './services.js'

export const deleteInput = z.strictObject({ spec: inputText(), catalog: inputText().optional() })

export const deleteOutput = z.looseObject({
  deleted: z.looseObject({
    catalog: z.string(),
    spec: z.string(),
    revision: z.number(),
    operation_count: z.number(),
  }),
})

/** Removes a spec with all its revisions. */
export async function deleteSpec(
  { db }: Services,
  principal: Principal,
  input: z.infer<typeof deleteInput>,
): Promise<Answer<z.infer<typeof deleteOutput>>> {
  const { catalog, spec } = splitSpecName(input.spec, input.catalog)
  const { revision, operation_count } = await remove(db, principal, spec, catalog)
  return {
    structured: { deleted: { catalog, spec, revision, operation_count } },
    markdown: `Deleted **${qualifiedSpec(catalog, spec)}**: ${counted(operation_count, 'operation')}, all revisions.`,
  }
}
