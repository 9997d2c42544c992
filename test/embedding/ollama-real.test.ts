import { pino } from 'pino'
import { expect, test } from 'vitest'
import type { OperationText } from '../../src/embedding/embedder.js'
import { createOllamaEmbedder } from '../../src/embedding/ollama/create-ollama-embedder.js'

const host = process.env['TEST_OLLAMA_HOST']

/** On a slow CPU, with the loading of the model. */
const LIMIT_MS = 300_000

test.skipIf(!host)(
  'a real Ollama embeds 30 operations, and a question is nearest to the one it asks for',
  async () => {
    await using embedder = createOllamaEmbedder({
      host: host!,
      model: process.env['API_CATALOG_OLLAMA_MODEL'] ?? 'nomic-embed-text',
      batchTimeoutMs: LIMIT_MS,
      queryTimeoutMs: LIMIT_MS,
      log: pino({ level: 'silent' }),
    })
    const signal = AbortSignal.timeout(LIMIT_MS)
    const space = await embedder.space(signal)
    const vectors = await embedder.embedOperations(operations(), signal)
    expect(vectors).toHaveLength(30)
    expect(vectors.every((vector) => vector?.length === space.dimensions)).toBe(true)
    const [query] = await embedder.embedQuery('give the customer their money back', signal)
    const nearness = vectors.map((vector) =>
      vector!.reduce((sum, number, i) => sum + number * query![i]!, 0),
    )
    const nearest = operations()[nearness.indexOf(Math.max(...nearness))]
    expect(nearest?.path).toMatch(/^\/refunds/)
    expect(embedder.state).toBe('ready')
  },
  LIMIT_MS,
)

function operations(): OperationText[] {
  const nouns = 'refund invoice subscription webhook warehouse photo meeting ticket user playlist'
  const verbs: [string, string][] = [
    ['GET', 'List all'],
    ['POST', 'Create a'],
    ['DELETE', 'Delete a'],
  ]
  return nouns.split(' ').flatMap((noun) =>
    verbs.map(([method, verb]) => ({
      method,
      path: `/${noun}s`,
      operationId: null,
      summary: `${verb} ${noun}`,
      description: null,
      tags: [`${noun}s`],
      parameters: [],
      bodyProperties: [],
    })),
  )
}
