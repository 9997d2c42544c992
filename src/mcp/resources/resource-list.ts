import { ProtocolError, ProtocolErrorCode, type Resource } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { inline } from '../../app/answer.js'
import type { Services } from '../../app/services.js'
import { listEntries, START, type Entry } from '../../catalog/entries.js'
import { qualifiedSpec } from '../../catalog/names.js'
import type { Principal } from '../../catalog/principal.js'
import { catalogUri, specUri } from './uris.js'

/** About 30 KB. Clients ask for page after page by themselves. */
const PAGE = 200

/** The place of the last entry of a page: whatever is added or deleted meanwhile, none comes twice. */
const cursorPlace = z.tuple([z.string().min(1), z.string()])

/** A page of catalogs and specs as resources. Throws ProtocolError for a cursor that is none. */
export async function listResources(
  { db }: Services,
  principal: Principal,
  cursor: string | undefined,
): Promise<{ resources: Resource[]; nextCursor?: string }> {
  const after = cursor === undefined ? START : readCursor(cursor)
  const entries = await listEntries(db, principal, { after, limit: PAGE + 1 })
  const page = entries.slice(0, PAGE)
  const last = page.at(-1)
  return {
    resources: page.map(describe),
    ...(last && entries.length > PAGE ? { nextCursor: writeCursor(last) } : {}),
  }
}

function describe({ catalog, spec, title }: Entry): Resource {
  const mimeType = 'application/json'
  if (spec === '') {
    return { uri: catalogUri(catalog), name: catalog, title: `Catalog ${catalog}`, mimeType }
  }
  return {
    uri: specUri(catalog, spec),
    name: qualifiedSpec(catalog, spec),
    ...(title ? { title: inline(title, 80) } : {}),
    mimeType,
  }
}

function writeCursor({ catalog, spec }: Entry): string {
  return Buffer.from(JSON.stringify([catalog, spec])).toString('base64url')
}

function readCursor(cursor: string): Pick<Entry, 'catalog' | 'spec'> {
  try {
    const text = Buffer.from(cursor, 'base64url').toString()
    const [catalog, spec] = cursorPlace.parse(JSON.parse(text))
    return { catalog, spec }
  } catch {
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      'That cursor is not one of resources/list. Leave it out to start.',
    )
  }
}
