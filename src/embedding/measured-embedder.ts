import type { CALL_OUTCOMES, Metrics } from '../metrics/create-metrics.js'
import {
  BadVectors,
  BatchFailed,
  BatchTooLarge,
  ProviderUnavailable,
  TextRefused,
  type Embedder,
} from './embedder.js'

type Outcome = (typeof CALL_OUTCOMES)[number]

/** The embedder, with the time, size and end of every call observed. */
export function measuredEmbedder(
  embedder: Embedder,
  { embedSeconds, batchTexts }: Metrics,
): Embedder {
  const measured = async <T>(
    of: 'operations' | 'query',
    signal: AbortSignal,
    call: () => Promise<T>,
  ): Promise<T> => {
    const end = embedSeconds.startTimer({ of })
    try {
      const vectors = await call()
      end({ outcome: 'ok' })
      return vectors
    } catch (error) {
      end({ outcome: signal.aborted ? 'aborted' : outcomeOf(error) })
      throw error
    }
  }
  return {
    provider: embedder.provider,
    model: embedder.model,
    get state() {
      return embedder.state
    },
    space: (signal) => embedder.space(signal),
    embedOperations: (operations, signal) => {
      batchTexts.observe(operations.length)
      return measured('operations', signal, () => embedder.embedOperations(operations, signal))
    },
    embedQuery: (query, signal) =>
      measured('query', signal, () => embedder.embedQuery(query, signal)),
    [Symbol.asyncDispose]: () => embedder[Symbol.asyncDispose](),
  }
}

function outcomeOf(error: unknown): Outcome {
  if (error instanceof ProviderUnavailable) return 'unavailable'
  if (error instanceof BatchTooLarge) return 'too_large'
  if (error instanceof BatchFailed) return 'failed'
  if (error instanceof TextRefused) return 'refused'
  if (error instanceof BadVectors) return 'bad_vectors'
  return 'error'
}
