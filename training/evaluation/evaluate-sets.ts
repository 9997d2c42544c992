import { clausesOf } from '../../src/embedding/clauses.js'
import { Vocabulary } from '../../src/embedding/bundled/vocabulary.js'
import type { Weights } from '../../src/embedding/bundled/weights.js'
import { Random } from '../random.js'
import { Bm25f, PLAIN, termsOf } from './bm25f.js'
import { macroInterval } from './bootstrap.js'
import { bundledIndex, type DenseIndex } from './dense.js'
import { keyOf, meanOf, measure, sum, type Measures } from './measures.js'
import { combineParts, fuse, topOf } from './rank.js'
import type { IndexedOperation, LabelledSet, Question } from './sets.js'
import { useLiteIndex } from './use-lite.js'
import { UseLiteVectors } from './use-lite-vectors.js'

/** Meaning's share in the hybrid: the best that loses on no set, alone or buried. */
const MEANING_SHARE = 0.4
/** The lexical arm of the hybrid: long descriptions and parameter lists count less. */
const TUNED = { parameters: 0.3, description: 0.3 }
/** A question has little overlap when at most this share of its terms stands in a right answer. */
const LITTLE_OVERLAP = 1 / 3

/** What one question got from each ranking, by the ranking's name. */
interface Answered {
  hasLittleOverlap: boolean
  measures: Map<string, Measures>
}

/** Markdown tables of all rankings on the sets; each question is asked of its own set's operations. */
export async function evaluateSets(
  weights: Weights,
  sets: readonly LabelledSet[],
  { useLite = false } = {},
): Promise<string> {
  const answered = new Map<string, Answered[]>()
  const model = { weights, vocabulary: new Vocabulary(weights.rowOf) }
  const bundledVectors = new Map<IndexedOperation, Float32Array | null>()
  const useLiteVectors = useLite ? new UseLiteVectors() : null
  for (const set of sets) {
    const answers: Answered[] = []
    for (const scope of new Set(set.questions.map((question) => question.scope ?? ''))) {
      const operations = set.operations.filter((operation) => operation.spec.startsWith(scope))
      const questions = set.questions.filter((question) => (question.scope ?? '') === scope)
      const queries = questions.map((question) => question.query)
      const dense = new Map<string, DenseIndex>([
        ['bundled', bundledIndex(model, bundledVectors, operations)],
      ])
      if (useLiteVectors) {
        dense.set('USE-lite', await useLiteIndex(useLiteVectors, operations, queries))
      }
      answers.push(...answersOf(operations, questions, dense))
    }
    answered.set(set.name, answers)
  }
  return `${perSetTable(answered)}\n${macroTable(answered)}`
}

function answersOf(
  operations: readonly IndexedOperation[],
  questions: readonly Question[],
  dense: ReadonlyMap<string, DenseIndex>,
): Answered[] {
  const plain = new Bm25f(operations, PLAIN)
  const tuned = new Bm25f(operations, TUNED)
  const byKey = new Map(operations.map((operation) => [keyOf(operation), operation]))
  return questions.map((question) => {
    const { query } = question
    const measures = new Map<string, Measures>()
    const note = (ranking: string, ranked: readonly number[]): void => {
      measures.set(
        ranking,
        measure(
          ranked.map((index) => operations[index]!),
          question,
        ),
      )
    }
    note('BM25F', topOf(plain.scores(query)))
    const words = combineParts([query, ...clausesOf(query)].map((part) => tuned.scores(part)))
    note('BM25F, tuned', topOf(words))
    for (const [name, index] of dense) {
      const meaning = index(query)
      note(name, topOf(meaning))
      note(`hybrid, ${name}`, fuse(words, meaning, MEANING_SHARE))
    }
    return { hasLittleOverlap: overlap(question, byKey) <= LITTLE_OVERLAP, measures }
  })
}

/** The largest share of the question's terms that stands in one right answer. */
function overlap(question: Question, byKey: ReadonlyMap<string, IndexedOperation>): number {
  const terms = [...new Set(termsOf(question.query))]
  const shares = question.gold.map((gold) => {
    const answer = byKey.get(keyOf(gold))
    const text = [gold.path, answer?.summary, answer?.operationId, answer?.description].join(' ')
    const own = new Set(termsOf(text))
    return terms.filter((term) => own.has(term)).length / Math.max(1, terms.length)
  })
  return Math.max(...shares)
}

function perSetTable(answered: ReadonlyMap<string, Answered[]>): string {
  const sets = [...answered.keys()]
  const rows = rankingsOf(answered).map((ranking) => {
    const means = [...answered.values()].map((answers) => mean(answers, ranking, 'ndcg'))
    const interval = ranking === 'BM25F' ? '' : intervalOverBm25f(answered, ranking)
    return [ranking].concat([...means, sum(means) / means.length].map(figure), interval)
  })
  return table(['nDCG@10', ...sets, 'macro', 'macro − BM25F, 95 %'], rows)
}

function macroTable(answered: ReadonlyMap<string, Answered[]>): string {
  const hard = [...answered.values()].flat().filter((answer) => answer.hasLittleOverlap)
  const names = ['recall1', 'recall5', 'recall10', 'mrr', 'ndcg'] as const
  const rows = rankingsOf(answered).map((ranking) => {
    const macro = names.map((name) => {
      const means = [...answered.values()].map((answers) => mean(answers, ranking, name))
      return sum(means) / means.length
    })
    const ofHard = [mean(hard, ranking, 'recall5'), mean(hard, ranking, 'ndcg')]
    return [ranking].concat([...macro, ...ofHard].map(figure))
  })
  const slice = `little overlap (n = ${hard.length})`
  const heading = ['macro', 'r@1', 'r@5', 'r@10', 'MRR', 'nDCG@10', `${slice}: r@5`, 'nDCG@10']
  return table(heading, rows)
}

function intervalOverBm25f(answered: ReadonlyMap<string, Answered[]>, ranking: string): string {
  const differences = [...answered.values()].map((answers) =>
    answers.map(({ measures }) => measures.get(ranking)!.ndcg - measures.get('BM25F')!.ndcg),
  )
  return `[${macroInterval(differences, new Random(1)).map(figure).join(', ')}]`
}

function rankingsOf(answered: ReadonlyMap<string, Answered[]>): string[] {
  return [...([...answered.values()][0]?.[0]?.measures.keys() ?? [])]
}

function mean(answers: readonly Answered[], ranking: string, name: keyof Measures): number {
  return meanOf(
    answers.map((answer) => answer.measures.get(ranking)!),
    name,
  )
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = heading.map(() => '---')
  return [heading, rule, ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('')
}

function figure(value: number): string {
  return value.toFixed(3).replace(/^(-?)0\./, '$1.')
}
