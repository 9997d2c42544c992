import { cleanName, cutText, MAX_NAME_CHARS } from './search-text.js'

/** Each name cleaned, once, in order. */
export function cleanNames(raw: readonly unknown[]): string[] {
  const names: string[] = []
  for (const one of raw) {
    const name = cleanName(one, MAX_NAME_CHARS)
    // Lists are short, so looking through one is faster than making a set of it.
    if (name !== null && !names.includes(name)) names.push(name)
  }
  return names
}

/** A name for one line; empty where there is none. */
export function shortName(name: unknown): string {
  return cleanName(name, 40) ?? ''
}

/** Items with commas, as many as fit; `…` for the rest. */
export function joinUpTo(items: readonly string[], maxChars: number): string {
  let text = ''
  for (const [index, item] of items.entries()) {
    const next = index === 0 ? item : `${text}, ${item}`
    const reserve = index === items.length - 1 ? 0 : 3
    if (next.length + reserve > maxChars) {
      return text === '' ? cutText(item, maxChars) : `${text}, …`
    }
    text = next
  }
  return text
}
