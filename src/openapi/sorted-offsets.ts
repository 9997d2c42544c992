import type { Range } from './span.js'

/** Ascending offsets in a text, which is asked for part by part, mostly in their order. */
export class SortedOffsets {
  readonly #offsets: number[] = []
  /** The index found last. */
  #latest = 0

  add(offset: number): void {
    this.#offsets.push(offset)
  }

  /** Behind the last there is none. */
  at(index: number): number {
    return this.#offsets[index] ?? Infinity
  }

  /** The index of the first offset that is not before `offset`: by steps that double, then halve. */
  firstFrom(offset: number): number {
    let low = (this.#offsets[this.#latest - 1] ?? Infinity) < offset ? this.#latest : 0
    let step = 1
    for (; this.at(low + step - 1) < offset; step *= 2) low += step
    let high = low + step - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.at(middle) < offset) low = middle + 1
      else high = middle
    }
    this.#latest = low
    return low
  }

  /** Whether any is in a part of the text. */
  areIn({ start, end }: Range): boolean {
    return this.at(this.firstFrom(start)) < end
  }
}

/** Where a word begins in a text; not where it began less than `apart` before. */
export function offsetsOf(text: string, word: string, apart: number): SortedOffsets {
  const offsets = new SortedOffsets()
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + apart)) offsets.add(at)
  return offsets
}
