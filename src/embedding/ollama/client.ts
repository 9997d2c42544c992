import { Ollama } from 'ollama'
import { AnswerTimedOut, exchange } from './exchange.js'

/** Ollama, or what stands before it, answered with another status than 2xx. */
export class Refusal extends Error {
  override name = 'Refusal'
  readonly status: number
  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }
}

/** An error's text goes into logs and job rows. */
const MAX_ERROR_LENGTH = 300

/** Request Timeout and Gateway Timeout: a gateway's patience ended before ours. */
const TIMEOUT_STATUSES = new Set([408, 504])

/**
 * Ollama's client for calls that end by `timeoutMs` or the signal. They throw Refusal, the errors
 * of `exchange`, the signal's reason, or SyntaxError for an answer that is no JSON. The package
 * never sees a failed answer: it would write to stdout about it, which belongs to MCP.
 */
export function ollamaClient(host: string, timeoutMs: number, signal: AbortSignal): Ollama {
  return new Ollama({
    host,
    fetch: async (input, init) => {
      const request = {
        url: reachable(new URL(input)),
        method: init?.method ?? 'GET',
        headers: init?.headers as Record<string, string>,
        body: init?.body as string | undefined,
      }
      const { status, text } = await exchange(request, timeoutMs, signal)
      if (status >= 200 && status < 300) return new Response(text)
      if (TIMEOUT_STATUSES.has(status)) throw new AnswerTimedOut(`status ${status}`)
      throw new Refusal(status, errorText(text) || `status ${status}`)
    },
  })
}

/** OLLAMA_HOST also tells the server where to listen: "everywhere" is no address to call. */
function reachable(url: URL): URL {
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1'
  if (url.hostname === '[::]') url.hostname = '[::1]'
  return url
}

/** Ollama's errors are `{"error": text}`, its router's and a proxy's are plain text. */
function errorText(body: string): string {
  const text = (parsedError(body) ?? body).slice(0, MAX_ERROR_LENGTH)
  // It is stored, where a NUL is refused, and shown, where other invisible characters mislead.
  return text
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
}

function parsedError(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: unknown }
    return typeof error === 'string' ? error : undefined
  } catch {
    return undefined
  }
}
