import type { Queryable } from '../db/database.js'
import type { HeaderTemplate } from './fetch/request-headers.js'
import type { Validators } from './fetch/fetch-document.js'

/** Where a spec's document is fetched from, and what is known of the last time. */
export interface SpecOrigin {
  specId: number
  tenant: string
  catalog: string
  name: string
  url: string
  validators: Validators
  headers: HeaderTemplate[]
  /** SHA-256 (hex) of what the URL gave last. */
  fetchedHash: string | null
  /** The current revision is what the URL gave last. */
  isAsFetched: boolean
}

/** What was learnt by fetching a document. */
export interface FetchedFrom {
  url: string
  validators: Validators
  headers: readonly HeaderTemplate[]
}

interface OriginRow extends Omit<SpecOrigin, 'validators'> {
  etag: string | null
  lastModified: string | null
}

const ORIGIN = `s.id as "specId", c.tenant, c.name as catalog, s.name, s.source as url, s.etag,
  s.last_modified as "lastModified", s.request_headers as headers,
  s.fetched_hash as "fetchedHash", s.fetched_revision = s.revision as "isAsFetched"`
const IS_URL = `s.source ~ '^https?://'`

/** The specs of a tenant that come from URLs, or one of its catalogs' or of one name. */
export async function originsOf(
  db: Queryable,
  tenant: string,
  { catalog, name }: { catalog?: string | undefined; name?: string | undefined },
): Promise<SpecOrigin[]> {
  const rows = await db.query<OriginRow>(
    `select ${ORIGIN} from api_catalog.specs s join api_catalog.catalogs c on c.id = s.catalog_id
     where ${IS_URL} and c.tenant = $1 and ($2::text is null or c.name = $2)
       and ($3::text is null or s.name = $3)
     order by c.name, s.name`,
    [tenant, catalog ?? null, name ?? null],
  )
  return rows.map(originOf)
}

/** The spec of a catalog that was fetched from this URL last. */
export async function originWithUrl(
  db: Queryable,
  tenant: string,
  catalog: string,
  url: string,
): Promise<SpecOrigin | null> {
  const [row] = await db.query<OriginRow>(
    `select ${ORIGIN} from api_catalog.specs s join api_catalog.catalogs c on c.id = s.catalog_id
     where c.tenant = $1 and c.name = $2 and s.source = $3
     order by s.updated_at desc limit 1`,
    [tenant, catalog, url],
  )
  return row ? originOf(row) : null
}

/**
 * Takes a spec whose last refresh is older than `everyMs`, of any tenant, so that no other process
 * does; null where none is due. Should this process die, another one takes it after `everyMs`.
 */
export async function claimStaleOrigin(db: Queryable, everyMs: number): Promise<SpecOrigin | null> {
  const [row] = await db.query<OriginRow>(
    `with stale as materialized (
       select s.id from api_catalog.specs s
       where ${IS_URL}
         and coalesce(s.next_refresh_at, s.fetched_at + $1::float8 * interval '1 ms', now()) <= now()
       order by s.next_refresh_at nulls first, s.id
       limit 1
       for update skip locked)
     update api_catalog.specs s set next_refresh_at = now() + $1::float8 * interval '1 ms'
     from stale, api_catalog.catalogs c where s.id = stale.id and c.id = s.catalog_id
     returning ${ORIGIN}`,
    [everyMs],
  )
  return row ? originOf(row) : null
}

/** The spec's current revision is the document that this URL gave, and comes from there. */
export async function rememberFetch(
  db: Queryable,
  specId: number,
  { url, validators, headers }: FetchedFrom,
  contentHash: string,
): Promise<void> {
  await db.query(
    `update api_catalog.specs set source = $2, etag = $3, last_modified = $4,
       request_headers = $5::jsonb, fetched_hash = $6, fetched_revision = revision,
       fetched_at = now(), refresh_error = null, refresh_failures = 0, next_refresh_at = null
     where id = $1`,
    [specId, url, validators.etag, validators.lastModified, JSON.stringify(headers), contentHash],
  )
}

/** The URL still gives what it gave last; nothing to say where the spec has another source by now. */
export async function confirmFetch(db: Queryable, { specId, url }: SpecOrigin): Promise<void> {
  await db.query(
    `update api_catalog.specs set
       fetched_at = now(), refresh_error = null, refresh_failures = 0, next_refresh_at = null
     where id = $1 and source = $2`,
    [specId, url],
  )
}

/** A day: then somebody has had the time to look. */
const MAX_BACKOFF_MS = 24 * 3_600_000

/**
 * The document could not be fetched or read: the spec stays as it is. It is left alone for
 * `everyMs`, twice that after the second failure in a row, and so on up to a day, or `everyMs`
 * where that is longer.
 */
export async function rememberFailure(
  db: Queryable,
  specId: number,
  error: string,
  everyMs: number,
): Promise<void> {
  await db.query(
    `update api_catalog.specs set refresh_error = $2, refresh_failures = refresh_failures + 1,
       next_refresh_at = now() + interval '1 ms' *
         greatest($3::float8, least($4::float8, $3::float8 * 2 ^ least(refresh_failures, 20)))
     where id = $1`,
    [specId, error.slice(0, 2_000), everyMs, MAX_BACKOFF_MS],
  )
}

function originOf({ etag, lastModified, ...rest }: OriginRow): SpecOrigin {
  return { ...rest, validators: { etag, lastModified } }
}
