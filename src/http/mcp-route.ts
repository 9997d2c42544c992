import { Hono } from 'hono'
import { tooLarge, type McpEndpoint } from '../mcp/mcp-endpoint.js'
import type { HttpContext, HttpEnv } from './http-env.js'
import { limitBody } from './limit-body.js'

/** Whoever only reads asks questions, the longest of which are pasted; they send no documents. */
const READER_BYTES = 256 * 1024

/** `/mcp`, where MCP clients connect. */
export function mcpRoute({ maxBodyBytes }: HttpContext, endpoint: McpEndpoint): Hono<HttpEnv> {
  const limits = {
    read: limitBody({
      maxSize: READER_BYTES,
      onError: () => tooLarge(`With a key to read, a request has at most ${READER_BYTES} bytes.`),
    }),
    write: limitBody({
      maxSize: maxBodyBytes,
      onError: () =>
        tooLarge(`A request has at most ${maxBodyBytes} bytes (API_CATALOG_MAX_BYTES).`),
    }),
  }
  return new Hono<HttpEnv>()
    .use('/mcp', (c, next) => limits[c.get('principal').scope](c, next))
    .all('/mcp', (c) => endpoint.answer(c.req.raw, c.get('principal')))
}
