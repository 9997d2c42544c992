import { embeddingStatus } from '../../app/embedding-status.js'
import { reembedSpec } from '../../app/reembed-spec.js'
import { localPrincipal } from '../../catalog/principal.js'
import { qualifiedSpec } from '../../catalog/names.js'
import { listSpecs } from '../../catalog/specs.js'
import type { Services } from '../../app/services.js'
import { nextSpace } from '../../embedding/embedding-status.js'
import { reconcile } from '../../embedding/reconcile.js'
import { activeSpace, spaceById } from '../../embedding/spaces.js'
import { InputError } from '../../errors.js'
import { print, WHO_EMBEDS, withServices, type Flags } from '../run-command.js'
import { canEmbed, spaceToFill } from '../space-to-fill.js'
import { waitUntilEmbedded } from '../wait-until-embedded.js'

interface Json {
  json?: boolean
}

/**
 * Asks for one spec, or for all, to be embedded again. With `--all` and another embedder than the
 * catalog's it is changed over to that one, side by side.
 */
export async function reembed(
  flags: Flags,
  spec: string | undefined,
  { all, json }: Json & { all?: boolean },
): Promise<void> {
  if ((spec === undefined) === !all) {
    throw new InputError('Name one spec, or give --all for every spec.')
  }
  await withServices(flags, {}, async (services) => {
    if (spec !== undefined) {
      print(await reembedSpec(services, localPrincipal, { spec }), json)
      return sayWhoEmbeds(json)
    }
    await canEmbed(services)
    const before = await activeSpace(services.db)
    const { spaceId, queued } = await services.spaces.takeOver(AbortSignal.timeout(10_000))
    if (before && before.id !== spaceId) return showSwap(services, spaceId, queued, json)
    for (const { catalog, name } of await listSpecs(services.db, localPrincipal)) {
      const answer = await reembedSpec(services, localPrincipal, { spec: name, catalog })
      process.stdout.write(json ? `${JSON.stringify(answer.structured)}\n` : `${answer.markdown}\n`)
    }
    sayWhoEmbeds(json)
  })
}

function sayWhoEmbeds(json: boolean | undefined): void {
  if (!json) process.stdout.write(WHO_EMBEDS)
}

async function showSwap(
  { db }: Services,
  spaceId: number,
  job_count: number,
  json: boolean | undefined,
) {
  const next = await nextSpace(db, localPrincipal, {})
  const { provider, model } = await spaceById(db, spaceId)
  const markdown = next
    ? `The catalog is being changed over to ${provider} ${model}: ${job_count} specs are queued. ` +
      'Search keeps the model before until all are embedded, by a server with this embedder or by ' +
      '`backfill`. `status` shows how far it is.'
    : `The catalog is searched with ${provider} ${model} from now on.`
  print({ structured: { ...(next ? { next_space: next } : {}), job_count }, markdown }, json)
}

/** Embeds all that is missing; throws, naming them, when specs have failed in the end. */
export async function backfill(flags: Flags, { json }: Json): Promise<void> {
  await withServices(flags, { worker: true }, async (services) => {
    const { spaceId } = await spaceToFill(services)
    await reconcile(services.db, spaceId)
    await services.spaces.finishSwap()
    const { specs } = await waitUntilEmbedded(services, {}, { spaceId })
    print(await embeddingStatus(services, localPrincipal, {}), json)
    const failed = specs.filter(({ badge }) => badge === 'failed')
    if (failed.length === 0) return
    const names = failed.map((one) => qualifiedSpec(one.catalog, one.spec_name)).join(', ')
    throw new InputError(`Not embedded: ${names}. \`status\` shows the errors.`)
  })
}
