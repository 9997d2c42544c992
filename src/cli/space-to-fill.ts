import type { Services } from '../app/services.js'
import type { SpaceAnswer } from '../embedding/space-keeper.js'
import { InputError, UnavailableError } from '../errors.js'

/** An embedder that has to load its model is given this long. */
const ASK_MS = 10_000

/** The space that this process can fill. Throws the reason where it can fill none. */
export async function spaceToFill(services: Services): Promise<number> {
  const answer = await canEmbed(services)
  if ('spaceId' in answer) return answer.spaceId
  throw new InputError(
    'Another embedder fills this catalog; `reembed --all` changes it over to this one.',
  )
}

/** Throws UnavailableError where nothing can be embedded at all: no embedder, or it is down. */
export async function canEmbed({ spaces }: Services): Promise<SpaceAnswer> {
  const answer = await spaces.current(AbortSignal.timeout(ASK_MS))
  if ('spaceId' in answer || answer.reason === 'other_space') return answer
  throw new UnavailableError(`Nothing can be embedded now: ${answer.message.replace(/\.$/, '')}.`)
}
