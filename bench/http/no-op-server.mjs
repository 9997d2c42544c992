// The least that a server on this stack does: the SDK's handler behind the same HTTP layer, with a
// tool that does nothing. `node no-op-server.mjs` prints its URL.
import { serve } from '@hono/node-server'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { Hono } from 'hono'
import { z } from 'zod'

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'no-op', version: '1' }, { capabilities: { tools: {} } })
  server.registerTool(
    'no_op',
    { description: 'Does nothing.', inputSchema: z.object({ query: z.string() }) },
    () => ({ content: [{ type: 'text', text: 'done' }], structuredContent: {} }),
  )
  return server
})
const { fetch } = new Hono().all('/mcp', (c) => handler.fetch(c.req.raw))
serve({ fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => {
  console.log(`listening on http://127.0.0.1:${port}`)
})
