import {
  excludedOperations,
  isExcluded,
  NEAR_COPY,
  pathKey,
  prose,
  type Corpus,
  type Exclusions,
} from './corpus.js'
import type { LabelledSet } from './evaluation/sets.js'
import { Phrases } from './phrases.js'

/**
 * What the corpus has and should not, a sentence each: excluded specs, texts with an excluded
 * operation's summary, and, for the labelled sets at hand, near-copies of their specs and texts with
 * one of their questions. Looks at the finished corpus, not at how it was made.
 */
export function leaksIn(
  corpus: Corpus,
  exclusions: Exclusions,
  sets: readonly LabelledSet[],
): string[] {
  const excluded = corpus.specs.filter(({ id }) => isExcluded(id, exclusions))
  const summaries = excludedOperations(exclusions).map(({ summary }) => summary ?? '')
  return [
    ...excluded.map(({ id }) => `The spec ${id} is excluded.`),
    ...found(corpus, new Phrases(summaries)),
    ...sets.flatMap((set) => [
      ...nearCopies(corpus, set),
      ...found(corpus, new Phrases(set.questions.map(({ query }) => query))),
    ]),
  ]
}

function nearCopies(corpus: Corpus, set: LabelledSet): string[] {
  const asked = new Set(set.operations.map(pathKey))
  const shares = new Map<string, { shared: number; all: number }>()
  for (const operation of corpus.operations) {
    const share = shares.get(operation.spec) ?? { shared: 0, all: 0 }
    shares.set(operation.spec, share)
    share.all++
    if (asked.has(pathKey(operation))) share.shared++
  }
  return [...shares]
    .filter(([, { shared, all }]) => shared >= NEAR_COPY * all)
    .map(([spec]) => `The spec ${spec} is a near-copy of one of ${set.name}.`)
}

function found(corpus: Corpus, questions: Phrases): string[] {
  const texts = [...corpus.operations.map(prose), ...corpus.names.map((name) => name.description)]
  return texts
    .map((text) => questions.firstIn(text))
    .filter((question) => question !== null)
    .map((question) => `The question "${question}" stands in a text.`)
}
