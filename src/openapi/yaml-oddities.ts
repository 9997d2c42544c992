import { joinPointer } from './json-pointer.js'
import type { YamlReading } from './read-yaml.js'
import type { WarningList } from './warning-list.js'

/** Warns of what YAML holds that an API's description cannot: tags, odd keys, keys given twice. */
export function noteOddities(reading: YamlReading, warnings: WarningList): void {
  const { documents, duplicates, withOddKeys, withOddMerges, tags } = reading
  if (tags.size > 0) {
    const names = [...tags].map((name) => name.slice(0, 40)).join(', ')
    const message = `YAML tags mean nothing here (${names}). What stands behind them is kept.`
    warnings.add('BAD_TYPE', '', message)
  }
  if (duplicates.length + withOddKeys.size + withOddMerges.size === 0) return
  const withDuplicates = duplicates.map(({ object }) => object)
  const objects = new Set([...withDuplicates, ...withOddKeys, ...withOddMerges])
  const pointers = pointersOf(documents, objects)
  for (const object of withOddKeys) {
    const message = 'A key in it is no text but a list or an object, so that was left out.'
    warnings.add('BAD_TYPE', pointers.get(object) ?? '', message)
  }
  for (const object of withOddMerges) {
    const message = 'A merge key (`<<`) stands before what is no object, so that adds nothing.'
    warnings.add('BAD_TYPE', pointers.get(object) ?? '', message)
  }
  for (const { object, key } of duplicates) {
    const message = `Key "${key.slice(0, 100)}" is given twice. Both are kept where that can be.`
    warnings.add('DUP_KEY', joinPointer(pointers.get(object) ?? '', key), message)
  }
}

/** Where the wanted objects lie. Visits each object once, so aliases do not multiply the work. */
function pointersOf(documents: readonly unknown[], wanted: ReadonlySet<object>) {
  const found = new Map<object, string>()
  const visited = new Set<unknown>()
  const open = documents.map((value) => ({ value, pointer: '' }))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, pointer } = next
    if (typeof value !== 'object' || value === null || visited.has(value)) continue
    visited.add(value)
    if (wanted.has(value)) found.set(value, pointer)
    for (const [key, inner] of Object.entries(value)) {
      open.push({ value: inner, pointer: joinPointer(pointer, key) })
    }
  }
  return found
}
