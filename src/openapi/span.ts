/** A part of a text, from an offset up to another. */
export interface Range {
  start: number
  end: number
}

/** Where a value lies in a JSON text: nowhere yet, while it is new. */
export class Span implements Range {
  start = 0
  end = 0
  /** Of the object that it stands in, as written; empty for the whole document. */
  readonly key: string
  /** Of the values in it; null for a list, and for an object that was not looked into. */
  inside: Spans | null = null
  /** The one behind it in the same object. */
  next: Span | null = null
  /** Where it is a part that is read by itself: whether it was. */
  reading: 'with others' | 'due' | 'done' = 'with others'

  constructor(key: string) {
    this.key = key
  }
}

/** So many keys are looked through one by one; for objects with more there is a map. */
const MAX_COMPARED = 8

/**
 * The spans of one object by key, in their order. Most objects are path items with two or three keys,
 * and there may be tens of thousands: a `Map` for each would take more memory and time.
 */
export class Spans {
  #first: Span | null = null
  #last: Span | null = null
  #size = 0
  #byKey: Map<string, Span> | null = null
  /** Most are asked for in their order. */
  #expected: Span | null = null

  /** The span under a new key, empty until its value is known; null where the key was there before. */
  add(key: string): Span | null {
    if (this.#find(key) !== null) return null
    const span = new Span(key)
    if (this.#last === null) this.#first = span
    else this.#last.next = span
    this.#last = span
    if (++this.#size === MAX_COMPARED) this.#map()
    else this.#byKey?.set(key, span)
    return span
  }

  /** Null for a key that is not there, and for one whose value is neither object nor list. */
  get(key: string): Span | null {
    const expected = this.#expected ?? this.#first
    const found = expected?.key === key ? expected : this.#find(key)
    this.#expected = found?.next ?? null
    return found === null || found.end === 0 ? null : found
  }

  get first(): Span | null {
    return this.#first
  }

  #map(): void {
    const byKey = new Map<string, Span>()
    for (let span = this.#first; span !== null; span = span.next) byKey.set(span.key, span)
    this.#byKey = byKey
  }

  #find(key: string): Span | null {
    if (this.#byKey !== null) return this.#byKey.get(key) ?? null
    for (let span = this.#first; span !== null; span = span.next) if (span.key === key) return span
    return null
  }
}
