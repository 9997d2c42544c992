import { setTimeout as delay } from 'node:timers/promises'
import { fromJsonSchema, type McpServer, type ServerContext } from '@modelcontextprotocol/server'
import type { Changes } from '../../src/mcp/servers.js'
import { RED_PIXEL, SILENCE } from './samples.js'

/** The suites ask for about 50 ms between messages, and see whether they come one by one. */
const STEP_MS = 50

const image = { type: 'image' as const, data: RED_PIXEL, mimeType: 'image/png' }

/** A result of one text. */
export function said(text: string) {
  return { content: [{ type: 'text' as const, text }] }
}

/** Tools that answer by themselves. */
export function registerPlainTools(server: McpServer, changes: Changes): void {
  const tool = (name: string, answer: (context: ServerContext) => object | Promise<object>) =>
    server.registerTool(name, { description: name }, async (context) => ({
      content: [],
      ...(await answer(context)),
    }))

  tool('test_simple_text', () => said('This is a simple text response for testing.'))
  tool('test_image_content', () => ({ content: [image] }))
  tool('test_audio_content', () => ({
    content: [{ type: 'audio', data: SILENCE, mimeType: 'audio/wav' }],
  }))
  tool('test_embedded_resource', () => ({
    content: [
      resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.'),
    ],
  }))
  tool('test_multiple_content_types', () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      image,
      resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
    ],
  }))
  tool('test_error_handling', () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
  tool('test_tool_with_progress', progress)
  for (const name of ['test_tool_with_logging', 'test_logging_tool']) tool(name, logging)
  tool('test_trigger_tool_change', () => {
    changes.publish({ kind: 'tools_list_changed' })
    return said('The tools are others.')
  })
  tool('test_trigger_prompt_change', () => {
    changes.publish({ kind: 'prompts_list_changed' })
    return said('The prompts are others.')
  })
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'Tool with JSON Schema 2020-12 features', inputSchema: fromJsonSchema(RICH) },
    () => said('taken'),
  )
}

async function progress({ mcpReq: { _meta: meta, notify } }: ServerContext) {
  const progressToken = meta?.progressToken
  for (const done of [0, 50, 100]) {
    if (done > 0) await delay(STEP_MS)
    if (progressToken === undefined) continue
    const params = { progressToken, progress: done, total: 100 }
    await notify({ method: 'notifications/progress', params })
  }
  return said('done')
}

async function logging({ mcpReq }: ServerContext) {
  await mcpReq.log('info', 'Tool execution started')
  await delay(STEP_MS)
  await mcpReq.log('info', 'Tool processing data')
  await delay(STEP_MS)
  await mcpReq.log('info', 'Tool execution completed')
  return said('logged')
}

function resource(uri: string, mimeType: string, text: string) {
  return { type: 'resource' as const, resource: { uri, mimeType, text } }
}

/** As the suite wants to find it in the list. */
const RICH = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object' as const,
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
}
