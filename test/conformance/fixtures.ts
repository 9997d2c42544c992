import { InMemoryServerEventBus, McpServer } from '@modelcontextprotocol/server'
import { pino } from 'pino'
import type { Changes, Hearing, Servers } from '../../src/mcp/servers.js'
import { Subscriptions } from '../../src/mcp/subscriptions.js'
import { registerAskingTools } from './asking-tools.js'
import { registerInputTools, stateCodec } from './input-tools.js'
import { registerPlainTools } from './plain-tools.js'
import { registerPrompts } from './prompts.js'
import { registerFixtureResources } from './resources.js'

/**
 * What the conformance suites ask of a server by name, which a catalog has no use for: served in
 * the place of the catalog, to find out whether all that is around it does what MCP says.
 */
export function fixtureServers(): Servers {
  const changes = new FixtureChanges()
  return {
    serverFor: (_principal, hearing) => createFixtureServer(changes, hearing),
    changesFor: () => changes,
    scopeOf: () => undefined,
  }
}

class FixtureChanges extends InMemoryServerEventBus implements Changes {
  async ready(): Promise<void> {}
}

function createFixtureServer(changes: Changes, hearing: Hearing): McpServer {
  const server = new McpServer(
    { name: 'conformance-fixtures', version: '1' },
    {
      capabilities: {
        tools: { listChanged: hearing === 'listen' },
        prompts: { listChanged: hearing === 'listen' },
        resources: { subscribe: true, listChanged: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: (state, context) => stateCodec.verify(state, context) },
    },
  )
  registerPlainTools(server, changes)
  registerAskingTools(server)
  registerInputTools(server)
  registerPrompts(server)
  registerFixtureResources(server)
  if (hearing === 'subscribe') {
    const subscriptions = new Subscriptions(server, changes, pino({ level: 'silent' }))
    subscriptions.addList()
  }
  return server
}
