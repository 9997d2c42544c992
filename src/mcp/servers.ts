import type { McpServer, ServerEventBus } from '@modelcontextprotocol/server'
import type { Principal, Scope } from '../catalog/principal.js'

/**
 * How clients hear of changes: from revision 2026-07-28 on they `listen`; those before `subscribe`,
 * over a connection that lasts; a request of theirs that stands alone is told `nothing`.
 */
export type Hearing = 'listen' | 'subscribe' | 'nothing'

/** What a client may hear of. */
export interface Changes extends ServerEventBus {
  /** From when on whoever subscribed misses nothing. */
  ready(): Promise<void>
}

/** What is served over MCP, whatever the way that a client comes. */
export interface Servers {
  /** A server for one request or one connection. Cheap: whatever lives longer is kept elsewhere. */
  serverFor(principal: Principal, hearing: Hearing): McpServer
  changesFor(principal: Principal): Changes
  /** The scope that a tool asks for; undefined for a tool that there is not. */
  scopeOf(tool: string): Scope | undefined
}
