import {
  BadVectors,
  BatchFailed,
  BatchTooLarge,
  ProviderUnavailable,
  TextRefused,
} from '../embedder.js'
import { Refusal } from './client.js'
import { AnswerTimedOut, AnswerTooLarge, ConnectionFailed } from './exchange.js'

interface Provider {
  /** As shown to people: without credentials. */
  host: string
  model: string
}

/**
 * What a failed embedding call means for its caller. Ollama's statuses vary with its version for
 * one and the same trouble, so the text of the answer decides first. An error that is none of ours
 * is given back as it is.
 */
export function classifyFailure(failure: unknown, { host, model }: Provider): unknown {
  const options = { cause: failure }
  if (failure instanceof Refusal) return classifyRefusal(failure, { host, model })
  if (failure instanceof ConnectionFailed) {
    const said = `Ollama at ${host} cannot be reached (${failure.message}).`
    return new ProviderUnavailable(`${said} Start it, or set OLLAMA_HOST.`, 'unreachable', options)
  }
  if (failure instanceof AnswerTimedOut) {
    const message = `Ollama at ${host} took too long: ${failure.message}.`
    return new BatchTooLarge(message, 'timeout', options)
  }
  if (failure instanceof AnswerTooLarge || failure instanceof SyntaxError) {
    const message = `Ollama at ${host} answered no list of vectors: ${failure.message}.`
    return new BadVectors(message, options)
  }
  return failure
}

export function modelMissing(
  { host, model }: Provider,
  options?: ErrorOptions,
): ProviderUnavailable {
  const message = `Ollama at ${host} does not have the model "${model}". Run: ollama pull ${model}`
  return new ProviderUnavailable(message, 'model_missing', options)
}

/** An old server's router, which has no such path; a model that is missing is another 404. */
export function isUnknownPath(failure: unknown): boolean {
  return (
    failure instanceof Refusal && failure.status === 404 && /page not found/i.test(failure.message)
  )
}

function classifyRefusal(refusal: Refusal, { host, model }: Provider): Error {
  const { status, message: text } = refusal
  const options = { cause: refusal }
  const said = `Ollama at ${host} answered ${status}: ${text}`
  if (/no slots available/i.test(text)) {
    return new ProviderUnavailable(said, 'unreachable', options)
  }
  if (status === 413 || /exceeds?\b.*\bcontext|input\b.*\btoo (?:large|long)/i.test(text)) {
    return new BatchTooLarge(said, 'too_long', options)
  }
  if (/contains NaN|unsupported value: (?:NaN|[+-]?Inf)/i.test(text)) {
    return new TextRefused(said, options)
  }
  if (/\bmodel\b.*\bnot found|invalid model name/i.test(text)) {
    return modelMissing({ host, model }, options)
  }
  if (/does not support embed/i.test(text)) {
    const advice = 'Choose another with API_CATALOG_OLLAMA_MODEL.'
    const message = `The model "${model}" makes no embeddings. ${advice}`
    return new ProviderUnavailable(message, 'model_missing', options)
  }
  if (/\bloading\b/i.test(text) && !/error|fail|unable/i.test(text)) {
    return new ProviderUnavailable(said, 'loading', options)
  }
  if (status === 400) return new TextRefused(said, options)
  // A runner that crashed, on this text or for want of memory: others may pass.
  if (status === 500) return new BatchFailed(said, options)
  return new ProviderUnavailable(said, 'unreachable', options)
}
