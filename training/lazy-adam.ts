const DECAY = 0.9
const SQUARE_DECAY = 0.999
const EPSILON = 1e-8

/**
 * Adam for a table of which each step touches few rows: only those are moved, and only their
 * moments decay.
 */
export class LazyAdam {
  readonly values: Float32Array
  readonly #width: number
  readonly #gradient: Float32Array
  readonly #mean: Float32Array
  readonly #square: Float32Array
  readonly #touched = new Set<number>()
  #step = 0

  /** `values` is changed in place. */
  constructor(values: Float32Array, width: number) {
    this.values = values
    this.#width = width
    this.#gradient = new Float32Array(values.length)
    this.#mean = new Float32Array(values.length)
    this.#square = new Float32Array(values.length)
  }

  /** Adds `factor · source` to a row's gradient. */
  addGradient(row: number, source: Float32Array, factor: number): void {
    this.#touched.add(row)
    const start = row * this.#width
    for (let i = 0; i < this.#width; i++) {
      this.#gradient[start + i]! += factor * source[i]!
    }
  }

  /** Moves the touched rows, each pulled towards `anchor` where there is one. */
  step(rate: number, pull = 0, anchor?: Float32Array): void {
    this.#step++
    const meanScale = 1 / (1 - DECAY ** this.#step)
    const squareScale = 1 / (1 - SQUARE_DECAY ** this.#step)
    for (const row of this.#touched) {
      for (let at = row * this.#width; at < (row + 1) * this.#width; at++) {
        const value = this.values[at]!
        const gradient = this.#gradient[at]! + pull * (value - (anchor?.[at] ?? 0))
        this.#gradient[at] = 0
        this.#mean[at] = DECAY * this.#mean[at]! + (1 - DECAY) * gradient
        this.#square[at] = SQUARE_DECAY * this.#square[at]! + (1 - SQUARE_DECAY) * gradient ** 2
        const root = Math.sqrt(this.#square[at]! * squareScale) + EPSILON
        this.values[at] = value - (rate * this.#mean[at]! * meanScale) / root
      }
    }
    this.#touched.clear()
  }
}
