import type { ModelSettings } from './make-weights.js'

/** What the published weights are made with. Each was measured: README.md, "What was tried". */
export const SETTINGS: ModelSettings = {
  model: 'operations-256d-1',
  dimensions: 256,
  words: 34_000,
  seed: 1,
  steps: 600,
  batch: 512,
  temperature: 0.05,
  rate: 3e-3,
  weightRate: 1e-2,
  pull: 0.01,
  fieldWeights: {
    summary: 1,
    path: 0.7,
    operationId: 0.5,
    firstSentence: 0.6,
    restOfDescription: 0.3,
    tags: 0.25,
    method: 0.15,
    parameters: 0.12,
    bodyProperties: 0.1,
  },
}
