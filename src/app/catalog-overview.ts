import type { Principal } from '../catalog/principal.js'
import { listSpecs, type SpecRow } from '../catalog/specs.js'
import type { Badge } from '../embedding/embedding-status.js'
import { openJobs, type OpenJobs } from '../embedding/open-jobs.js'
import { shownSource } from './answer.js'
import { embeddingStatus, type Status } from './embedding-status.js'
import type { Services } from './services.js'

/** Which specs of a catalog are looked at. */
export interface SpecsFilter {
  badge?: Badge | undefined
  /** Part of a spec's name or title. */
  name?: string | undefined
  /** From 1. */
  page: number
}

/** A spec and how far it is embedded. */
export type SpecOverview = Status['specs'][number] &
  Pick<SpecRow, 'title' | 'version' | 'revision' | 'source' | 'refresh_error'>

/** The state of all specs of a catalog, or of all catalogs. */
export interface CatalogState {
  /** Of the catalog that is looked at, or of all. */
  status: Status
  /** How many specs have each badge, of those in the catalog that is looked at. */
  badges: ReadonlyMap<string, number>
  queue: OpenJobs
  catalogs: string[]
  specs: SpecOverview[]
}

/** One page of the specs that fit a filter. */
export interface SpecsPage {
  specs: SpecOverview[]
  /** Of all pages. */
  count: number
  pages: number
}

const SPECS_PER_PAGE = 50

/**
 * The state of everything: as many statements for many specs as for one, and yet it reads every
 * operation's row.
 */
export async function catalogState(
  services: Services,
  principal: Principal,
  catalog: string | undefined,
): Promise<CatalogState> {
  const [{ structured: status }, rows, queue] = await Promise.all([
    embeddingStatus(services, principal, { catalog }),
    listSpecs(services.db, principal),
    openJobs(services.db, principal),
  ])
  const rowOf = new Map(rows.map((row) => [`${row.catalog}/${row.name}`, row]))
  return {
    status,
    badges: countBadges(status.specs),
    queue,
    catalogs: [...new Set(rows.map((row) => row.catalog))],
    specs: status.specs.flatMap((spec) => {
      const row = rowOf.get(`${spec.catalog}/${spec.spec_name}`)
      return row ? [overviewOf(spec, row)] : []
    }),
  }
}

/** The page asked for, or the last one. */
export function specsPage(
  specs: readonly SpecOverview[],
  { badge, name, page }: SpecsFilter,
): SpecsPage {
  const wanted = name?.toLowerCase()
  const fitting = specs.filter(
    (spec) =>
      (badge === undefined || spec.badge === badge) &&
      (wanted === undefined ||
        spec.spec_name.includes(wanted) ||
        (spec.title ?? '').toLowerCase().includes(wanted)),
  )
  const pages = Math.max(1, Math.ceil(fitting.length / SPECS_PER_PAGE))
  const start = (Math.min(page, pages) - 1) * SPECS_PER_PAGE
  return { specs: fitting.slice(start, start + SPECS_PER_PAGE), count: fitting.length, pages }
}

export function overviewOf(spec: Status['specs'][number], row: SpecRow): SpecOverview {
  const { title, version, revision, source, refresh_error } = row
  return {
    ...spec,
    title,
    version,
    revision,
    source: source === null ? null : shownSource(source),
    refresh_error,
  }
}

function countBadges(specs: Status['specs']): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { badge } of specs) counts.set(badge, (counts.get(badge) ?? 0) + 1)
  return counts
}
