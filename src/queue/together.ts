interface Asked<Item, Result> {
  item: Item
  resolve: (result: Result) => void
  reject: (error: unknown) => void
}

/**
 * Makes one call of what is asked for at one time, or while a call is under way.
 * `call` gives a result for each item, in their order; its error is everybody's.
 */
export class Together<Item, Result> {
  readonly #call: (items: Item[]) => Promise<Result[]>
  #waiting: Asked<Item, Result>[] = []
  #isUnderWay = false

  constructor(call: (items: Item[]) => Promise<Result[]>) {
    this.#call = call
  }

  /** How many the next call will be made of. */
  get waiting(): number {
    return this.#waiting.length
  }

  async add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject })
      if (!this.#isUnderWay) queueMicrotask(() => void this.#untilNobodyWaits())
      this.#isUnderWay = true
    })
  }

  async #untilNobodyWaits(): Promise<void> {
    while (this.#waiting.length > 0) {
      const asked = this.#waiting
      this.#waiting = []
      try {
        const results = await this.#call(asked.map(({ item }) => item))
        for (const [n, { resolve }] of asked.entries()) resolve(results[n] as Result)
      } catch (error) {
        for (const { reject } of asked) reject(error)
      }
    }
    this.#isUnderWay = false
  }
}
