import { readFile } from 'node:fs/promises'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { composeOperation, composeText, type Model } from '../../src/embedding/bundled/compose.js'
import { createBundledEmbedder } from '../../src/embedding/bundled/create-bundled-embedder.js'
import { Vocabulary } from '../../src/embedding/bundled/vocabulary.js'
import { readWeights, writeWeights } from '../../src/embedding/bundled/weights.js'
import type { OperationText } from '../../src/embedding/embedder.js'

const NO_TEXT: OperationText = {
  method: '',
  path: '',
  operationId: null,
  summary: null,
  description: null,
  tags: [],
  parameters: [],
  bodyProperties: [],
}
const { signal } = new AbortController()

/** An operation or a question, and the first numbers of its vector. */
interface Golden {
  name: string
  operation?: OperationText
  query?: string
  starts: number[]
}
const golden = JSON.parse(
  await readFile(new URL('golden-vectors.json', import.meta.url), 'utf8'),
) as Golden[]

/** Four words in four dimensions; `create` counts half of the others. */
function tinyModel(): Model {
  const fieldWeights = {
    summary: 1,
    path: 0.75,
    operationId: 0.5,
    firstSentence: 0.5,
    restOfDescription: 0.25,
    tags: 0.25,
    method: 0.125,
    parameters: 0.125,
    bodyProperties: 0.125,
  }
  const file = writeWeights(
    { model: 'tiny-1', dimensions: 4, fieldWeights },
    ['create', 'user', 'ticket', 'post'],
    Float32Array.from([0.5, 1, 1, 1]),
    Int8Array.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]),
  )
  const weights = readWeights(file)
  return { weights, vocabulary: new Vocabulary(weights.rowOf) }
}

describe('composition', () => {
  it('adds the different words of a text and makes the sum one long', () => {
    const vector = composeText(tinyModel(), 'Create users, create USER')!
    expect([...vector]).toEqual([Math.sqrt(0.2), Math.sqrt(0.8), 0, 0].map(near))
  })

  it('adds the fields of an operation by their weights', () => {
    const operation = {
      ...NO_TEXT,
      method: 'POST',
      path: '/users/{ticketId}',
      summary: 'Create',
      description: 'User. Ticket.',
    }
    // create 1; user .75/√2 + .5; ticket .75/√2 + .25; post .125
    const sum = [1, 0.75 / Math.SQRT2 + 0.5, 0.75 / Math.SQRT2 + 0.25, 0.125]
    const length = Math.hypot(...sum)
    const vector = composeOperation(tinyModel(), operation)!
    expect([...vector]).toEqual(sum.map((value) => near(value / length)))
  })

  it('finds an unknown name again, also with a typing error, beside known words', () => {
    const model = tinyModel()
    const asked = composeText(model, 'create zendesk user')!
    const similarity = (text: string): number => dot(asked, composeText(model, text)!)
    expect(similarity('zendesk user')).toBeGreaterThan(similarity('zendeks user') + 0.05)
    expect(similarity('zendeks user')).toBeGreaterThan(similarity('salesforce user') + 0.05)
  })

  it('gives no vector to a text without a known word', () => {
    expect(composeText(tinyModel(), 'zzz 42')).toBeNull()
    expect(composeOperation(tinyModel(), { ...NO_TEXT, path: '/zzz' })).toBeNull()
  })
})

describe('a weights file', () => {
  it('is refused when it is something else, or cut short', () => {
    const file = Buffer.from('not a weights file at all')
    expect(() => readWeights(file)).toThrow('install the package again')
    const whole = writeWeights(
      tinyModel().weights.header,
      ['a', 'b'],
      new Float32Array(2),
      new Int8Array(8),
    )
    expect(() => readWeights(whole.subarray(0, -1))).toThrow('install the package again')
  })
})

describe('the bundled embedder', () => {
  it('names its space by the hash of its weights, as the model card does', async () => {
    await using embedder = createBundledEmbedder()
    const space = await embedder.space(signal)
    expect(space).toMatchObject({ provider: 'bundled', model: embedder.model, recipe: 'fields-1' })
    const card = await readFile(new URL('../../docs/model-card.md', import.meta.url), 'utf8')
    expect(card).toContain(space.weights)
    expect(card).toContain(space.model)
  })

  it('knows that who changed a ticket stands in an audit log', async () => {
    await using embedder = createBundledEmbedder()
    const operations = ['List audit log events', 'Delete a user', 'Upload a picture', 'Get prices']
    const vectors = await embedder.embedOperations(
      operations.map((summary) => ({ ...NO_TEXT, summary })),
      signal,
    )
    const [question] = await embedder.embedQuery('who changed this ticket', signal)
    const similarities = vectors.map((vector) => dot(question!, vector!))
    expect(similarities.indexOf(Math.max(...similarities))).toBe(0)
  })

  it('lets timers go on while it embeds thousands', async () => {
    await using embedder = createBundledEmbedder()
    await embedder.space(signal)
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    const operations = Array.from({ length: 2_000 }, (_, n) => ({
      ...NO_TEXT,
      description: `List ticket${n} and attachment${n} of a user`.repeat(5),
    }))
    await embedder.embedOperations(operations, signal)
    clearInterval(timer)
    expect(turns).toBeGreaterThan(3)
  })

  // golden-vectors.json was made by another program that reads the weights file by the recipe: what
  // changes a number there is another recipe, and needs another name for it.
  it.each(golden)('keeps to its recipe for $name', async ({ operation, query, starts }) => {
    await using embedder = createBundledEmbedder()
    const [vector] = operation
      ? await embedder.embedOperations([operation], signal)
      : await embedder.embedQuery(query!, signal)
    expect([...vector!.subarray(0, starts.length)]).toEqual(starts.map(near))
  })

  it('gives the whole of a question first, then its clauses', async () => {
    await using embedder = createBundledEmbedder()
    const asked = 'list the open invoices of one customer, then cancel the oldest of them'
    const parts = await embedder.embedQuery(asked, signal)
    const alone = await embedder.embedQuery('list the open invoices of one customer', signal)
    expect(parts).toHaveLength(3)
    expect(alone).toHaveLength(1)
    expect(parts[1]).toEqual(alone[0])
  })

  it('gives nothing for a question without a known word', async () => {
    await using embedder = createBundledEmbedder()
    expect(await embedder.embedQuery('', signal)).toEqual([])
    expect(await embedder.embedQuery('#?! 42', signal)).toEqual([])
  })

  it('gives unit vectors or none, one for each operation, whatever the text', async () => {
    await using embedder = createBundledEmbedder()
    const { dimensions } = await embedder.space(signal)
    const text = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.lorem())
    const nullable = fc.option(text, { nil: null })
    const operation = fc.record({
      method: text,
      path: text,
      operationId: nullable,
      summary: nullable,
      description: nullable,
      tags: fc.array(text),
      parameters: fc.array(text),
      bodyProperties: fc.array(text),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 5 }), text, async (operations, query) => {
        const vectors = await embedder.embedOperations(operations, signal)
        expect(vectors).toHaveLength(operations.length)
        for (const vector of [...vectors, ...(await embedder.embedQuery(query, signal))]) {
          if (vector === null) continue
          expect(vector).toHaveLength(dimensions)
          expect(dot(vector, vector)).toEqual(near(1))
        }
      }),
    )
  })

  it('stops when it is told to', async () => {
    await using embedder = createBundledEmbedder()
    const stopped = AbortSignal.abort(new Error('enough'))
    await expect(embedder.embedOperations([NO_TEXT], stopped)).rejects.toThrow()
  })
})

/** Equal but for rounding to 32 bits. */
function near(value: number): number {
  return expect.closeTo(value, 5) as number
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0)
}
