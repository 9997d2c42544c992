import {
  createMcpHandler,
  INVALID_REQUEST,
  isLegacyRequest,
  PARSE_ERROR,
  type McpHttpHandler,
} from '@modelcontextprotocol/server'
import { parseJsonBody } from '../app/json-body.js'
import type { Principal } from '../catalog/principal.js'
import { InputError } from '../errors.js'
import type { Logger } from '../log.js'
import { answerError } from './answer-error.js'
import { scopeRefusal } from './scope-refusal.js'
import type { Servers } from './servers.js'
import { Sessions, type Handed } from './sessions.js'
import { hasManySubscriptions, readyOrLate, TOO_MANY } from './subscriptions.js'

/** What the SDK says too of a session that is none; JSON-RPC leaves the code to the server. */
const SESSION_ENDED = -32_001

/**
 * Streamable HTTP, of the revision 2026-07-28 and of those before it. Who may ask, and how much, is
 * settled before a request comes here.
 *
 * Any replica can answer any call: a server object is made for each, and two clients never share
 * one. Clients of the older revisions have a session beside that, for what they are told by
 * themselves; a process that does not know it serves their calls all the same.
 */
export class McpEndpoint implements AsyncDisposable {
  readonly #servers: Servers
  readonly #log: Logger
  readonly #stopping: AbortSignal
  readonly #sessions = new Sessions()
  /** One a tenant, since all who listen to one are told the same. */
  readonly #handlers = new Map<string, McpHttpHandler>()

  /** `stopping` ends streams, which have no end of their own. */
  constructor(servers: Servers, { log, stopping }: { log: Logger; stopping: AbortSignal }) {
    this.#servers = servers
    this.#log = log
    this.#stopping = stopping
    stopping.addEventListener('abort', () => this.#sessions.endStreams(), { once: true })
  }

  /** Answers one request. */
  async answer(request: Request, caller: Principal): Promise<Response> {
    const authInfo = {
      token: '', // the key stays at the door
      clientId: caller.name,
      scopes: [caller.scope],
      extra: { principal: caller },
    }
    if (request.method !== 'POST') {
      const inSession = await this.#inSession(request, caller, { authInfo })
      return inSession ?? this.#handlerFor(caller).fetch(request, { authInfo })
    }
    const parsedBody = await readJson(request)
    if (parsedBody instanceof Response) return parsedBody
    const handed = { authInfo, parsedBody }
    return (
      scopeRefusal(parsedBody, caller, (tool) => this.#servers.scopeOf(tool)) ??
      (await this.#ofOlderClient(request, caller, handed)) ??
      this.#alone(request, caller, handed)
    )
  }

  /** Ends what is under way. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions[Symbol.asyncDispose]()
    await Promise.all([...this.#handlers.values()].map((handler) => handler.close()))
  }

  /** A client of an older revision that has a session or asks for one. */
  async #ofOlderClient(
    request: Request,
    caller: Principal,
    handed: Handed,
  ): Promise<Response | undefined> {
    const asksForOne = methodOf(handed.parsedBody) === 'initialize'
    if (!asksForOne && !request.headers.has('mcp-session-id')) return undefined
    if (!(await isLegacyRequest(request, handed.parsedBody))) return undefined
    const answer = await this.#inSession(request, caller, handed)
    if (answer || !asksForOne || !this.#sessions.hasRoom) return answer
    const server = this.#servers.serverFor(caller, 'subscribe')
    return this.#sessions.begin(server, caller, request, handed)
  }

  /** In the session that the request names; undefined where this process has none of that id. */
  async #inSession(
    request: Request,
    caller: Principal,
    handed: Handed,
  ): Promise<Response | undefined> {
    const id = request.headers.get('mcp-session-id')
    if (id === null) return undefined
    if (this.#sessions.hasEnded(id, caller)) {
      const message = 'This session has ended. Initialize a new one.'
      return answerError({ status: 404, code: SESSION_ENDED, message })
    }
    const answer = await this.#sessions.answer(id, caller, request, handed)
    if (this.#stopping.aborted) this.#sessions.endStreams()
    return answer
  }

  async #alone(request: Request, caller: Principal, handed: Handed): Promise<Response> {
    const handler = this.#handlerFor(caller)
    if (methodOf(handed.parsedBody) !== 'subscriptions/listen') {
      return handler.fetch(withoutBody(request), handed)
    }
    if (hasManySubscriptions(handed.parsedBody)) {
      return answerError({ status: 400, code: INVALID_REQUEST, message: TOO_MANY })
    }
    const changes = this.#servers.changesFor(caller)
    // From before it is told that it listens, so that it misses nothing from then on.
    const release = changes.subscribe(() => {})
    try {
      await readyOrLate(changes)
      return await handler.fetch(withoutBody(request, this.#stopping), handed)
    } finally {
      release()
    }
  }

  #handlerFor(caller: Principal): McpHttpHandler {
    const known = this.#handlers.get(caller.tenant)
    if (known) return known
    const handler = createMcpHandler(
      ({ authInfo, era }) =>
        this.#servers.serverFor(
          authInfo?.extra?.['principal'] as Principal,
          era === 'modern' ? 'listen' : 'nothing',
        ),
      {
        bus: this.#servers.changesFor(caller),
        onerror: (error) => this.#log.debug({ err: error }, error.message),
      },
    )
    this.#handlers.set(caller.tenant, handler)
    return handler
  }
}

/** The answer to a request that is larger than may be. */
export function tooLarge(message: string): Response {
  return answerError({ status: 413, code: INVALID_REQUEST, message })
}

/** What the body says, or the answer to one that cannot be read. */
async function readJson(request: Request): Promise<unknown> {
  try {
    return parseJsonBody(new Uint8Array(await request.arrayBuffer()))
  } catch (error) {
    if (error instanceof InputError) return tooLarge(error.message)
    const message = 'The body of the request is no JSON.'
    return answerError({ status: 400, code: PARSE_ERROR, message })
  }
}

function methodOf(body: unknown): unknown {
  return (body as { method?: unknown } | null)?.method
}

/** The request without its body, which has been read. */
function withoutBody({ url, method, headers, signal }: Request, until?: AbortSignal): Request {
  return new Request(url, {
    method,
    headers,
    signal: until ? AbortSignal.any([signal, until]) : signal,
  })
}
