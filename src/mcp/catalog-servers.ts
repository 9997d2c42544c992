import type { App } from '../app/app.js'
import type { Principal } from '../catalog/principal.js'
import type { Logger } from '../log.js'
import { CatalogChanges } from './catalog-changes.js'
import { createServer } from './create-server.js'
import type { Hearing, Servers } from './servers.js'
import { scopeOfTool } from './tools.js'

/** The catalog over MCP: its tools, its resources, and what changes in it. */
export function catalogServers(app: App, log: Logger): Servers {
  const changes = new Map<string, CatalogChanges>()
  const changesFor = ({ tenant }: Principal): CatalogChanges => {
    const known = changes.get(tenant) ?? new CatalogChanges(app.watch, tenant)
    changes.set(tenant, known)
    return known
  }
  return {
    serverFor: (principal: Principal, hearing: Hearing) =>
      createServer({ app, principal, log, hearing, changes: changesFor(principal) }),
    changesFor,
    scopeOf: scopeOfTool,
  }
}
