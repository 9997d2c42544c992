import * as z from 'zod'
import { refreshSpec, type FetchSettings } from '../catalog/fetch-spec.js'
import { qualifiedSpec, splitSpecName } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import { originsOf, type SpecOrigin } from '../catalog/spec-origins.js'
import { checkCatalog, findSpec } from '../catalog/specs.js'
import type { UploadReport } from '../catalog/upload-spec.js'
import { InputError, UnavailableError } from '../errors.js'
import { counted, prose, shownSource, type Answer } from './answer.js'
import { willEmbed, type Services } from './services.js'

export const refreshInput = z.strictObject({
  /** `[catalog/]spec`; all specs that come from URLs unless given. */
  spec: z.string().optional(),
  catalog: z.string().optional(),
})

export const refreshed = z.looseObject({
  catalog: z.string(),
  spec: z.string(),
  outcome: z.enum(['revised', 'unchanged', 'failed']),
  revision: z.number().nullable(),
  error: z.string().nullable(),
})

export const refreshOutput = z.looseObject({ specs: z.array(refreshed) })

/** A refresh that was asked for and fails is not waited with longer than the next timed one. */
const ASKED_EVERY_MS = 60_000

/**
 * Asks the URLs of specs whether their documents changed, one after the other. One that fails
 * stops no other. Throws InputError for a spec that is not there or did not come from a URL.
 */
export async function refreshSpecs(
  services: Services,
  principal: Principal,
  input: z.infer<typeof refreshInput>,
  signal?: AbortSignal,
): Promise<Answer<z.infer<typeof refreshOutput>>> {
  const settings = { ...fetchSettings(services, signal), everyMs: ASKED_EVERY_MS }
  const specs: z.infer<typeof refreshed>[] = []
  const lines: string[] = []
  for (const origin of await askedOrigins(services, principal, input)) {
    const { catalog, name: spec } = origin
    try {
      const report = await refreshSpec(services.db, origin, settings)
      services.validator.add(report)
      const { outcome, revision } = report
      specs.push({
        catalog,
        spec,
        outcome: outcome === 'created' ? 'revised' : outcome,
        revision,
        error: null,
      })
      lines.push(`- \`${qualifiedSpec(catalog, spec)}\` ${describe(report)}`)
    } catch (error) {
      if (!(error instanceof InputError || error instanceof UnavailableError)) throw error
      specs.push({ catalog, spec, outcome: 'failed', revision: null, error: error.message })
      lines.push(`- \`${qualifiedSpec(catalog, spec)}\` failed: ${prose(error.message, 300)}`)
    }
  }
  return {
    structured: { specs },
    markdown:
      specs.length === 0
        ? 'No spec came from a URL: there is nothing to refresh.'
        : [`${counted(specs.length, 'spec')} asked for:`, ...lines].join('\n'),
  }
}

/** How this process fetches documents and takes them in. */
export function fetchSettings(services: Services, signal?: AbortSignal): FetchSettings {
  return {
    limits: services.config,
    allowPrivateUrls: services.allowPrivateUrls,
    willEmbed: willEmbed(services),
    signal,
  }
}

async function askedOrigins(
  { db }: Services,
  principal: Principal,
  { spec, catalog }: z.infer<typeof refreshInput>,
): Promise<SpecOrigin[]> {
  if (spec === undefined) {
    await checkCatalog(db, principal, catalog)
    return originsOf(db, principal.tenant, { catalog })
  }
  const named = splitSpecName(spec, catalog)
  const { source } = await findSpec(db, principal, named.spec, named.catalog)
  const origins = await originsOf(db, principal.tenant, {
    catalog: named.catalog,
    name: named.spec,
  })
  if (origins.length > 0) return origins
  throw new InputError(
    `${spec} did not come from a URL${source === null ? '' : ` but from ${shownSource(source)}`}: ` +
      'upload its document again, in its directory or zip where it has other files.',
  )
}

function describe({ outcome, revision, changes }: UploadReport): string {
  if (outcome === 'unchanged') return `is unchanged, revision ${revision}`
  const { added, removed, changed } = changes
  return `is now revision ${revision}: ${added} added, ${removed} removed, ${changed} rewritten`
}
