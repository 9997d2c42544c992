import { cleanName, cutText, MAX_NAME_CHARS } from './search-text.js'

/** Each name cleaned, once, in order. */
export function cleanNames(raw: readonly unknown[]): string[] {
  // A list made whole takes less memory than one that grows, and it is kept with each operation.
  const names = raw.map(cleanedName)
  return names.every(isFirst) ? names : names.filter(isFirst)
}

function cleanedName(one: unknown): string | null {
  return cleanName(one, MAX_NAME_CHARS)
}

/** Lists are short, so looking through one is faster than making a set of it. */
function isFirst(name: string | null, index: number, names: (string | null)[]): name is string {
  return name !== null && names.indexOf(name) === index
}

/** A name for one line; empty where there is none. */
export function shortName(name: unknown): string {
  return cleanName(name, 40) ?? ''
}

/** Items with commas, as many as fit; `…` for the rest. */
export function joinUpTo(items: readonly string[], maxChars: number): string {
  let [count, chars] = [0, 0]
  for (const item of items) {
    const reserve = count === items.length - 1 ? 0 : 3
    chars += item.length + (count === 0 ? 0 : 2)
    if (chars + reserve > maxChars) break
    count++
  }
  // Joined in one go: V8 keeps a string that was put together bit by bit as a tree of the bits.
  if (count === items.length) return items.join(', ')
  return count === 0
    ? cutText(items[0] ?? '', maxChars)
    : [...items.slice(0, count), '…'].join(', ')
}
