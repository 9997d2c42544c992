import { pipeline } from 'node:stream/promises'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import { Writable, type Duplex } from 'node:stream'
import type { Agent, Dispatcher } from 'undici'
import { InputError, messageOf } from '../../errors.js'
import {
  checkedLookup,
  checkWrittenAddress,
  isPublicAddress,
  type ResolveHost,
} from './addresses.js'

export interface FetchRequest {
  url: string
  /** Sent to this URL's origin and to no other. */
  headers?: Record<string, string> | undefined
  /** What the server said about the document that is known already. */
  known?: Validators | undefined
  /** Largest document taken, in bytes after decompression. */
  maxBytes: number
  /** Addresses that may be connected to; those of the public internet unless given. */
  isAllowed?: ((address: string) => boolean) | undefined
  signal?: AbortSignal | undefined
  /** How hosts are looked up; the system's way unless given. */
  resolve?: ResolveHost | undefined
  /** For the whole document, redirects included; a minute unless given. */
  timeoutMs?: number | undefined
}

/** By what a server tells whether a document changed (RFC 9110, section 8.8). */
export interface Validators {
  etag: string | null
  lastModified: string | null
}

export type Fetched =
  | { isModified: false }
  | { isModified: true; content: Uint8Array; validators: Validators }

/** Read when the first document is fetched: most processes fetch none, and start sooner without. */
const http = () => import('undici')

const MAX_REDIRECTS = 5
const TIMEOUT_MS = 60_000
const CONNECT_TIMEOUT_MS = 10_000
const MAX_HEADER_BYTES = 32 * 1024

/**
 * Fetches a document over http or https. Every host is looked up and checked before each
 * connection, also after a redirect, and the connection goes to the address that was checked.
 * Throws InputError saying what is wrong; it never holds what the server answered.
 */
export async function fetchDocument(asked: FetchRequest): Promise<Fetched> {
  const timeoutMs = asked.timeoutMs ?? TIMEOUT_MS
  const timeout = AbortSignal.timeout(timeoutMs)
  const signal = AbortSignal.any([timeout, ...(asked.signal ? [asked.signal] : [])])
  const first = checkedUrl(asked.url)
  const lookup = checkedLookup(asked.isAllowed ?? isPublicAddress, asked.resolve)
  const undici = await http()
  const agent = new undici.Agent({
    connect: { timeout: CONNECT_TIMEOUT_MS, lookup },
    maxHeaderSize: MAX_HEADER_BYTES,
  })
  try {
    return await followRedirects(first, { ...asked, signal }, agent)
  } catch (error) {
    if (asked.signal?.aborted) throw error
    if (timeout.aborted) {
      throw new InputError(`${shown(first)} took longer than ${timeoutMs / 1000} s.`)
    }
    throw explained(first, error)
  } finally {
    await agent.destroy()
  }
}

/** Throws InputError for what is no http or https URL, or carries credentials. */
export function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !['http:', 'https:'].includes(url.protocol)) {
    throw new InputError('`url` must be an http or https URL.')
  }
  if (url.username !== '' || url.password !== '') {
    throw new InputError(
      'A URL must not carry a user name or password; send them as a header, for example ' +
        "--header 'Authorization: Bearer ${TOKEN}'.",
    )
  }
  url.hash = ''
  return url
}

async function followRedirects(
  first: URL,
  asked: FetchRequest & { signal: AbortSignal },
  agent: Agent,
): Promise<Fetched> {
  let url = first
  for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
    checkWrittenAddress(url, asked.isAllowed ?? isPublicAddress)
    const headers = headersFor(url, first, asked)
    const { request } = await http()
    const response = await request(url, { dispatcher: agent, headers, signal: asked.signal })
    const next = redirectOf(url, response)
    if (next === null) return await documentOf(url, response, asked)
    await discard(response)
    url = next
  }
  throw new InputError(`${shown(first)} redirects more than ${MAX_REDIRECTS} times.`)
}

function headersFor(url: URL, first: URL, { headers, known }: FetchRequest) {
  return {
    accept: 'application/json, application/yaml, text/yaml, */*;q=0.5',
    'accept-encoding': 'gzip, deflate, br',
    'user-agent': 'api-catalog-mcp',
    ...(url.origin === first.origin ? { ...conditions(known), ...headers } : {}),
  }
}

function conditions(known: Validators | undefined): Record<string, string> {
  return {
    ...(known?.etag ? { 'if-none-match': known.etag } : {}),
    ...(known?.lastModified ? { 'if-modified-since': known.lastModified } : {}),
  }
}

type Response = Dispatcher.ResponseData

function redirectOf(url: URL, { statusCode, headers }: Response): URL | null {
  if (![301, 302, 303, 307, 308].includes(statusCode)) return null
  const location = single(headers['location'])
  if (location === null || !URL.canParse(location, url.href)) {
    throw new InputError(`${shown(url)} redirects to nowhere.`)
  }
  return checkedUrl(new URL(location, url).href)
}

async function documentOf(url: URL, response: Response, asked: FetchRequest): Promise<Fetched> {
  const { statusCode, headers } = response
  const isConditional = Boolean(asked.known?.etag ?? asked.known?.lastModified)
  if (statusCode === 304 && isConditional) {
    await discard(response)
    return { isModified: false }
  }
  if (statusCode !== 200) {
    await discard(response)
    throw new InputError(refusal(url, statusCode))
  }
  const content = await readBody(response, asked.maxBytes, url)
  const validators = {
    etag: sendable(headers['etag']),
    lastModified: sendable(headers['last-modified']),
  }
  return { isModified: true, content, validators }
}

function refusal(url: URL, status: number): string {
  const said = `${shown(url)} answered with status ${status}`
  if (status === 401 || status === 403) {
    return `${said}: it wants to know who asks. Send a header, for example --header 'Authorization: Bearer \${TOKEN}'.`
  }
  if (status === 404 || status === 410) return `${said}: there is no document.`
  if (status === 429 || status >= 500) return `${said}: try again later.`
  return `${said} and no document.`
}

/** The decoded body; stops reading as soon as it is too long, so that no bomb unfolds. */
async function readBody(response: Response, maxBytes: number, url: URL): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      size += chunk.length
      if (size <= maxBytes) chunks.push(chunk)
      done(size <= maxBytes ? null : tooLarge(url, maxBytes))
    },
  })
  await pipeline([response.body, ...decoders(response, url), sink])
  const content = Buffer.concat(chunks)
  if (!saysItsEnd(response) && !/^\s*\{/.test(content.toString('latin1', 0, 100))) {
    throw new InputError(
      `${shown(url)} does not say how long its document is: it may have been cut. ` +
        'Download it and give the path of the file.',
    )
  }
  return content
}

/**
 * Whether a lost connection would be noticed: by a length or by chunks (RFC 9112, section 6.3). JSON
 * that was cut is noticed by its parser; YAML that was cut may be a shorter document.
 */
function saysItsEnd({ headers }: Response): boolean {
  const isChunked = /chunked/i.test(single(headers['transfer-encoding']) ?? '')
  return isChunked || headers['content-length'] !== undefined
}

const DECODERS: Record<string, () => Duplex> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  deflate: () => createInflate(),
  br: () => createBrotliDecompress(),
}

function decoders({ headers }: Response, url: URL): Duplex[] {
  const encodings = (single(headers['content-encoding']) ?? '')
    .toLowerCase()
    .split(',')
    .map((encoding) => encoding.trim())
    .filter((encoding) => encoding !== '' && encoding !== 'identity')
  const [encoding] = encodings
  if (encoding === undefined) return []
  const decoder = DECODERS[encoding]
  // Encodings within encodings multiply: nobody who means well nests them.
  if (decoder && encodings.length === 1) return [decoder()]
  throw new InputError(`${shown(url)} is compressed in a way that is not read here.`)
}

function tooLarge(url: URL, maxBytes: number): InputError {
  const limit = Math.floor(maxBytes / 1024 / 1024)
  return new InputError(`TOO_LARGE: ${shown(url)} has more than ${limit} MB, the limit.`)
}

/** What can be sent back as it came; other characters are no part of a header. */
function sendable(header: string | string[] | undefined): string | null {
  const text = single(header)
  return text !== null && /^[ -~]*$/.test(text) ? text : null
}

async function discard({ body }: Response): Promise<void> {
  body.on('error', () => {}).destroy()
}

function single(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header)?.slice(0, 1_000) ?? null
}

/** Without its query, which may hold a token. */
function shown(url: URL): string {
  return `${url.origin}${url.pathname}`.slice(0, 300)
}

function explained(url: URL, error: unknown): Error {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof InputError) return cause
  }
  const message = `${shown(url)} cannot be fetched: ${messageOf(error)}`
  return new InputError(message, { cause: error })
}
