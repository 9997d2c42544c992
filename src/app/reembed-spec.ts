import * as z from 'zod'
import { qualifiedSpec, splitSpecName } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import { reembedSpec as reembed } from '../embedding/reembed-spec.js'
import type { Answer } from './answer.js'
import { inputText } from './input-text.js'
import { jobOutput } from './upload-spec.js'
import { willEmbed, type Services } from './services.js'

export const reembedInput = z.strictObject({ spec: inputText(), catalog: inputText().optional() })

export const reembedOutput = z.looseObject({
  catalog: z.string(),
  spec: z.string(),
  job: jobOutput,
})

/** Embeds every operation of a spec again; search keeps the old vectors meanwhile. */
export async function reembedSpec(
  services: Services,
  principal: Principal,
  input: z.infer<typeof reembedInput>,
): Promise<Answer<z.infer<typeof reembedOutput>>> {
  const named = splitSpecName(input.spec, input.catalog)
  const { catalog, spec, job } = await reembed(services.db, principal, {
    name: named.spec,
    catalog: named.catalog,
    willEmbed: willEmbed(services),
  })
  return {
    structured: { catalog, spec, job: { ...job } },
    markdown:
      `Every operation of **${qualifiedSpec(catalog, spec)}** is embedded again (job ${job.id}); ` +
      'search goes on with the old vectors meanwhile.',
    next: 'Next: `embedding_status` with `wait_ms`.',
  }
}
