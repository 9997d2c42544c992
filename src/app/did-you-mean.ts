import { editDistance } from '../catalog/edit-distance.js'
import { operationRows, type OperationRow } from '../catalog/operation-rows.js'
import { readReference } from '../catalog/find-operations.js'
import type { Principal } from '../catalog/principal.js'
import { searchOperations } from '../search/search-operations.js'
import type { Services } from './services.js'

/** Hits by words that are looked at. */
const LOOKED_AT = 50
const SUGGESTED = 3
/** Of the characters of what was asked, so many may be wrong. */
const WRONG_SHARE = 0.3
/** A longer id is compared by its beginning: comparing takes the product of the lengths. */
const COMPARED_CHARS = 200

/** Ids of operations that a misspelt id may mean, most alike first; none where nothing is like it. */
export async function didYouMean(
  { db, queries }: Services,
  principal: Principal,
  asked: string,
): Promise<string[]> {
  const [reference] = readReference(asked)
  const wanted = (reference?.operationId ?? asked).slice(0, COMPARED_CHARS).toLowerCase()
  const { hits } = await searchOperations(db, principal, queries, {
    query: asked.slice(0, COMPARED_CHARS),
    ranking: 'lexical',
  })
  const rows = await operationRows(
    db,
    hits.slice(0, LOOKED_AT).map(({ op }) => op),
  )
  return rows
    .map((row) => ({ id: row.id, distance: nearest(wanted, row) }))
    .filter(({ distance }) => distance <= WRONG_SHARE * wanted.length)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, SUGGESTED)
    .map(({ id }) => id)
}

function nearest(wanted: string, { operation_id, method, path }: OperationRow): number {
  const names = [operation_id ?? '', path, `${method} ${path}`]
  return Math.min(
    ...names.map((name) => editDistance(wanted, name.slice(0, COMPARED_CHARS).toLowerCase())),
  )
}
