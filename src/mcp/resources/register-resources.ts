import {
  ResourceNotFoundError,
  ResourceTemplate,
  type McpServer,
  type ReadResourceResult,
} from '@modelcontextprotocol/server'
import type { App } from '../../app/app.js'
import type { Services } from '../../app/services.js'
import { showCatalog } from '../../app/show-catalog.js'
import { showSpec } from '../../app/show-spec.js'
import { catalogNames, specNames } from '../../catalog/entries.js'
import type { Principal } from '../../catalog/principal.js'
import { NotFoundError } from '../../errors.js'
import type { Logger } from '../../log.js'
import { protocolError } from '../protocol-error.js'
import { listResources } from './resource-list.js'
import { CATALOG_TEMPLATE, SPEC_TEMPLATE } from './uris.js'

const JSON_TYPE = 'application/json'

export interface ResourceContext {
  app: App
  principal: Principal
  log: Logger
  /** Called when the client has asked for the list. */
  onList: () => void
}

/**
 * Catalogs and specs as resources: what is in them, and how far they are embedded. The list comes
 * in pages, which the SDK's own does not; templates, reading and completions are the SDK's.
 */
export function registerResources(server: McpServer, context: ResourceContext): void {
  const { principal, onList } = context
  const complete = completions(context)
  server.registerResource(
    'catalog',
    new ResourceTemplate(CATALOG_TEMPLATE, {
      list: undefined,
      complete: { catalog: complete.catalog },
    }),
    {
      title: 'Catalog',
      description: 'The specs of a catalog, and how much of it is embedded.',
      mimeType: JSON_TYPE,
    },
    (uri, { catalog }) =>
      read(context, uri, (services) => showCatalog(services, principal, String(catalog))),
  )
  server.registerResource(
    'spec',
    new ResourceTemplate(SPEC_TEMPLATE, { list: undefined, complete }),
    {
      title: 'Spec',
      description: 'A spec: title, version, revision, operations, and how far it is embedded.',
      mimeType: JSON_TYPE,
    },
    (uri, { catalog, spec }) =>
      read(context, uri, (services) =>
        showSpec(services, principal, { catalog: String(catalog), spec: String(spec) }),
      ),
  )
  server.server.setRequestHandler('resources/list', async ({ params }) => {
    const page = await answered(context, (services) =>
      listResources(services, principal, params?.cursor),
    )
    onList()
    return page
  })
}

function completions(context: ResourceContext) {
  const { principal } = context
  return {
    catalog: (typed: string) =>
      answered(context, ({ db }) => catalogNames(db, principal, beginningOf(typed))),
    spec: (typed: string, given?: { arguments?: Record<string, string> }) =>
      answered(context, ({ db }) => {
        const catalog = given?.arguments?.['catalog']
        return specNames(db, principal, { beginning: beginningOf(typed), catalog })
      }),
  }
}

async function read(
  context: ResourceContext,
  uri: URL,
  facts: (services: Services) => Promise<object>,
): Promise<ReadResourceResult> {
  const text = JSON.stringify(
    await answered(context, async (services) => {
      try {
        return await facts(services)
      } catch (error) {
        if (!(error instanceof NotFoundError)) throw error
        throw new ResourceNotFoundError(uri.href, error.message)
      }
    }),
  )
  return { contents: [{ uri: uri.href, mimeType: JSON_TYPE, text }] }
}

async function answered<T>(
  { app, log }: ResourceContext,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  try {
    return await work(await app.services())
  } catch (error) {
    throw protocolError(error, log)
  }
}

/** Names are all of small letters, and the database takes no NUL character. */
function beginningOf(typed: string): string {
  return typed.toLowerCase().replaceAll('\0', '')
}
