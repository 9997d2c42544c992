import { describe, expect, it } from 'vitest'
import { readWeights } from '../../src/embedding/bundled/weights.js'
import { contrastiveLoss } from '../../training/contrastive.js'
import type { Corpus, CorpusOperation } from '../../training/corpus.js'
import type { WordVectors } from '../../training/glove.js'
import { permissiveLicence } from '../../training/licence.js'
import { makeWeights, type TrainingData } from '../../training/make-weights.js'
import { Phrases } from '../../training/phrases.js'
import { Random } from '../../training/random.js'
import { SETTINGS } from '../../training/settings.js'

const NOUNS = ['user', 'ticket', 'invoice', 'group', 'file', 'order', 'price', 'photo']
const VERBS = ['create', 'delete', 'list', 'update']

/** Thirty-two operations of two specs, each word with a vector of its own. */
function tinyData(): TrainingData {
  const operations = NOUNS.flatMap((noun, n) =>
    VERBS.map((verb): CorpusOperation => ({
      spec: n % 2 === 0 ? 'even.example' : 'odd.example',
      method: 'POST',
      path: `/${noun}s/${verb}`,
      operationId: `${verb}${noun}`,
      summary: `${verb} a ${noun}`,
      description: `Lets you ${verb} one ${noun} of your account. Needs a token.`,
      tags: [noun],
      parameters: [`${noun}_id`],
      bodyProperties: [],
    })),
  )
  const names = NOUNS.map((noun) => ({
    spec: 'even.example',
    name: `${noun}Id`,
    description: `Identifies the ${noun} in your account`,
  }))
  const corpus: Corpus = { specs: [], operations, names }
  const random = new Random(7)
  const vectors = new Map([...NOUNS, ...VERBS].map((word) => [word, randomVector(random)]))
  const english: WordVectors = {
    dimensions: 8,
    words: () => vectors.keys(),
    vectorOf: (word) => vectors.get(word),
  }
  const senses = [
    { lemmas: ['user', 'account'], gloss: 'one who uses a file', hypernyms: ['group'] },
  ]
  return { corpus, english, senses, jargon: [['user', 'account']] }
}

function randomVector(random: Random): number[] {
  return Array.from({ length: 8 }, () => random.normal())
}

const TINY = { ...SETTINGS, dimensions: 16, words: 60, steps: 20, batch: 16 }

describe('training', () => {
  it('gives the same bytes for the same data and seed, and others for another seed', () => {
    const first = makeWeights(tinyData(), TINY, () => {})
    const again = makeWeights(tinyData(), TINY, () => {})
    const other = makeWeights(tinyData(), { ...TINY, seed: 2 }, () => {})
    expect(again.equals(first)).toBe(true)
    expect(other.equals(first)).toBe(false)
    expect(readWeights(first).header).toMatchObject({ dimensions: 16, model: SETTINGS.model })
  })

  it('learns', () => {
    const losses: number[] = []
    makeWeights(tinyData(), { ...TINY, steps: 60 }, (_, loss) => losses.push(loss))
    const mean = (part: number[]): number => part.reduce((sum, loss) => sum + loss) / part.length
    expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 10)))
  })

  it('follows the slope of its loss', () => {
    const random = new Random(3)
    const size = 4
    const queries = Float32Array.from({ length: 16 }, () => random.normal())
    const documents = Float32Array.from({ length: 16 }, () => random.normal())
    const isSame = (i: number, j: number): boolean => i === 0 && j === 2
    const lossOf = (q: Float32Array): number =>
      contrastiveLoss(q, documents, size, 0.5, isSame).loss
    const { queryGradient } = contrastiveLoss(queries, documents, size, 0.5, isSame)
    for (const [at, value] of queries.entries()) {
      const [lower, higher] = [queries.slice(), queries.slice()]
      lower[at] = value - 1e-2
      higher[at] = value + 1e-2
      const slope = (lossOf(higher) - lossOf(lower)) / 2e-2
      expect(queryGradient[at]).toBeCloseTo(slope, 2)
    }
  })
})

describe('the choice of training data', () => {
  it.each([
    [{ name: 'Apache 2.0', url: 'http://www.apache.org/licenses/LICENSE-2.0' }, 'Apache-2.0'],
    [{ name: 'MIT for OAS 2.0' }, 'MIT'],
    [{ name: 'Creative Commons Attribution 3.0' }, 'CC-BY'],
    [{ name: 'Creative Commons', url: 'https://creativecommons.org/licenses/by/4.0/' }, 'CC-BY'],
    [{ name: 'CC-BY-SA', url: 'https://creativecommons.org/licenses/by-sa/3.0/legalcode' }, null],
    [{ name: 'CC BY-NC 4.0', url: 'https://creativecommons.org/licenses/by-nc/4.0/' }, null],
    [{ name: 'GNU Affero General Public License v3.0' }, null],
    [{ name: 'Commercial' }, null],
    [{ name: 'Limited permission' }, null],
    [undefined, null],
  ])('takes %j as %j', (license, expected) => {
    const document = { info: { license } }
    expect(permissiveLicence({ id: 'a', provider: 'a', document })).toBe(expected)
  })

  it('takes a vendor’s own permissively licensed repository', () => {
    const url = 'https://raw.githubusercontent.com/Azure/azure-rest-api-specs/main/a.json'
    const document = { info: { 'x-origin': [{ url }] } }
    expect(permissiveLicence({ id: 'a', provider: 'a', document })).toBe('MIT')
  })

  it('finds questions in texts whatever their case and punctuation', () => {
    const questions = new Phrases(['List all open tickets', 'Get user'])
    expect(questions.firstIn('You can list ALL open-tickets here.')).toBe('list all open tickets')
    expect(questions.firstIn('List all of the open tickets')).toBeNull()
    expect(questions.firstIn('Get user')).toBeNull()
  })
})
