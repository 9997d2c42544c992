import { chosenEmbedder, type Config } from '../config.js'
import type { Logger } from '../log.js'
import type { Metrics } from '../metrics/create-metrics.js'
import { createBundledEmbedder } from './bundled/create-bundled-embedder.js'
import type { Embedder } from './embedder.js'
import { measuredEmbedder } from './measured-embedder.js'
import { createOllamaEmbedder } from './ollama/create-ollama-embedder.js'
import { ProviderGate } from './provider-gate.js'

/**
 * The embedder that the settings ask for, behind its gate; null for `none`. Never another one
 * silently.
 */
export function createEmbedder(config: Config, log: Logger, metrics: Metrics): Embedder | null {
  const embedder = chooseEmbedder(config, log)
  return embedder && gated(embedder, config, metrics)
}

function gated(
  embedder: Embedder,
  { workers, embedConcurrency }: Config,
  metrics: Metrics,
): Embedder {
  const calls = workers * embedConcurrency
  return new ProviderGate(measuredEmbedder(embedder, metrics), { calls })
}

function chooseEmbedder(config: Config, log: Logger): Embedder | null {
  switch (chosenEmbedder(config)) {
    case 'bundled':
      return createBundledEmbedder()
    case 'ollama':
      return createOllamaEmbedder({
        host: config.ollamaHost ?? 'http://127.0.0.1:11434',
        model: config.ollamaModel ?? 'nomic-embed-text',
        batchTimeoutMs: config.embedTimeoutMs,
        queryTimeoutMs: config.queryTimeoutMs,
        log,
      })
    case 'none':
      return null
  }
}

/**
 * The bundled embedder beside another one: it is always at hand, so a catalog that it embedded is
 * searched by meaning until the other has embedded it too. Null where it is the chosen one, or
 * none is wanted.
 */
export function createStandIn(config: Config, metrics: Metrics): Embedder | null {
  if (chosenEmbedder(config) !== 'ollama') return null
  return gated(createBundledEmbedder(), config, metrics)
}
