import { InputError } from '../errors.js'
import type { HttpRequest } from './http-env.js'

/** The body of a request is larger than may be. */
export class TooLargeError extends InputError {
  override name = 'TooLargeError'
}

/**
 * The body of a request, at most so many bytes. Throws TooLargeError as soon as it is known to be
 * larger, which where its length is not said beforehand is while it arrives.
 */
export async function readBody(c: HttpRequest, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new TooLargeError(`A request has at most ${maxBytes} bytes (API_CATALOG_MAX_BYTES).`)
  if (Number(c.req.header('content-length') ?? 0) > maxBytes) throw tooLarge()
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of c.req.raw.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, bytes)
}
