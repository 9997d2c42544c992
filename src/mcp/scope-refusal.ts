import type { Principal, Scope } from '../catalog/principal.js'
import { answerError } from './answer-error.js'

/** Of the codes that JSON-RPC 2.0, section 5.1, leaves to the server. */
const FORBIDDEN = -32_003

/**
 * The answer to a body that calls a tool beyond what its caller may, as RFC 6750, section 3.1, has
 * it; undefined where there is no such call. Of a batch that has one, nothing is run.
 */
export function scopeRefusal(
  body: unknown,
  { scope }: Principal,
  scopeOf: (tool: string) => Scope | undefined,
): Response | undefined {
  if (scope === 'write') return undefined
  const messages: unknown[] = Array.isArray(body) ? body : [body]
  for (const message of messages) {
    const { id, method, params } = Object(message) as Call
    const tool = params?.name
    if (method !== 'tools/call' || typeof tool !== 'string' || scopeOf(tool) !== 'write') continue
    const said = `${tool} needs a key with the scope "write"; this one may only read.`
    return answerError(
      { status: 403, code: FORBIDDEN, message: said, id },
      {
        'www-authenticate':
          'Bearer realm="api-catalog-mcp", error="insufficient_scope", scope="write", ' +
          `error_description="${tool} needs the scope write"`,
      },
    )
  }
  return undefined
}

interface Call {
  id?: unknown
  method?: unknown
  params?: { name?: unknown }
}
