import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'

/** A host that takes no connection for so long is not there; a busy one takes it at once. */
const CONNECT_TIMEOUT_MS = 10_000

/** A host that vanished in mid-request is noticed by TCP's own probes, some 10 s after this. */
const KEEP_ALIVE_AFTER_MS = 30_000

/** 1,024 vectors (the largest batch) of 4,096 numbers, written out in full, are 92 MB. */
const MAX_ANSWER_BYTES = 128 * 1024 * 1024

/** No connection: refused, unknown host, not taken in time, or lost before the answer's end. */
export class ConnectionFailed extends Error {
  override name = 'ConnectionFailed'
}

/** Connected, and the whole answer did not come in time. */
export class AnswerTimedOut extends Error {
  override name = 'AnswerTimedOut'
}

/** The answer is larger than any list of vectors we ask for. */
export class AnswerTooLarge extends Error {
  override name = 'AnswerTooLarge'
}

interface HttpRequest {
  url: URL
  method: string
  headers: Record<string, string>
  body: string | undefined
}

/**
 * One HTTP request and its whole answer, of any status. `timeoutMs`, from the call to the last
 * byte, is the only clock on the answer: `node:http` has none of its own, where `fetch` gives up
 * after five minutes without headers. Each request opens its own connection, so that none is used
 * that died unnoticed. Throws the three errors above, or the signal's reason.
 */
export async function exchange(
  { url, method, headers, body }: HttpRequest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  signal.throwIfAborted()
  const ending = new AbortController()
  const stop = (): void => ending.abort(signal.reason)
  signal.addEventListener('abort', stop)
  const send = url.protocol === 'https:' ? httpsRequest : httpRequest
  const request = send(url, { method, headers, agent: false, signal: ending.signal })
  const timers = startTimers(request, timeoutMs, ending)
  try {
    const response = await responseTo(request, body)
    return { status: response.statusCode ?? 0, text: await textOf(response) }
  } catch (error) {
    if (ending.signal.aborted) throw ending.signal.reason
    if (error instanceof AnswerTooLarge) throw error
    throw new ConnectionFailed(reasonOf(error), { cause: error })
  } finally {
    timers.forEach(clearTimeout)
    signal.removeEventListener('abort', stop)
  }
}

function startTimers(
  request: ClientRequest,
  timeoutMs: number,
  ending: AbortController,
): NodeJS.Timeout[] {
  const isConnected = (): boolean => request.socket?.connecting === false
  const connectMs = Math.min(CONNECT_TIMEOUT_MS, timeoutMs)
  const checkConnection = (): void => {
    if (!isConnected()) ending.abort(new ConnectionFailed(`no connection within ${connectMs} ms`))
  }
  const giveUp = (): void => {
    checkConnection()
    ending.abort(new AnswerTimedOut(`no answer within ${timeoutMs} ms`))
  }
  request.once('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS))
  return [setTimeout(checkConnection, connectMs), setTimeout(giveUp, timeoutMs)]
}

function responseTo(request: ClientRequest, body: string | undefined): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve)
    // Not `once`: an error after the response has come must not go unheard either.
    request.on('error', reject)
    request.end(body)
  })
}

/** Leaving the loop early destroys the response and its connection. */
async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > MAX_ANSWER_BYTES) {
      throw new AnswerTooLarge(`an answer of more than ${MAX_ANSWER_BYTES / 1024 / 1024} MB`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** A name with several addresses that all fail is one error without a message, holding theirs. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
