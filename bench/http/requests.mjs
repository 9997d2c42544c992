// A tool call as one HTTP request, as clients of either era send it.

const MODERN = '2026-07-28'
const OLDER = '2025-11-25'
const CLIENT = { name: 'bench', version: '1' }

export const ERAS = [MODERN, OLDER]

/** What undici needs to send a call of `name`. */
export function toolCall(era, name, args) {
  const isModern = era === MODERN
  const _meta = isModern && {
    'io.modelcontextprotocol/protocolVersion': era,
    'io.modelcontextprotocol/clientInfo': CLIENT,
    'io.modelcontextprotocol/clientCapabilities': {},
  }
  const params = { name, arguments: args, ...(_meta && { _meta }) }
  return {
    path: '/mcp',
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': era,
      ...(isModern && { 'mcp-method': 'tools/call', 'mcp-name': name }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  }
}

/** The result in an answer, plain or as the one event of a stream. Throws where the call failed. */
export async function resultOf({ statusCode, body }) {
  const text = await body.text()
  if (statusCode !== 200) throw new Error(`status ${statusCode}: ${text.slice(0, 200)}`)
  const json = text.startsWith('{') ? text : text.slice(text.indexOf('data: {') + 'data: '.length)
  const { result, error } = JSON.parse(json)
  if (error) throw new Error(error.message)
  if (result.isError) throw new Error(result.content[0].text)
  return result.structuredContent
}
