import { Vocabulary } from '../src/embedding/bundled/vocabulary.js'
import { writeWeights, type FieldWeights } from '../src/embedding/bundled/weights.js'
import type { Corpus } from './corpus.js'
import type { WordVectors } from './glove.js'
import { initialVectors } from './initial-vectors.js'
import { PairSource } from './pairs.js'
import { quantise } from './quantise.js'
import { Random } from './random.js'
import { train, type TrainingSettings } from './train.js'
import { chooseVocabulary } from './vocabulary.js'
import { WordModel } from './word-model.js'
import type { Synset } from './wordnet.js'

/** Everything a model is made of. */
export interface TrainingData {
  corpus: Corpus
  /** Vectors of general English, to start from. */
  english: WordVectors
  senses: readonly Synset[]
  jargon: readonly (readonly string[])[]
}

export interface ModelSettings extends TrainingSettings {
  /** Name with version, for the file's header. */
  model: string
  dimensions: number
  /** Most words of the vocabulary; `words × (dimensions + 4)` bytes are nearly the whole file. */
  words: number
  fieldWeights: FieldWeights
  seed: number
}

/** A weights file. The same data and settings give the same bytes. `report` gets each step's loss. */
export function makeWeights(
  data: TrainingData,
  settings: ModelSettings,
  report: (step: number, loss: number) => void,
): Buffer {
  const { model, dimensions, fieldWeights } = settings
  const random = new Random(settings.seed)
  const vocabulary = chooseVocabulary(data, settings.words)
  const initial = initialVectors(vocabulary, data.english, dimensions, random)
  const pairs = new PairSource(data, new Vocabulary(vocabulary.rowOf), random)
  const trained = new WordModel(vocabulary, initial)
  train(trained, pairs, settings, report)
  const { matrix, scales } = quantise(trained.vectors(), dimensions)
  return writeWeights({ model, dimensions, fieldWeights }, vocabulary.words, scales, matrix)
}
