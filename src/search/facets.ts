import { qualifiedSpec } from '../catalog/names.js'
import type { Principal } from '../catalog/principal.js'
import type { Queryable } from '../db/database.js'
import type { HitLabels } from './hit-labels.js'

/** One way to narrow a question: a value of a filter, and how many operations it leaves. */
export type Facet = { name: string; count: number }

export type Facets = {
  /** `[catalog/]spec`. */
  specs: Facet[]
  tags: Facet[]
  /** Only so many of the first hits were counted, and there are more. */
  counted_among?: number
}

/** A longer tag is a sentence, and nothing to choose by. */
const MAX_TAG_CHARS = 60
/** More would be a list to read instead of a choice to make. */
const MAX_FACETS = 5

/** Where hits are from and what they are tagged with, most frequent first. */
export function facetsOf(labels: Iterable<HitLabels>): Facets {
  const specs = new Map<string, number>()
  const tags = new Map<string, number>()
  for (const { catalog, spec, tags: own } of labels) {
    count(specs, qualifiedSpec(catalog, spec))
    for (const tag of new Set(own)) if (tag.length <= MAX_TAG_CHARS) count(tags, tag)
  }
  return { specs: mostFrequent(specs), tags: mostFrequent(tags) }
}

/** The largest specs of the catalogs asked, for a question that nothing fits. */
export async function largestSpecs(
  db: Queryable,
  principal: Principal,
  catalog: string | undefined,
): Promise<Facet[]> {
  const rows = await db.query<{ catalog: string; spec: string; count: number }>(
    `select c.name as catalog, s.name as spec, s.operation_count as count
     from api_catalog.specs s join api_catalog.catalogs c on c.id = s.catalog_id
     where c.tenant = $1 and ($2::text is null or c.name = $2) and s.operation_count > 0
     order by s.operation_count desc, s.id limit $3`,
    [principal.tenant, catalog ?? null, MAX_FACETS],
  )
  return rows.map(({ catalog, spec, count }) => ({ name: qualifiedSpec(catalog, spec), count }))
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** Of equally frequent ones that which was met first, in a better hit, comes first. */
function mostFrequent(counts: ReadonlyMap<string, number>): Facet[] {
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, MAX_FACETS)
    .map(([name, count]) => ({ name, count }))
}
