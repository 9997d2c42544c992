import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  BadVectors,
  BatchFailed,
  BatchTooLarge,
  ProviderUnavailable,
  TextRefused,
  type Embedder,
  type OperationText,
} from '../../src/embedding/embedder.js'
import { createOllamaEmbedder } from '../../src/embedding/ollama/create-ollama-embedder.js'
import { InputError } from '../../src/errors.js'
import { startFakeOllama, type FakeOllama, type OllamaKnobs } from '../fakes/ollama-server.js'

const log = pino({ level: 'silent' })
const never = new AbortController().signal

let fake: FakeOllama
const open: Embedder[] = []

beforeEach(async () => {
  fake = await startFakeOllama()
})

afterEach(async () => {
  vi.useRealTimers()
  for (const embedder of open.splice(0)) await embedder[Symbol.asyncDispose]()
  await fake[Symbol.asyncDispose]()
})

function embedderFor({
  host = fake.url,
  model = 'nomic-embed-text',
  batchTimeoutMs = 20_000,
  queryTimeoutMs = 20_000,
} = {}): Embedder {
  const embedder = createOllamaEmbedder({ host, model, batchTimeoutMs, queryTimeoutMs, log })
  open.push(embedder)
  return embedder
}

function operation(summary: string, more: Partial<OperationText> = {}): OperationText {
  return {
    method: 'GET',
    path: '/pets',
    operationId: null,
    summary,
    description: null,
    tags: [],
    parameters: [],
    bodyProperties: [],
    ...more,
  }
}

const three = [operation('List pets'), operation('Find a pet'), operation('Adopt a pet')]

function embedCalls(): string[][] {
  return fake.requests.filter(({ path }) => path === '/api/embed').map(({ texts }) => texts)
}

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => expect.fail('it succeeded'),
    (error: Error) => error,
  )
}

describe('vectors', () => {
  test('a batch is one call, each text with its prefix, and gives unit vectors in order', async () => {
    const embedder = embedderFor()
    const vectors = await embedder.embedOperations(three, never)
    expect(embedCalls()).toHaveLength(1)
    expect(embedCalls()[0]).toHaveLength(3)
    expect(embedCalls()[0]![1]).toMatch(/^search_document: Find a pet\n/)
    const [alone] = await embedder.embedOperations([three[1]!], never)
    expect(vectors[1]).toEqual(alone)
    expect(Math.hypot(...vectors[1]!)).toBeCloseTo(1, 5)
    expect(embedder.state).toBe('ready')
  })

  test('no operations are no call', async () => {
    expect(await embedderFor().embedOperations([], never)).toEqual([])
    expect(fake.requests).toEqual([])
  })

  test('a query is near the operation that shares its words', async () => {
    const embedder = embedderFor()
    const texts = [operation('Refund a payment'), operation('Upload an avatar picture')]
    const [refund, avatar] = await embedder.embedOperations(texts, never)
    const [query] = await embedder.embedQuery('refund the payment', never)
    expect(dot(query!, refund!)).toBeGreaterThan(dot(query!, avatar!))
    expect(embedCalls().at(-1)).toEqual(['search_query: refund the payment'])
  })

  test('a long query is sent whole first, then by its clauses, in one call', async () => {
    const query =
      'find the customer with the given mail address, then refund the last payment and send a mail'
    const vectors = await embedderFor().embedQuery(query, never)
    const [texts] = embedCalls()
    expect(embedCalls()).toHaveLength(1)
    expect(texts![0]).toBe(`search_query: ${query}`)
    expect(vectors.length).toBe(texts!.length)
    expect(vectors.length).toBeGreaterThan(2)
  })

  test('an empty query has no vector and asks nobody', async () => {
    expect(await embedderFor().embedQuery('  \n', never)).toEqual([])
    expect(fake.requests).toEqual([])
  })

  test('a text ends before 6,000 bytes and no character is cut in two', async () => {
    const summary = 'Ünïcödé 漢字 😀 '.repeat(1000)
    await embedderFor().embedOperations([operation(summary)], never)
    const sent = embedCalls()[0]![0]!.replace('search_document: ', '')
    expect(Buffer.byteLength(sent)).toBeLessThanOrEqual(6000)
    expect(Buffer.byteLength(sent)).toBeGreaterThan(5990)
    expect(summary.startsWith(sent)).toBe(true)
    expect(sent).not.toMatch(/\p{Surrogate}/u)
  })

  test('a server without /api/embed is asked text by text, until it is updated', async () => {
    const embedder = embedderFor()
    const expected = await embedder.embedOperations(three, never)
    await fake.set({ isOld: true })
    fake.requests.length = 0
    const vectors = await embedder.embedOperations(three, never)
    expect(fake.requests.filter(({ path }) => path === '/api/embeddings')).toHaveLength(3)
    vectors.forEach((vector, i) => expect(dot(vector!, expected[i]!)).toBeCloseTo(1, 5))
    await fake.set({ isOld: false })
    fake.requests.length = 0
    await embedder.embedOperations(three, never)
    expect(fake.requests.map(({ path }) => path)).toEqual(['/api/embed'])
  })

  test('the time for a batch counts for all the texts of an old server together', async () => {
    await fake.set({ isOld: true, delayMs: 150 })
    const embedder = embedderFor({ batchTimeoutMs: 350 })
    const failure = await failureOf(embedder.embedOperations(three, never))
    expect(failure).toMatchObject({ name: 'BatchTooLarge', reason: 'timeout' })
  })
})

describe('the space', () => {
  test('is the model, its digest, the length of its vectors and the recipe', async () => {
    await fake.set({ dimensions: 384 })
    expect(await embedderFor().space(never)).toEqual({
      provider: 'ollama',
      model: 'nomic-embed-text',
      dimensions: 384,
      weights: 'a'.repeat(64),
      recipe: 'nomic-text-1',
    })
  })

  test('is asked for once while it is fresh, and again after half a minute', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const embedder = embedderFor()
    const before = await embedder.space(never)
    await fake.set({ models: [{ name: 'nomic-embed-text:latest', digest: 'b'.repeat(64) }] })
    expect(await embedder.space(never)).toEqual(before)
    vi.advanceTimersByTime(31_000)
    expect((await embedder.space(never)).weights).toBe('b'.repeat(64))
  })

  test('is asked for anew after the server was away', async () => {
    const embedder = embedderFor()
    await embedder.space(never)
    await fake.set({ down: true })
    expect(await failureOf(embedder.embedQuery('pets', never))).toBeInstanceOf(ProviderUnavailable)
    const models = [{ name: 'nomic-embed-text:latest', digest: 'c'.repeat(64) }]
    await fake.set({ down: false, models, dimensions: 128 })
    expect(await embedder.space(never)).toMatchObject({
      weights: 'c'.repeat(64),
      dimensions: 128,
    })
  })

  test('a model that answers another length than before is refused, then seen as another space', async () => {
    const embedder = embedderFor()
    await embedder.space(never)
    await fake.set({ dimensions: 32 })
    expect(await failureOf(embedder.embedOperations(three, never))).toBeInstanceOf(BadVectors)
    expect((await embedder.space(never)).dimensions).toBe(32)
  })

  test.each(['Nomic-Embed-Text', 'nomic-embed-text:latest'])(
    'finds the model that is asked for as %s',
    async (model) => {
      expect((await embedderFor({ model }).space(never)).weights).toBe('a'.repeat(64))
    },
  )

  test('of a model that takes too long to load is "loading", no fault of a batch', async () => {
    await fake.set({ delayMs: 60_000 })
    const failure = await failureOf(embedderFor({ batchTimeoutMs: 500 }).space(never))
    expect(failure).toMatchObject({ name: 'ProviderUnavailable', state: 'loading' })
  })

  test.each(['zeros', 'infinite'] as const)(
    'of a model that answers nothing but %s is unreachable, and asked for again',
    async (vectors) => {
      await fake.set({ vectors })
      const embedder = embedderFor()
      const failure = await failureOf(embedder.space(never))
      expect(failure).toMatchObject({ name: 'ProviderUnavailable', state: 'unreachable' })
      await fake.set({ vectors: 'good' })
      expect(await embedder.space(never)).toMatchObject({ provider: 'ollama' })
    },
  )
})

describe('a server that cannot answer now', () => {
  const cases: [name: string, knobs: Partial<OllamaKnobs>, state: string, says: RegExp][] = [
    ['nothing listens', { down: true }, 'unreachable', /cannot be reached .*ECONNREFUSED/],
    ['has too much to do', failing(503, 'server busy'), 'unreachable', /503: server busy/],
    ['limits the rate', failing(429, 'too many requests'), 'unreachable', /429/],
    ['cannot load the model', failing(500, 'error loading model'), 'unreachable', /500/],
    ['has no free slot', failing(400, 'no slots available'), 'unreachable', /no slots/],
    ['is loading', failing(503, 'llm server loading model'), 'loading', /loading model/],
    ['has not the model', { models: [] }, 'model_missing', /ollama pull nomic-embed-text$/],
    ['forbids', failing(403, ''), 'unreachable', /403/],
    [
      'has a model that makes no embeddings',
      failing(400, 'this model does not support embeddings'),
      'model_missing',
      /API_CATALOG_OLLAMA_MODEL/,
    ],
  ]

  test.each(cases)(
    '%s: it is said so, and it is ready when it is back',
    async (_, knobs, state, says) => {
      const embedder = embedderFor()
      await fake.set(knobs)
      const failure = await failureOf(embedder.embedOperations(three, never))
      expect(failure).toBeInstanceOf(ProviderUnavailable)
      expect(failure).toMatchObject({ state, message: expect.stringMatching(says) })
      expect(embedder.state).toBe(state)
      await fake.set({
        down: false,
        failure: null,
        models: [{ name: 'nomic-embed-text:latest', digest: 'a' }],
      })
      await embedder.embedOperations(three, never)
      expect(embedder.state).toBe('ready')
    },
  )

  test('a model that is not listed is missing before anything is embedded', async () => {
    const embedder = embedderFor({ model: 'all-minilm' })
    expect(await failureOf(embedder.space(never))).toMatchObject({
      state: 'model_missing',
      message: expect.stringMatching(/ollama pull all-minilm$/),
    })
    expect(embedder.state).toBe('model_missing')
    expect(embedCalls()).toEqual([])
  })

  test('a name that does not resolve is unreachable', async () => {
    const failure = await failureOf(embedderFor({ host: 'no.such.host.invalid' }).space(never))
    expect(failure).toMatchObject({
      state: 'unreachable',
      message: expect.stringMatching(/invalid/),
    })
  })

  test('a connection that is lost in the middle is unreachable', async () => {
    await using server = await listening((_, response) => {
      response.writeHead(200, { 'content-length': 1000 })
      response.write('{"embeddings":', () => response.destroy())
    })
    const embedder = embedderFor({ host: server.url })
    const failure = await failureOf(embedder.embedOperations(three, never))
    expect(failure).toMatchObject({ name: 'ProviderUnavailable', state: 'unreachable' })
  })

  test('a web page instead of Ollama is unreachable, and nothing is written to stdout', async () => {
    const stdout = vi.spyOn(process.stdout, 'write')
    const consoleLog = vi.spyOn(console, 'log')
    await using server = await listening((_, response) => response.writeHead(404).end('<html>'))
    const embedder = embedderFor({ host: server.url })
    expect(await failureOf(embedder.space(never))).toMatchObject({ state: 'unreachable' })
    expect(await failureOf(embedder.embedQuery('pets', never))).toMatchObject({
      state: 'unreachable',
    })
    expect(stdout).not.toHaveBeenCalled()
    expect(consoleLog).not.toHaveBeenCalled()
    vi.restoreAllMocks()
  })

  test('a password in the address is in no message', async () => {
    await fake.set({ down: true })
    const embedder = embedderFor({ host: fake.url.replace('//', '//user:s3cret@') })
    const failure = await failureOf(embedder.space(never))
    expect(failure.message).toContain('127.0.0.1')
    expect(failure.message).not.toContain('s3cret')
  })

  test.each(['http://bad host', 'ftp://127.0.0.1'])('%s is no address, said at once', (host) => {
    expect(() => embedderFor({ host })).toThrow(InputError)
  })

  test('the address "everywhere", which servers are given, reaches this machine', async () => {
    const host = fake.url.replace('http://127.0.0.1', '0.0.0.0')
    expect(await embedderFor({ host }).embedQuery('pets', never)).toHaveLength(1)
  })
})

describe('a batch that is too much', () => {
  test('times out when it is large, and passes when it is halved', async () => {
    await fake.set({ slow: { texts: 2, delayMs: 60_000 } })
    const embedder = embedderFor({ batchTimeoutMs: 1000 })
    const failure = await failureOf(embedder.embedOperations(three, never))
    expect(failure).toBeInstanceOf(BatchTooLarge)
    expect(failure).toMatchObject({ reason: 'timeout' })
    expect(await embedder.embedOperations(three.slice(0, 2), never)).toHaveLength(2)
    expect(embedder.state).toBe('ready')
  })

  test('is not to blame when the server hangs', async () => {
    await fake.set({ silent: true })
    const embedder = embedderFor({ batchTimeoutMs: 200 })
    const failure = await failureOf(embedder.embedOperations(three, never))
    expect(failure).toMatchObject({ name: 'ProviderUnavailable', state: 'unreachable' })
    expect(embedder.state).toBe('unreachable')
  })

  test.each([408, 504])('is what a gateway says with %i', async (status) => {
    await fake.set(failing(status, 'timeout'))
    const failure = await failureOf(embedderFor().embedOperations(three, never))
    expect(failure).toMatchObject({ name: 'BatchTooLarge', reason: 'timeout' })
  })

  test.each([
    [400, 'the input length exceeds the context length'],
    [400, 'input after truncation exceeds maximum context length'],
    [500, 'input is too large to process. increase the physical batch size'],
    [413, 'Request Entity Too Large'],
  ])('with %i "%s" is too long', async (status, error) => {
    await fake.set(failing(status, error))
    const failure = await failureOf(embedderFor().embedOperations(three, never))
    expect(failure).toMatchObject({ name: 'BatchTooLarge', reason: 'too_long' })
  })

  test('one text alone that is too long is embedded by its beginning', async () => {
    await fake.set({ maxTextBytes: 500 })
    const long = operation('List pets', { description: 'very '.repeat(700) })
    const embedder = embedderFor()
    expect(await embedder.embedOperations([long], never)).toHaveLength(1)
    const [first, ...others] = embedCalls().map(([text]) => text!)
    expect(first!.startsWith(others.at(-1)!)).toBe(true)
    const all = embedder.embedOperations([long, ...three], never)
    expect(await failureOf(all)).toMatchObject({ name: 'BatchTooLarge', reason: 'too_long' })
  })

  test('one text alone that is too long even when it is short is said to be', async () => {
    await fake.set({ maxTextBytes: 5 })
    const failure = await failureOf(embedderFor().embedOperations([three[0]!], never))
    expect(failure).toMatchObject({ name: 'BatchTooLarge', reason: 'too_long' })
  })
})

describe('a server that fails on a batch', () => {
  test('is not down when it embeds a plain word: fewer texts may pass', async () => {
    await fake.set({ refused: /Adopt/, refusedStatus: 500 })
    const embedder = embedderFor()
    const failure = await failureOf(embedder.embedOperations(three, never))
    expect(failure).toBeInstanceOf(BatchFailed)
    expect(failure.message).toContain('500: this text cannot be embedded')
    expect(await embedder.embedOperations(three.slice(0, 2), never)).toHaveLength(2)
    expect(embedder.state).toBe('ready')
  })

  test('is down when it fails on a plain word too', async () => {
    await fake.set(failing(500, 'llama runner process has terminated'))
    const embedder = embedderFor()
    const failure = await failureOf(embedder.embedOperations(three, never))
    expect(failure).toMatchObject({ name: 'ProviderUnavailable', state: 'unreachable' })
    expect(failure.message).toContain('runner process has terminated')
    expect(embedder.state).toBe('unreachable')
  })
})

describe('a text that is refused', () => {
  test('fails its batch, and only its own when it is alone', async () => {
    await fake.set({ refused: /Adopt/ })
    const embedder = embedderFor()
    expect(await failureOf(embedder.embedOperations(three, never))).toBeInstanceOf(TextRefused)
    expect(await embedder.embedOperations(three.slice(0, 2), never)).toHaveLength(2)
    const alone = await failureOf(embedder.embedOperations(three.slice(2), never))
    expect(alone).toBeInstanceOf(TextRefused)
    expect(alone.message).toContain('this text cannot be embedded')
  })

  test.each([
    [400, 'embedding contains NaN or Inf values'],
    [500, 'failed to encode response: json: unsupported value: NaN'],
  ])('is one that the model makes no number of (%i)', async (status, error) => {
    await fake.set(failing(status, error))
    const failure = await failureOf(embedderFor().embedOperations(three, never))
    expect(failure).toBeInstanceOf(TextRefused)
  })
})

describe('an answer that is no list of vectors', () => {
  test.each(['null', 'infinite', 'zeros', 'cut', 'one_missing', 'no_json', 'endless'] as const)(
    '%s is refused, and the next good one is taken',
    async (vectors) => {
      const embedder = embedderFor()
      await embedder.space(never)
      await fake.set({ vectors })
      expect(await failureOf(embedder.embedOperations(three, never))).toBeInstanceOf(BadVectors)
      await fake.set({ vectors: 'good' })
      expect(await embedder.embedOperations(three, never)).toHaveLength(3)
    },
  )
})

describe('time', () => {
  test("an answer later than node's own fetch would wait for is taken", async () => {
    await fake.set({ delayMs: 2500 })
    await using _ = impatientFetch()
    const body = JSON.stringify({ model: 'nomic-embed-text', input: 'x' })
    const plain = fetch(`${fake.url}/api/embed`, { method: 'POST', body })
    const [failure, vectors] = await Promise.all([
      failureOf(plain),
      embedderFor().embedOperations(three, never),
    ])
    expect(failure.cause).toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' })
    expect(vectors).toHaveLength(3)
  })

  test("the caller's signal ends a call at once, with its own reason", async () => {
    await fake.set({ silent: true })
    const controller = new AbortController()
    const embedder = embedderFor()
    const calls = [
      embedder.space(controller.signal),
      embedder.embedOperations(three, controller.signal),
      embedder.embedQuery('pets', controller.signal),
    ].map(failureOf)
    await vi.waitUntil(() => fake.requests.length === 3)
    const reason = new Error('the lease is lost')
    controller.abort(reason)
    for (const call of calls) expect(await call).toBe(reason)
    expect(await failureOf(embedder.embedQuery('pets', controller.signal))).toBe(reason)
    expect(embedder.state).toBe('loading')
    expect(fake.requests).toHaveLength(3)
  })

  test('a query that times out leaves a patient call behind, so that the model gets loaded', async () => {
    await fake.set({ delayMs: 1500 })
    const embedder = embedderFor({ queryTimeoutMs: 300 })
    const failures = [embedder.embedQuery('pets', never), embedder.embedQuery('cats', never)]
    for (const failure of await Promise.all(failures.map(failureOf))) {
      expect(failure).toMatchObject({ name: 'BatchTooLarge', reason: 'timeout' })
    }
    await vi.waitUntil(() => embedder.state === 'ready', { timeout: 10_000 })
    expect(embedCalls()).toHaveLength(3)
  })

  test('closing ends the patient call', async () => {
    await fake.set({ silent: true })
    const embedder = embedderFor({ queryTimeoutMs: 300 })
    await failureOf(embedder.embedQuery('pets', never))
    await vi.waitUntil(() => fake.requests.length === 2)
    await embedder[Symbol.asyncDispose]()
    await embedder[Symbol.asyncDispose]()
  })
})

function failing(status: number, error: string): Partial<OllamaKnobs> {
  return { failure: { status, error } }
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, number, i) => sum + number * b[i]!, 0)
}

async function listening(handler: Parameters<typeof createServer>[1]) {
  const server = createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Where node keeps the dispatcher of its `fetch`: an undici Agent, of which this makes another. */
const DISPATCHER = Symbol.for('undici.globalDispatcher.1')

/** Until it is disposed of, whatever is built upon `fetch` gives up after 100 ms without headers. */
function impatientFetch(): AsyncDisposable {
  const global = globalThis as unknown as Record<symbol, { constructor: AgentClass }>
  const usual = global[DISPATCHER]!
  const impatient = new usual.constructor({ headersTimeout: 100 })
  Object.assign(global, { [DISPATCHER]: impatient })
  return {
    async [Symbol.asyncDispose]() {
      global[DISPATCHER] = usual
      await impatient.close()
    },
  }
}

type AgentClass = new (options: { headersTimeout: number }) => { close(): Promise<void> }
