import { isObject, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import { SpecError, tooDeep } from './spec-error.js'
import type { WarningList } from './warning-list.js'

/** What aliases may add to a document of any size, in characters. Real ones add thousands. */
const ADDED_CHARS = 1_000_000
/** … and to a big one: so many times itself, but never more than the second figure. */
const ADDED_TIMES = 9
const MAX_ADDED_CHARS = 64_000_000

interface Frame {
  source: object
  copy: JsonObject | unknown[]
  keys: string[]
  next: number
}

/**
 * A finite tree in place of the graph that YAML aliases make: shared parts are copied, and an
 * alias to something it lies in becomes a `$ref` to that. Every walk after this one can be plain.
 * Throws ALIAS_BUDGET when the copies pass a budget, TOO_DEEP when nesting passes `maxDepth`.
 */
export function untangle(
  root: unknown,
  textLength: number,
  maxDepth: number,
  warnings: WarningList,
): unknown {
  if (typeof root !== 'object' || root === null) return root
  const budget = textLength + Math.min(ADDED_CHARS + ADDED_TIMES * textLength, MAX_ADDED_CHARS)
  let spent = 0
  const top = open(root)
  const frames = [top]
  const depthOf = new Map<object, number>([[root, 0]])
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const key = frame.keys[frame.next++]
    if (key === undefined) {
      depthOf.delete(frame.source)
      frames.pop()
      continue
    }
    const value = (frame.source as JsonObject)[key]
    spent += key.length + 1 + (typeof value === 'string' ? value.length : 4)
    if (spent > budget) throw aliasBudget(budget)
    if (typeof value !== 'object' || value === null) {
      put(frame.copy, key, value)
      continue
    }
    const ancestor = depthOf.get(value)
    if (ancestor === undefined) {
      if (frames.length >= maxDepth) throw tooDeep(maxDepth)
      depthOf.set(value, frames.length)
      const inner = open(value)
      put(frame.copy, key, inner.copy)
      frames.push(inner)
    } else {
      const target = pointerTo(frames.slice(0, ancestor))
      put(frame.copy, key, { $ref: `#${target}` })
      warnings.add(
        'CIRCULAR_REF',
        joinPointer(pointerTo(frames.slice(0, -1)), key),
        'A YAML alias points to what contains it. It is read as a $ref to that.',
      )
    }
  }
  return top.copy
}

function open(source: object): Frame {
  return { source, copy: isObject(source) ? {} : [], keys: Object.keys(source), next: 0 }
}

function put(copy: JsonObject | unknown[], key: string, value: unknown): void {
  if (Array.isArray(copy)) copy.push(value)
  else setOwn(copy, key, value)
}

/** Sets a property that is data, `__proto__` included. */
export function setOwn(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    const property = { value, enumerable: true, configurable: true, writable: true }
    Object.defineProperty(object, key, property)
  } else {
    object[key] = value
  }
}

/** The pointer of what is being copied inside these frames: each one's latest key. */
function pointerTo(frames: readonly Frame[]): string {
  return frames.reduce((base, { keys, next }) => joinPointer(base, keys[next - 1] ?? ''), '')
}

function aliasBudget(budget: number): SpecError {
  return new SpecError(
    'ALIAS_BUDGET',
    `the YAML aliases (*name) of this document unfold to more than ${budget} characters. ` +
      'Write the repeated parts as $ref to components instead.',
  )
}
