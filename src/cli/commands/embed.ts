import { embeddingStatus } from '../../app/embedding-status.js'
import { reembedSpec } from '../../app/reembed-spec.js'
import { localPrincipal } from '../../catalog/principal.js'
import { qualifiedSpec } from '../../catalog/names.js'
import { listSpecs } from '../../catalog/specs.js'
import { reconcile } from '../../embedding/reconcile.js'
import { InputError } from '../../errors.js'
import { print, withServices, type Flags } from '../run-command.js'
import { canEmbed, spaceToFill } from '../space-to-fill.js'
import { waitUntilEmbedded } from '../wait-until-embedded.js'

interface Json {
  json?: boolean
}

/** Asks for one spec, or for all with this process's embedder, to be embedded again. */
export async function reembed(
  flags: Flags,
  spec: string | undefined,
  { all, json }: Json & { all?: boolean },
): Promise<void> {
  if ((spec === undefined) === !all) {
    throw new InputError('Name one spec, or give --all for every spec.')
  }
  await withServices(flags, {}, async (services) => {
    if (spec !== undefined)
      return print(await reembedSpec(services, localPrincipal, { spec }), json)
    await canEmbed(services)
    await services.spaces.takeOver(AbortSignal.timeout(10_000))
    for (const { catalog, name } of await listSpecs(services.db, localPrincipal)) {
      const answer = await reembedSpec(services, localPrincipal, { spec: name, catalog })
      process.stdout.write(json ? `${JSON.stringify(answer.structured)}\n` : `${answer.markdown}\n`)
    }
  })
}

/** Embeds all that is missing; throws, naming them, when specs have failed in the end. */
export async function backfill(flags: Flags, { json }: Json): Promise<void> {
  await withServices(flags, { worker: true }, async (services) => {
    const spaceId = await spaceToFill(services)
    await reconcile(services.db, spaceId)
    const { specs } = await waitUntilEmbedded(services)
    print(await embeddingStatus(services, localPrincipal, {}), json)
    const failed = specs.filter(({ badge }) => badge === 'failed')
    if (failed.length === 0) return
    const names = failed.map((one) => qualifiedSpec(one.catalog, one.spec_name)).join(', ')
    throw new InputError(`Not embedded: ${names}. \`status\` shows the errors.`)
  })
}
