import { Hono } from 'hono'
import { tooLarge, type McpEndpoint } from '../mcp/mcp-endpoint.js'
import type { HttpContext, HttpEnv } from './http-env.js'
import { limitBody } from './limit-body.js'

/** `/mcp`, where MCP clients connect. */
export function mcpRoute({ maxBodyBytes }: HttpContext, endpoint: McpEndpoint): Hono<HttpEnv> {
  return new Hono<HttpEnv>()
    .use('/mcp', limitBody({ maxSize: maxBodyBytes, onError: () => tooLarge(maxBodyBytes) }))
    .all('/mcp', (c) => endpoint.answer(c.req.raw, c.get('principal')))
}
