import type { Database, Queryable } from '../db/database.js'
import { InputError, messageOf } from '../errors.js'
import type { SpecWarning } from '../openapi/parsed-spec.js'
import { checkedUrl, fetchDocument } from './fetch/fetch-document.js'
import { expandHeaders, storableHeaders, type HeaderTemplate } from './fetch/request-headers.js'
import { checkedName, DEFAULT_CATALOG } from './names.js'
import { sha256, type UploadLimits } from './prepared-spec.js'
import { localPrincipal, type Principal } from './principal.js'
import { confirmFetch, originWithUrl, rememberFailure, type SpecOrigin } from './spec-origins.js'
import { uploadSpec, type UploadReport } from './upload-spec.js'

/** How documents are fetched and taken, the same for all. */
export interface FetchSettings {
  limits: UploadLimits
  /** Also from addresses that are not on the public internet. */
  allowPrivateUrls: boolean
  willEmbed: boolean
  signal?: AbortSignal | undefined
}

export interface UrlRequest {
  url: string
  /** Those of the last time unless given. */
  headers?: readonly HeaderTemplate[] | undefined
  catalog?: string | undefined
  name?: string | undefined
}

/**
 * Takes the document at a URL into a catalog; asks only whether it changed where it is known
 * already. Throws InputError when it cannot be fetched or taken, saying why.
 */
export async function uploadFromUrl(
  db: Database,
  principal: Principal,
  request: UrlRequest,
  settings: FetchSettings,
): Promise<UploadReport> {
  const catalog = checkedName('catalog', request.catalog ?? DEFAULT_CATALOG)
  const url = checkedUrl(request.url).href
  const origin = await originWithUrl(db, principal.tenant, catalog, url)
  const isKnown = origin && (request.name === undefined || request.name === origin.name)
  return fetchAndTake(
    db,
    principal,
    // Whoever names the URL wants its document: only what it gave last is not fetched again.
    { ...request, url, catalog, known: isKnown ? origin : null, isWanted: !origin?.isAsFetched },
    settings,
  )
}

/**
 * Asks the spec's URL whether its document changed, and makes a new revision if so. When that
 * fails the spec stays as it is, and remembers why; it is left alone for `everyMs` and longer.
 */
export async function refreshSpec(
  db: Database,
  origin: SpecOrigin,
  settings: FetchSettings & { everyMs: number },
): Promise<UploadReport> {
  const { url, catalog, name, tenant } = origin
  try {
    return await fetchAndTake(
      db,
      { ...localPrincipal, tenant },
      { url, catalog, name, known: origin, isWanted: false },
      settings,
    )
  } catch (error) {
    if (!settings.signal?.aborted) {
      await rememberFailure(db, origin.specId, messageOf(error), settings.everyMs)
    }
    throw error
  }
}

async function fetchAndTake(
  db: Database,
  principal: Principal,
  request: UrlRequest & { catalog: string; known: SpecOrigin | null; isWanted: boolean },
  settings: FetchSettings,
): Promise<UploadReport> {
  const { url, catalog, known, isWanted } = request
  const headers = request.headers ?? known?.headers ?? []
  const fetched = await fetchDocument({
    url,
    headers: expandHeaders(headers),
    known: isWanted ? undefined : known?.validators,
    maxBytes: settings.limits.maxBytes,
    isAllowed: settings.allowPrivateUrls ? () => true : undefined,
    signal: settings.signal,
  })
  const stored = storableHeaders(headers)
  const isSame =
    !fetched.isModified || (!isWanted && known?.fetchedHash === sha256(fetched.content))
  if (isSame && known) {
    await confirmFetch(db, known)
    return unchanged(db, known)
  }
  if (!fetched.isModified) throw new InputError('The server says "unchanged" of nothing known.')
  return uploadSpec(db, principal, {
    document: { content: fetched.content },
    source: url,
    catalog,
    name: known?.name ?? request.name,
    isRevision: known !== null,
    origin: { url, validators: fetched.validators, headers: stored },
    limits: settings.limits,
    willEmbed: settings.willEmbed,
    signal: settings.signal,
  })
}

async function unchanged(db: Queryable, { specId, catalog }: SpecOrigin): Promise<UploadReport> {
  const [spec] = await db.query<
    Omit<UploadReport, 'catalog' | 'nameTaken' | 'outcome' | 'changes' | 'job'>
  >(
    `select s.id as "specId", s.name as spec, s.revision, s.title, s.version, s.operation_count as "operationCount",
       r.warnings
     from api_catalog.specs s
     join api_catalog.revisions r on r.spec_id = s.id and r.revision = s.revision
     where s.id = $1`,
    [specId],
  )
  if (!spec) throw new InputError('The spec was deleted meanwhile.')
  const changes = { added: 0, removed: 0, changed: 0, unchanged: spec.operationCount }
  const warnings: SpecWarning[] = spec.warnings
  return { ...spec, warnings, catalog, nameTaken: null, outcome: 'unchanged', changes, job: null }
}
