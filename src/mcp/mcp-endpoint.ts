import { createMcpHandler, type McpHttpHandler, type McpServer } from '@modelcontextprotocol/server'
import type { Principal } from '../catalog/principal.js'
import type { Logger } from '../log.js'

/** JSON-RPC 2.0, section 5.1, and the codes MCP's SDK uses beside them. */
const PARSE_ERROR = -32_700
const INVALID_REQUEST = -32_600

/** Makes the server of one request. */
export type ServerFor = (principal: Principal) => McpServer

/**
 * Streamable HTTP, of the revision 2026-07-28 and, without sessions, of those before it, so that any
 * replica can answer any request. A server object is made for each request: two clients never share
 * one. Who may ask, and how much, is settled before a request comes here.
 */
export class McpEndpoint implements AsyncDisposable {
  readonly #handler: McpHttpHandler
  readonly #stopping: AbortSignal

  /** `stopping` ends subscriptions, which have no end of their own. */
  constructor(serverFor: ServerFor, { log, stopping }: { log: Logger; stopping: AbortSignal }) {
    this.#stopping = stopping
    this.#handler = createMcpHandler(
      ({ authInfo }) => serverFor(authInfo?.extra?.['principal'] as Principal),
      { onerror: (error) => log.debug({ err: error }, error.message) },
    )
  }

  /** Answers one request. */
  async answer(request: Request, principal: Principal): Promise<Response> {
    const authInfo = {
      token: '', // the key stays at the door
      clientId: principal.name,
      scopes: [principal.scope],
      extra: { principal },
    }
    if (request.method !== 'POST') return this.#handler.fetch(request, { authInfo })
    const parsedBody = await readJson(request)
    if (parsedBody === undefined) {
      return rpcError(400, PARSE_ERROR, 'The body of the request is no JSON.')
    }
    const until = isSubscription(parsedBody) ? this.#stopping : undefined
    return this.#handler.fetch(withoutBody(request, until), { authInfo, parsedBody })
  }

  /** Ends what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#handler.close()
  }
}

/** The answer to a request that is larger than may be. */
export function tooLarge(maxBytes: number): Response {
  return rpcError(
    413,
    INVALID_REQUEST,
    `A request has at most ${maxBytes} bytes (API_CATALOG_MAX_BYTES).`,
  )
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json()
  } catch {
    return undefined
  }
}

function isSubscription(body: unknown): boolean {
  return (body as { method?: unknown } | null)?.method === 'subscriptions/listen'
}

/** The request without its body, which has been read. */
function withoutBody({ url, method, headers, signal }: Request, until?: AbortSignal): Request {
  return new Request(url, {
    method,
    headers,
    signal: until ? AbortSignal.any([signal, until]) : signal,
  })
}

function rpcError(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: '2.0', id: null, error: { code, message } }, { status })
}
