import { arrayOrEmpty, isObject } from './json-value.js'
import { cleanName, MAX_NAME_CHARS } from './search-text.js'

/** Levels of tags looked at. Real trees have two or three. */
const MAX_LEVELS = 10

/** Since 3.2 a tag may lie in another (`parent`). */
export class TagTree {
  readonly #parents = new Map<string, string>()

  /** `tags` is the document's list of them. */
  constructor(tags: unknown) {
    for (const tag of arrayOrEmpty(tags)) {
      if (!isObject(tag)) continue
      const name = cleanName(tag['name'], MAX_NAME_CHARS)
      const parent = cleanName(tag['parent'], MAX_NAME_CHARS)
      if (name === null || parent === null || this.#parents.has(name)) continue
      this.#parents.set(name, parent)
    }
  }

  /** An operation's tags with those that they lie in, so that it is found by them too. */
  withAncestors(own: string[]): string[] {
    const parents = this.#parents
    if (parents.size === 0) return own
    return [...new Set([...own, ...own.flatMap((name) => ancestors(name, parents))])]
  }
}

function ancestors(name: string, parents: ReadonlyMap<string, string>): string[] {
  const found: string[] = []
  for (let at = parents.get(name); at !== undefined; at = parents.get(at)) {
    if (found.length === MAX_LEVELS) break
    found.push(at)
  }
  return found
}
