import type { ComponentLookup } from './component-lookup.js'
import { refsOf } from './find-refs.js'
import { isObject } from './json-value.js'
import { identifier } from './type-name.js'
import type { Direction } from './wanted-properties.js'

/** Schemas looked at to learn whether a type differs; beyond them it is taken to be the same. */
const MAX_SCHEMAS = 100

/** A type to declare. */
export interface DeclaredType {
  name: string
  pointer: string
  direction: Direction
}

/**
 * Names of declared types, each its own. With `bothWays` a type of which a request holds something
 * else than an answer, since a part is read-only or write-only, is `User` in answers and `UserInput`
 * in requests. `onNew` is told each type when it is first named.
 */
export function createDeclaredNames(
  lookup: ComponentLookup,
  bothWays: boolean,
  onNew: (type: DeclaredType) => void,
): (pointer: string, direction: Direction) => string {
  const inputs = new Map<string, string>()
  const others = new Map<string, string>()
  const taken = new Set(['RequestBody', 'ResponseBody'])
  const differing = new Map<string, boolean>()

  function differs(pointer: string): boolean {
    const known = differing.get(pointer) ?? hasOneWayParts(pointer, lookup)
    differing.set(pointer, known)
    return known
  }

  return (pointer, direction) => {
    const isInput = bothWays && direction === 'request' && differs(pointer)
    const names = isInput ? inputs : others
    const known = names.get(pointer)
    if (known !== undefined) return known
    const name = freeName(`${identifier(pointer)}${isInput ? 'Input' : ''}`, taken)
    names.set(pointer, name)
    taken.add(name)
    onNew({ name, pointer, direction })
    return name
  }
}

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted
  for (let nth = 2; taken.has(name); nth++) name = `${wanted}_${nth}`
  return name
}

/** Whether something in a component, or in what it refers to, is read-only or write-only. */
function hasOneWayParts(pointer: string, lookup: ComponentLookup): boolean {
  const found = new Set([pointer])
  for (const next of found) {
    const schema = lookup.find(next)
    if (isOneWay(schema)) return true
    if (found.size < MAX_SCHEMAS) for (const ref of refsOf(schema)) found.add(ref)
  }
  return false
}

function isOneWay(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((item) => isOneWay(item))
  if (!isObject(value)) return false
  const isMarked = value['readOnly'] === true || value['writeOnly'] === true
  return isMarked || Object.values(value).some((part) => isOneWay(part))
}
