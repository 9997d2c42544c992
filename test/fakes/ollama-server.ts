import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'

/** What the fake does instead of its best. Durations are in milliseconds. */
export interface OllamaKnobs {
  /** Nothing listens on its port. */
  down: boolean
  /** Connections are taken and nothing is ever answered, as by a hung server. */
  silent: boolean
  /** `/api/embed` is not there, as before version 0.3. */
  isOld: boolean
  models: { name: string; digest: string }[]
  dimensions: number
  /** How long each embedding call takes. */
  delayMs: number
  /** Batches are answered when this is settled. */
  held: Promise<void> | null
  /** How long one of more than `texts` texts takes. */
  slow: { texts: number; delayMs: number } | null
  /** Embedding calls are answered with this status and error. */
  failure: { status: number; error: string } | null
  /** A text that fits fails its whole batch, with this status. */
  refused: RegExp | null
  refusedStatus: 400 | 500
  /** A text of more bytes fails its whole batch: truncation without effect, as in some versions. */
  maxTextBytes: number | null
  /** What is answered instead of good vectors. */
  vectors: 'good' | 'null' | 'infinite' | 'zeros' | 'cut' | 'one_missing' | 'no_json' | 'endless'
}

export interface OllamaRequest {
  method: string
  path: string
  model: string | null
  texts: string[]
}

export interface FakeOllama extends AsyncDisposable {
  url: string
  /** What came in, refused and unanswered requests too, oldest first. */
  requests: OllamaRequest[]
  /** Batches (calls of several texts) in work now, and the most that ever were at once. */
  batches: { now: number; most: number }
  set(knobs: Partial<OllamaKnobs>): Promise<void>
}

const GOOD: OllamaKnobs = {
  down: false,
  silent: false,
  isOld: false,
  models: [{ name: 'nomic-embed-text:latest', digest: 'a'.repeat(64) }],
  dimensions: 64,
  delayMs: 0,
  held: null,
  slow: null,
  failure: null,
  refused: null,
  refusedStatus: 400,
  maxTextBytes: null,
  vectors: 'good',
}

/**
 * A server that speaks Ollama's HTTP as of August 2026, on a port of loopback that it keeps while
 * it is down. Its vectors are made of hashed words: the same text gives the same vector, and texts
 * that share words are near.
 */
export async function startFakeOllama(knobs: Partial<OllamaKnobs> = {}): Promise<FakeOllama> {
  const current = { ...GOOD, ...knobs, down: false }
  const requests: OllamaRequest[] = []
  const batches = { now: 0, most: 0 }
  const server = createServer((request, response) => {
    answer({ request, response, knobs: current, batches }, requests).catch(() => response.destroy())
  })
  const port = await listen(server, 0)
  const set = async (changes: Partial<OllamaKnobs>): Promise<void> => {
    Object.assign(current, changes)
    if (current.down && server.listening) await stop(server)
    if (!current.down && !server.listening) await listen(server, port)
  }
  await set(knobs)
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    batches,
    set,
    async [Symbol.asyncDispose]() {
      if (server.listening) await stop(server)
    },
  }
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

async function stop(server: Server): Promise<void> {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
}

/** What the routes are given: the knobs as they are when each is read. */
interface Exchange {
  body: Record<string, unknown>
  knobs: OllamaKnobs
  batches: FakeOllama['batches']
  request: IncomingMessage
  response: ServerResponse
}

type Route = (exchange: Exchange) => void | Promise<void>

const ROUTES: Record<string, Route> = {
  'GET /': ({ response }) => sendText(response, 200, 'Ollama is running'),
  'HEAD /': ({ response }) => sendText(response, 200, ''),
  'GET /api/version': ({ response }) => sendJson(response, 200, { version: '0.13.5' }),
  'GET /api/tags': ({ response, knobs }) => sendJson(response, 200, { models: listing(knobs) }),
  'POST /api/embed': embed,
  'POST /api/embeddings': embedOne,
}

async function answer(
  { request, response, knobs, batches }: Omit<Exchange, 'body'>,
  requests: OllamaRequest[],
): Promise<void> {
  const path = (request.url ?? '/').split('?')[0]!
  const body = request.method === 'POST' ? await bodyOf(request) : {}
  const texts = [body?.['input'] ?? body?.['prompt'] ?? []].flat().map(String)
  requests.push({ method: request.method ?? '', path, model: modelOf(body) || null, texts })
  if (knobs.silent) return
  if (!/^(localhost|127\.0\.0\.1)(:|$)/.test(request.headers.host ?? '')) {
    response.writeHead(403).end()
    return
  }
  const isKnown = Object.keys(ROUTES).some((route) => route.endsWith(` ${path}`))
  if (!isKnown || (knobs.isOld && path === '/api/embed')) {
    sendText(response, 404, '404 page not found')
    return
  }
  const route = ROUTES[`${request.method} ${path}`]
  if (!route) return sendText(response, 405, '405 method not allowed')
  if (!body) return sendError(response, 400, 'missing request body')
  await route({ body, knobs, batches, request, response })
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown> | undefined> {
  try {
    return (await json(request)) as Record<string, unknown>
  } catch {
    return undefined
  }
}

async function embed(exchange: Exchange): Promise<void> {
  const { body, knobs, response } = exchange
  const { input } = body
  const texts = [input ?? []].flat() as string[]
  if (!texts.every((text) => typeof text === 'string')) {
    return sendError(response, 400, 'invalid input type')
  }
  if (isMissing(body, knobs, response)) return
  if (await isFailing(texts, exchange)) return
  if (knobs.vectors === 'endless') return pipeline(endlessNumbers, response)
  const embeddings = input === '' ? [] : texts.map((text) => hashedVector(text, knobs.dimensions))
  const spoilt = SPOILERS[knobs.vectors](embeddings)
  if (typeof spoilt === 'string') return sendRaw(response, spoilt)
  sendJson(response, 200, {
    model: body['model'],
    embeddings: spoilt,
    total_duration: 14_143_917,
    load_duration: 1_019_500,
    prompt_eval_count: texts.join(' ').split(' ').length,
  })
}

/** The route of before 0.3: one text, and a vector that is not normalised. */
async function embedOne(exchange: Exchange): Promise<void> {
  const { body, knobs, response } = exchange
  if (isMissing(body, knobs, response)) return
  const text = typeof body['prompt'] === 'string' ? body['prompt'] : ''
  if (await isFailing([text], exchange)) return
  const embedding = hashedVector(text, knobs.dimensions).map((number) => number * 7)
  sendJson(response, 200, { embedding: text === '' ? [] : embedding })
}

function isMissing(body: Exchange['body'], knobs: OllamaKnobs, response: ServerResponse): boolean {
  const model = modelOf(body)
  if (model.includes(' ')) sendError(response, 400, 'invalid model name')
  else if (model === '') sendError(response, 404, "model '' not found")
  else if (!listing(knobs).some(({ name }) => name === fullName(model))) {
    sendError(response, 404, `model "${model}" not found, try pulling it first`)
  } else return false
  return true
}

/** Takes its time; then true if the call was answered with an error, or nobody waits any more. */
async function isFailing(
  texts: string[],
  { knobs, batches, request, response }: Exchange,
): Promise<boolean> {
  const isSlow = knobs.slow !== null && texts.length > knobs.slow.texts
  const delayMs = isSlow ? knobs.slow!.delayMs : knobs.delayMs
  const one = texts.length > 1 ? 1 : 0
  const held = one ? knobs.held : null
  batches.now += one
  batches.most = Math.max(batches.most, batches.now)
  if (delayMs > 0) await delay(delayMs, undefined, { ref: false })
  await held
  batches.now -= one
  if (request.socket.destroyed) return true
  const { failure, refused, maxTextBytes } = knobs
  if (failure) sendError(response, failure.status, failure.error)
  else if (refused && texts.some((text) => refused.test(text))) {
    sendError(response, knobs.refusedStatus, 'this text cannot be embedded')
  } else if (maxTextBytes && texts.some((text) => Buffer.byteLength(text) > maxTextBytes)) {
    sendError(response, 400, 'the input length exceeds the context length')
  } else return false
  return true
}

type Spoiler = (embeddings: number[][]) => unknown[] | string

/** Each gives the embeddings to answer, or the whole answer's text. */
const SPOILERS: Record<Exclude<OllamaKnobs['vectors'], 'endless'>, Spoiler> = {
  good: (embeddings) => embeddings,
  null: (embeddings) => embeddings.map((vector) => [null, ...vector.slice(1)]),
  infinite: (embeddings) => JSON.stringify({ embeddings }).replace(/\[\[[^,]*/, '[[1e999'),
  zeros: (embeddings) => embeddings.map((vector) => vector.map(() => 0)),
  cut: (embeddings) => embeddings.map((vector) => vector.slice(1)),
  one_missing: (embeddings) => embeddings.slice(1),
  no_json: () => '<html>Sign in to continue</html>',
}

function* endlessNumbers(): Generator<string> {
  yield '{"embeddings":[[0.5'
  const megabyte = ',0.5'.repeat(256 * 1024)
  while (true) yield megabyte
}

/** A unit vector: the sum of a pseudo-random one for each word, the task prefix left out. */
function hashedVector(text: string, dimensions: number): number[] {
  const vector = Array.from({ length: dimensions }, () => 0)
  const words = text.replace(/^search_(document|query): /, '').toLowerCase()
  for (const word of words.match(/[\p{L}\p{N}]+/gu) ?? ['nothing']) {
    let hash = 2166136261
    for (const character of word) hash = Math.imul(hash ^ character.codePointAt(0)!, 16777619)
    for (let i = 0; i < dimensions; i++) {
      hash = Math.imul(hash ^ (hash >>> 15), 2246822519) + i
      vector[i] = (vector[i] ?? 0) + (hash >>> 8) / 2 ** 23 - 1
    }
  }
  const norm = Math.hypot(...vector)
  return vector.map((number) => number / norm)
}

function listing(knobs: OllamaKnobs) {
  return knobs.models.map(({ name, digest }) => ({
    name,
    model: name,
    modified_at: '2026-08-01T12:00:00Z',
    size: 274_302_450,
    digest,
    details: {
      parent_model: '',
      format: 'gguf',
      family: 'nomic-bert',
      families: ['nomic-bert'],
      parameter_size: '137M',
      quantization_level: 'F16',
    },
  }))
}

function modelOf(body: Record<string, unknown> | undefined): string {
  const model = body?.['model'] ?? body?.['name']
  return typeof model === 'string' ? model : ''
}

function fullName(model: string): string {
  return model.includes(':') ? model.toLowerCase() : `${model.toLowerCase()}:latest`
}

function sendError(response: ServerResponse, status: number, error: string): void {
  sendJson(response, status, { error })
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
  response.end(JSON.stringify(value))
}

function sendRaw(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end(body)
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
}
