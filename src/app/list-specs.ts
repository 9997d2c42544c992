import * as z from 'zod'
import type { Principal } from '../catalog/principal.js'
import { checkCatalog, listSpecs as list, type SpecRow } from '../catalog/specs.js'
import { specStatuses } from '../embedding/embedding-status.js'
import { counted, prose, shownSource, type Answer } from './answer.js'
import { inputText } from './input-text.js'
import { willEmbed, type Services } from './services.js'

export const listInput = z.strictObject({ catalog: inputText().optional() })

export const listedSpec = z.looseObject({
  name: z.string(),
  title: z.string().nullable(),
  version: z.string().nullable(),
  revision: z.number(),
  operation_count: z.number(),
  badge: z.string(),
  source: z.string().nullable(),
  refresh_error: z.string().optional(),
})

export const listOutput = z.looseObject({
  catalogs: z.array(z.looseObject({ name: z.string(), specs: z.array(listedSpec) })),
})

type Listed = z.infer<typeof listOutput>

/** What there is: catalogs, their specs, and how far each is embedded. */
export async function listSpecs(
  services: Services,
  principal: Principal,
  { catalog }: z.infer<typeof listInput>,
): Promise<Answer<Listed>> {
  const { db } = services
  await checkCatalog(db, principal, catalog)
  const [specs, statuses] = await Promise.all([
    list(db, principal, catalog),
    specStatuses(db, principal, { catalog }, { willEmbed: willEmbed(services) }),
  ])
  const badges = new Map(statuses.map((row) => [`${row.catalog}/${row.spec_name}`, row.badge]))
  const catalogs = new Map<string, Listed['catalogs'][number]>()
  for (const spec of specs) {
    const { catalog: name } = spec
    const entry = catalogs.get(name) ?? { name, specs: [] }
    entry.specs.push(specFacts(spec, badges.get(`${name}/${spec.name}`) ?? 'queued'))
    catalogs.set(name, entry)
  }
  const structured = { catalogs: [...catalogs.values()] }
  const next =
    specs.length === 0
      ? 'Next: `upload_spec` with the path of an OpenAPI document.'
      : 'Next: `search_operations` with what you want to do.'
  return { structured, markdown: describe(structured), next }
}

/** A spec by its contract names, without its catalog. */
export function specFacts(row: SpecRow, badge: string): z.infer<typeof listedSpec> {
  const { name, title, version, revision, operation_count, source, refresh_error: error } = row
  return {
    name,
    title,
    version,
    revision,
    operation_count,
    badge,
    source: source === null ? null : shownSource(source),
    ...(error === null ? {} : { refresh_error: error }),
  }
}

function describe({ catalogs }: Listed): string {
  if (catalogs.length === 0) {
    return 'There are no specs yet.'
  }
  return catalogs
    .map(({ name, specs }) =>
      [
        `**${name}** (${counted(specs.length, 'spec')})`,
        ...specs.map(
          (spec) =>
            `- \`${spec.name}\`${spec.title ? ` ${prose(spec.title, 80)}` : ''}` +
            `${spec.version ? ` ${prose(spec.version, 30)}` : ''}: ` +
            `${counted(spec.operation_count, 'operation')}, revision ${spec.revision}, ` +
            spec.badge.replace('_', ' ') +
            (spec.refresh_error ? `, not refreshed: ${prose(spec.refresh_error, 200)}` : ''),
        ),
      ].join('\n'),
    )
    .join('\n\n')
}
