interface Wanted {
  /** Null for what only lies on the way. */
  pointer: string | null
  inside: Map<string, Wanted>
}

/** An object or a list that is open, with what is wanted in it. */
interface Level {
  wanted: Wanted | undefined
  isList: boolean
  /** How many items of the list came. */
  count: number
  /** What the latest key of the object names, while its value is awaited; else null. */
  named: { wanted: Wanted | undefined } | null
}

/**
 * Finds where JSON pointers lead in a text, told its parts in their order: of an object a key and
 * a value by turns. Only what is on the way to a wanted place costs anything.
 */
export class PointerWalk {
  /** Offsets by pointer: of the key, of the item of a list. Of a key given twice, the later. */
  readonly found = new Map<string, number>()
  readonly #root: Wanted = { pointer: null, inside: new Map() }
  readonly #levels: Level[] = []
  #isDone = false

  want(pointer: string, segments: readonly string[]): void {
    let at = this.#root
    for (const segment of segments) {
      const next = at.inside.get(segment) ?? { pointer: null, inside: new Map() }
      at.inside.set(segment, next)
      at = next
    }
    at.pointer = pointer
  }

  /** The outermost object has been closed. */
  get isDone(): boolean {
    return this.#isDone
  }

  /** A key or a value that holds nothing. */
  scalar(offset: number, text: () => string): void {
    this.#step(offset, text)
  }

  open(isList: boolean, offset: number): void {
    const wanted = this.#levels.length === 0 ? this.#root : this.#step(offset, null)
    this.#levels.push({ wanted, isList, count: 0, named: null })
  }

  close(): void {
    if (this.#levels.pop()?.isList === false && this.#levels.length === 0) this.#isDone = true
  }

  /** Takes a key, a value or an item; gives what is wanted of the value or item. */
  #step(offset: number, key: (() => string) | null): Wanted | undefined {
    const level = this.#levels.at(-1)
    if (level === undefined) return undefined
    if (level.isList) return this.#enter(level, String(level.count++), offset)
    if (level.named === null) {
      const wanted = key === null || !level.wanted ? undefined : this.#enter(level, key(), offset)
      level.named = { wanted }
      return undefined // Of a key that is an object itself, nothing is wanted.
    }
    const { wanted } = level.named
    level.named = null
    return wanted
  }

  #enter(level: Level, segment: string, offset: number): Wanted | undefined {
    const wanted = level.wanted?.inside.get(segment)
    if (wanted !== undefined && wanted.pointer !== null) this.found.set(wanted.pointer, offset)
    return wanted
  }
}
