import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server'
import { RED_PIXEL } from './samples.js'

export function registerFixtureResources(server: McpServer): void {
  const texts: [name: string, uri: string, text: string][] = [
    ['static-text', 'test://static-text', 'This is the content of the static text resource.'],
    ['watched-resource', 'test://watched-resource', 'Watched.'],
    ['example-resource', 'test://example-resource', 'An example.'],
  ]
  for (const [name, uri, text] of texts) {
    const mimeType = 'text/plain'
    server.registerResource(name, uri, { description: name, mimeType }, () => ({
      contents: [{ uri, mimeType, text }],
    }))
  }
  const png = { description: 'One pixel.', mimeType: 'image/png' }
  server.registerResource('static-binary', 'test://static-binary', png, ({ href: uri }) => ({
    contents: [{ uri, mimeType: 'image/png', blob: RED_PIXEL }],
  }))
  server.registerResource(
    'template',
    new ResourceTemplate('test://template/{id}/data', { list: undefined }),
    { description: 'Data by id.', mimeType: 'application/json' },
    ({ href: uri }, { id }) => {
      const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` })
      return { contents: [{ uri, mimeType: 'application/json', text }] }
    },
  )
}
