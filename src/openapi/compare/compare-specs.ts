import { createComponentLookup } from '../component-lookup.js'
import type { OperationDefinition, ParsedOperation, ParsedSpec } from '../parsed-spec.js'
import { touchedComponents } from '../touched-components.js'
import { compareOperations, type CompareContext } from './compare-operations.js'
import type { Change } from './rules.js'

/** What is compared of a revision. */
export type Comparable = Pick<ParsedSpec, 'operations' | 'components'>

/**
 * An operation by its key, and its `operationId` where no other of its revision has the same; of one
 * that is gone or new none of the other revision either, or both ends of a move would have one name.
 */
export interface ComparedOperation {
  method: string
  path: string
  operationId: string | null
}

/** A change of the document's, and how many of the operations in both revisions have it. */
export type CommonChange = Change & { operations: number }

export interface SpecComparison {
  /** Servers and ways to be let in that changed for nearly all operations: said once. */
  everywhere: CommonChange[]
  added: ComparedOperation[]
  removed: ComparedOperation[]
  /** With what changed beyond `everywhere`; named as in the later revision. */
  changed: (ComparedOperation & { changes: Change[] })[]
  unchanged: number
}

/**
 * How a later revision of a spec differs from an earlier one, operation by operation by their keys
 * (`METHOD path`), in the order of the documents. Pure; linear in what differs: components that are
 * the same in both revisions, with all that they reach, are passed over.
 */
export function compareSpecs(before: Comparable, after: Comparable): SpecComparison {
  const [old, now] = [byKey(before), byKey(after)]
  const context = contextOf(before, after)
  const [goneName, newName, nowName] = [
    namedIn(before, after.operations),
    namedIn(after, before.operations),
    namedIn(after),
  ]
  const kept = [...now].flatMap(([key, operation]) => {
    const earlier = old.get(key)
    return earlier ? [{ earlier, operation }] : []
  })
  const compared = kept.map(({ earlier, operation }) => ({
    ...nowName(operation),
    changes: changesOf(earlier, operation, context),
  }))
  const everywhere = commonChanges(compared.map(({ changes }) => changes))
  const common = new Set(everywhere.map(keyOfChange))
  const isCommon = (change: Change) => common.has(keyOfChange(change))
  const changed = compared
    .map(({ changes, ...rest }) => ({ ...rest, changes: changes.filter((one) => !isCommon(one)) }))
    .filter(({ changes }) => changes.length > 0)
  return {
    everywhere,
    added: [...now].filter(([key]) => !old.has(key)).map(([, operation]) => newName(operation)),
    removed: [...old].filter(([key]) => !now.has(key)).map(([, operation]) => goneName(operation)),
    changed,
    unchanged: kept.length - changed.length,
  }
}

/** A few operations have servers or ways in of their own. */
const NEARLY_ALL = 0.9

/** What a document says once for its operations, and changed for nearly all of them. */
function commonChanges(lists: readonly (readonly Change[])[]): CommonChange[] {
  const common = new Map<string, CommonChange>()
  for (const change of lists.flat()) {
    if (!/^(?:server|security)-/.test(change.rule)) continue
    const key = keyOfChange(change)
    const known = common.get(key)
    if (known) known.operations += 1
    else common.set(key, { ...change, operations: 1 })
  }
  const fewest = Math.max(2, NEARLY_ALL * lists.length)
  return [...common.values()].filter(({ operations }) => operations >= fewest)
}

function keyOfChange({ rule, where, detail }: Change): string {
  return JSON.stringify([rule, where, detail])
}

function byKey({ operations }: Comparable): Map<string, ParsedOperation> {
  return new Map(
    operations.map((operation) => [`${operation.method} ${operation.path}`, operation]),
  )
}

function namedIn(
  { operations }: Comparable,
  others: readonly ParsedOperation[] = [],
): (operation: ParsedOperation) => ComparedOperation {
  const uses = new Map<string | null, number>()
  for (const { operationId } of [...operations, ...others])
    uses.set(operationId, (uses.get(operationId) ?? 0) + 1)
  return ({ method, path, operationId }) => ({
    method,
    path,
    operationId: uses.get(operationId) === 1 ? operationId : null,
  })
}

function changesOf(
  before: ParsedOperation,
  after: ParsedOperation,
  context: CompareContext,
): Change[] {
  if (before.definition === after.definition && reachesNothingNew(after, context)) return []
  const [old, now] = [before, after].map(
    ({ definition }) => JSON.parse(definition) as OperationDefinition,
  ) as [OperationDefinition, OperationDefinition]
  return compareOperations(old, now, context)
}

function reachesNothingNew({ references }: ParsedOperation, { isSame }: CompareContext): boolean {
  return references.every((pointer) => isSame(pointer))
}

function contextOf(before: Comparable, after: Comparable): CompareContext {
  const [old, now] = [definitionsOf(before), definitionsOf(after)]
  const differing = [...new Set([...old.keys(), ...now.keys()])].filter(
    (pointer) => old.get(pointer) !== now.get(pointer),
  )
  const touched = touchedComponents(differing, after.components)
  return {
    before: createComponentLookup(parsed(old)),
    after: createComponentLookup(parsed(now)),
    isSame: (pointer) => !touched.has(pointer),
  }
}

function definitionsOf({ components }: Comparable): Map<string, string> {
  return new Map(components.map(({ pointer, definition }) => [pointer, definition]))
}

function parsed(definitions: ReadonlyMap<string, string>): Map<string, unknown> {
  return new Map([...definitions].map(([pointer, json]) => [pointer, JSON.parse(json) as unknown]))
}
