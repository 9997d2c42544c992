import type { Database } from '../db/database.js'
import { IS_MISSING, WITH_EMBEDDINGS } from './missing.js'

/** Operations, and how many of them are how far in a space. */
export interface SpecCount {
  total: number
  /** Their text has a vector. */
  embedded: number
  /** Their text is settled without one. */
  withoutVector: number
  /** Are still to be embedded, for the first time or again. */
  missing: number
}

/** Those of a spec that have one method. */
export interface MethodCount extends SpecCount {
  method: string
}

/** A spec as it is, by SPEC_VERSION: a count of it holds while that is the same. */
export interface SpecVersion {
  specId: number
  version: string
  /** How often its embeddings were changed. */
  changes: number
  /** A job is embedding it just now. */
  isRunning: boolean
}

/** SQL for the version of spec `s`, with its row `noted` of embedding_changes in the space. */
export const SPEC_VERSION = `s.id as "specId", coalesce(noted.changes, 0) as changes,
  concat_ws(' ', s.created_at, s.revision, s.reembed_requested_at) as version`

/**
 * A spec of so many operations takes longer to count than to search. While it is being embedded it
 * changes with every batch, and is counted again once this many times as long as counting took is
 * over; when its job has ended, at once.
 */
const LARGE_SPEC = 500
const REST_PER_COUNT = 20

interface Counted {
  version: string
  changes: number
  counts: MethodCount[]
  /** Until then it may be a little old, by performance.now(). */
  restsUntil: number
}

/** By space and spec. */
const known = new WeakMap<Database, Map<number, Map<number, Counted>>>()

/**
 * Counts operations by spec and method. Each process keeps the counts and makes anew those of
 * specs that have changed, since counting 80,000 operations takes longer than searching them.
 * `specs` were read before, so no count is older than its version says. Without a space nothing is
 * embedded.
 */
export async function countSpecs(
  db: Database,
  spaceId: number | null,
  specs: readonly SpecVersion[],
): Promise<Map<number, MethodCount[]>> {
  const kept = keptIn(db, spaceId ?? 0)
  const changed = specs.filter((spec) => !holds(kept.get(spec.specId), spec))
  if (changed.length > 0) {
    const began = performance.now()
    const counts = await countNow(db, spaceId, changed)
    const now = performance.now()
    const restsUntil = now + REST_PER_COUNT * (now - began)
    for (const { specId, version, changes } of changed) {
      kept.set(specId, { version, changes, counts: counts.get(specId) ?? [], restsUntil })
    }
  }
  return new Map(specs.map(({ specId }) => [specId, kept.get(specId)?.counts ?? []]))
}

/** What all methods of a spec have together. */
export function sumOf(counts: readonly MethodCount[]): SpecCount {
  const sum = { total: 0, embedded: 0, withoutVector: 0, missing: 0 }
  for (const count of counts) {
    sum.total += count.total
    sum.embedded += count.embedded
    sum.withoutVector += count.withoutVector
    sum.missing += count.missing
  }
  return sum
}

function holds(kept: Counted | undefined, { version, changes, isRunning }: SpecVersion): boolean {
  if (kept?.version !== version) return false
  if (kept.changes === changes) return true
  const isLarge = sumOf(kept.counts).total >= LARGE_SPEC
  return isRunning && isLarge && performance.now() < kept.restsUntil
}

function keptIn(db: Database, spaceId: number): Map<number, Counted> {
  const spaces = known.get(db) ?? new Map<number, Map<number, Counted>>()
  known.set(db, spaces)
  const kept = spaces.get(spaceId) ?? new Map<number, Counted>()
  spaces.set(spaceId, kept)
  return kept
}

async function countNow(
  db: Database,
  spaceId: number | null,
  specs: readonly SpecVersion[],
): Promise<Map<number, MethodCount[]>> {
  const rows = await db.query<MethodCount & { specId: number }>(
    `select o.spec_id as "specId", o.method, count(*) as total,
       count(*) filter (where e.state = 'embedded') as embedded,
       count(*) filter (where e.state <> 'embedded') as "withoutVector",
       count(*) filter (where ${IS_MISSING}) as missing
     from ${WITH_EMBEDDINGS}
     where o.spec_id = any($2::integer[])
     group by o.spec_id, o.method`,
    [spaceId ?? 0, specs.map(({ specId }) => specId)],
  )
  const counts = new Map<number, MethodCount[]>()
  for (const { specId, ...count } of rows) {
    counts.set(specId, [...(counts.get(specId) ?? []), count])
  }
  return counts
}
