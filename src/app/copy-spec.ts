import * as z from 'zod'
import {
  checkFree,
  cloneSpec,
  rollBackSpec,
  type CopySettings,
  type SpecName,
} from '../catalog/copy-spec.js'
import { deleteCatalog as remove } from '../catalog/delete-catalog.js'
import { checkedName, qualifiedSpec, splitSpecName } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import { listRevisions } from '../catalog/revisions.js'
import { checkCatalog, findSpec, listSpecs } from '../catalog/specs.js'
import type { UploadReport } from '../catalog/upload-spec.js'
import { InputError } from '../errors.js'
import { counted, type Answer } from './answer.js'
import { willEmbed, type Services } from './services.js'

export const copyOutput = z.looseObject({
  catalog: z.string(),
  spec: z.string(),
  revision: z.number(),
  operation_count: z.number(),
})

export const revisionsOutput = z.looseObject({
  catalog: z.string(),
  spec: z.string(),
  revisions: z.array(
    z.looseObject({
      revision: z.number(),
      version: z.string().nullable(),
      operation_count: z.number(),
      created_at: z.string(),
    }),
  ),
})

/** A spec as it is after a rollback, or a copy of one. */
type Copied = z.infer<typeof copyOutput>

/** Makes an older revision the current one again. Throws InputError where it is not kept. */
export async function rollBack(
  services: Services,
  principal: Principal,
  { spec, revision }: { spec: string; revision: number },
): Promise<Answer<Copied>> {
  const named = splitSpecName(spec)
  const report = await rollBackSpec(
    services.db,
    principal,
    { ...named, revision },
    copySettings(services),
  )
  const name = qualifiedSpec(report.catalog, report.spec)
  return {
    structured: copied(report),
    markdown:
      report.outcome === 'unchanged'
        ? `**${name}** is as in revision ${revision} already.`
        : `**${name}** is as in revision ${revision} again; that is revision ${report.revision} now.`,
  }
}

/**
 * Copies a spec (`[catalog/]spec`) or all specs of a catalog (`catalog/`) under another name of the
 * same kind. Throws InputError where the kinds differ, ConflictError where a name is taken.
 */
export async function clone(
  services: Services,
  principal: Principal,
  { from, to }: { from: string; to: string },
): Promise<Answer<{ specs: Copied[] }>> {
  const pairs = await pairsOf(services, principal, from, to)
  for (const [, copy] of pairs) await checkFree(services.db, principal, copy)
  const reports: UploadReport[] = []
  for (const [original, copy] of pairs) {
    reports.push(await cloneSpec(services.db, principal, original, copy, copySettings(services)))
  }
  const names = reports.map(({ catalog, spec }) => `\`${qualifiedSpec(catalog, spec)}\``)
  return {
    structured: { specs: reports.map(copied) },
    markdown: `Cloned ${counted(reports.length, 'spec')}: ${names.join(', ')}.`,
  }
}

async function pairsOf(
  { db }: Services,
  principal: Principal,
  from: string,
  to: string,
): Promise<[SpecName, SpecName][]> {
  if (from.endsWith('/') !== to.endsWith('/')) {
    throw new InputError('Clone a spec to a spec (`a/x b/x`) or a catalog to a catalog (`a/ b/`).')
  }
  if (!from.endsWith('/')) return [[splitSpecName(from), splitSpecName(to)]]
  const [catalog, copy] = [from.slice(0, -1), checkedName('catalog', to.slice(0, -1))]
  await checkCatalog(db, principal, catalog)
  const specs = await listSpecs(db, principal, catalog)
  return specs.map(({ name }) => [
    { catalog, spec: name },
    { catalog: copy, spec: name },
  ])
}

/** The kept revisions of a spec, newest first. */
export async function revisionsOf(
  { db }: Services,
  principal: Principal,
  { spec }: { spec: string },
): Promise<Answer<z.infer<typeof revisionsOutput>>> {
  const named = splitSpecName(spec)
  const { id } = await findSpec(db, principal, named.spec, named.catalog)
  const rows = await listRevisions(db, id)
  const revisions = rows.map((row) => ({ ...row, created_at: row.created_at.toISOString() }))
  const lines = revisions.map(
    ({ revision, version, operation_count, created_at }) =>
      `- ${revision}: ${counted(operation_count, 'operation')}` +
      `${version === null ? '' : `, version ${version}`}, ${created_at}`,
  )
  return {
    structured: { ...named, revisions },
    markdown: [`**${qualifiedSpec(named.catalog, named.spec)}**`, ...lines].join('\n'),
  }
}

/** Removes a catalog. Throws InputError where it has specs, unless `force` says so. */
export async function deleteCatalog(
  { db }: Services,
  principal: Principal,
  { catalog, force }: { catalog: string; force: boolean },
): Promise<Answer<{ deleted: { catalog: string; specs: number } }>> {
  const specs = await remove(db, principal, catalog, { force })
  return {
    structured: { deleted: { catalog, specs } },
    markdown: `Deleted the catalog **${catalog}**: ${counted(specs, 'spec')}.`,
  }
}

function copied({ catalog, spec, revision, operationCount }: UploadReport): Copied {
  return { catalog, spec, revision, operation_count: operationCount }
}

function copySettings(services: Services): CopySettings {
  return { limits: services.config, willEmbed: willEmbed(services) }
}
