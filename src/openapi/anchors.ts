import { isObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'

/** The pointers of what has an `$anchor` or `$dynamicAnchor`, the first of each name: `/a/b`. */
export function anchorsIn(root: unknown): ReadonlyMap<string, string> {
  const anchors = new Map<string, string>()
  const open = [{ value: root, pointer: '' }]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer } = next
    if (typeof value !== 'object' || value === null) continue
    for (const name of isObject(value) ? [value['$anchor'], value['$dynamicAnchor']] : []) {
      if (typeof name === 'string' && !anchors.has(name)) anchors.set(name, pointer)
    }
    for (const [key, inner] of Object.entries(value).toReversed()) {
      open.push({ value: inner, pointer: joinPointer(pointer, key) })
    }
  }
  return anchors
}
