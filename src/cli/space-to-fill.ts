import type { Services } from '../app/services.js'
import type { OpenSpace } from '../embedding/space-keeper.js'
import { InputError, UnavailableError } from '../errors.js'

/** An embedder that has to load its model is given this long. */
const ASK_MS = 10_000

/** This process's own space, to be filled. Throws the reason where it cannot be. */
export async function spaceToFill(services: Services): Promise<OpenSpace> {
  const own = await canEmbed(services)
  if (own) return own
  throw new InputError(
    'Another embedder fills this catalog; `reembed --all` changes it over to this one.',
  )
}

/**
 * This process's own space; null where it is neither the active one nor the next. Throws
 * UnavailableError where nothing can be embedded at all: no embedder, or it is down.
 */
export async function canEmbed({ spaces }: Services): Promise<OpenSpace | null> {
  const own = await spaces.own(AbortSignal.timeout(ASK_MS))
  if ('spaceId' in own) return own
  if (own.reason === 'other_space') return null
  throw new UnavailableError(`Nothing can be embedded now: ${own.message.replace(/\.$/, '')}.`)
}
