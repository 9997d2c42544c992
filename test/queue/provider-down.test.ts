import { describe, expect, test } from 'vitest'
import { startFakeOllama, type OllamaKnobs } from '../fakes/ollama-server.js'
import { RawServer, storageSettings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'

const WAIT = { timeout: 40_000, interval: 200 }
const WELL: Partial<OllamaKnobs> = {
  down: false,
  failure: null,
  vectors: 'good',
  models: [{ name: 'nomic-embed-text:latest', digest: 'a'.repeat(64) }],
}

describe('a provider that', () => {
  const troubles: [what: string, knobs: Partial<OllamaKnobs>, state: string, says: RegExp][] = [
    ['is down', { down: true }, 'unreachable', /cannot be reached/],
    ['is busy', { failure: { status: 503, error: 'busy' } }, 'unreachable', /503: busy/],
    [
      'crashes on all',
      { failure: { status: 500, error: 'runner terminated' } },
      'unreachable',
      /500: runner terminated/,
    ],
    ['gives nothing but zeros', { vectors: 'zeros' }, 'unreachable', /a vector of zeros/],
    ['has lost its model', { models: [] }, 'model_missing', /ollama pull/],
  ]

  test.each(troubles)(
    '%s costs no spec an attempt; the status tells it, and work goes on by itself',
    async (_, knobs, state, says) => {
      await using ollama = await startFakeOllama()
      const server = await RawServer.start({
        ...(await storageSettings()),
        API_CATALOG_EMBEDDER: 'ollama',
        OLLAMA_HOST: ollama.url,
        API_CATALOG_MAX_RETRIES: '0',
      })
      const upload = (name: string) =>
        server.call('upload_spec', { content: manyOperations(name, 20) })
      await upload('before')
      await server.call('embedding_status', { wait_ms: 20_000 })
      await ollama.set(knobs)
      await upload('one')
      await upload('two')
      const status = async () => (await server.call('embedding_status')).facts
      const waiting = {
        badge: 'queued',
        job_attempts: 0,
        job_last_error: expect.stringMatching(says),
      }
      await expect
        .poll(status, WAIT)
        .toMatchObject({ embedder: { state }, specs: [{ badge: 'indexed' }, waiting, waiting] })
      const { facts } = await server.call('search_operations', { query: 'item number 7' })
      expect(facts).toMatchObject({ ranking: 'lexical', fallback: 'provider_error' })
      await ollama.set(WELL)
      await expect
        .poll(status, WAIT)
        .toMatchObject({ embedder: { state: 'ready' }, summary: { specs_indexed: 3 } })
      await server.close()
    },
  )
})
