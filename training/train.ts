import { contrastiveLoss } from './contrastive.js'
import type { Pair, PairSource } from './pairs.js'
import type { WordModel } from './word-model.js'

export interface TrainingSettings {
  steps: number
  /** Pairs a step, a multiple of 4. */
  batch: number
  temperature: number
  /** Learning rate of vectors at the first step; it falls to 0 in a straight line. */
  rate: number
  /** The same of the words' log weights. */
  weightRate: number
  /** How strongly vectors are drawn back to their initial ones. */
  pull: number
}

/** Trains the model on the pairs; `report` gets each step's loss (nats, mean over the batch). */
export function train(
  model: WordModel,
  pairs: PairSource,
  settings: TrainingSettings,
  report: (step: number, loss: number) => void,
): void {
  for (let step = 1; step <= settings.steps; step++) {
    const batch = pairs.batch(settings.batch)
    const queryTexts = batch.map((pair) => pair.query)
    const documentTexts = batch.map((pair) => pair.document)
    const queries = model.embed(queryTexts)
    const documents = model.embed(documentTexts)
    const { loss, queryGradient, documentGradient } = contrastiveLoss(
      queries.units,
      documents.units,
      batch.length,
      settings.temperature,
      sameTexts(batch),
    )
    model.backward(queryTexts, queries, queryGradient)
    model.backward(documentTexts, documents, documentGradient)
    const left = 1 - (step - 1) / settings.steps
    model.step({
      vectors: left * settings.rate,
      weights: left * settings.weightRate,
      pull: settings.pull,
    })
    report(step, loss)
  }
}

/** Tells pairs apart from false negatives: those with the same words asked or answered. */
function sameTexts(batch: readonly Pair[]): (i: number, j: number) => boolean {
  const queries = batch.map((pair) => pair.query.join())
  const documents = batch.map((pair) => pair.document.join())
  return (i, j) => queries[i] === queries[j] || documents[i] === documents[j]
}
