import { withResolvers } from '../db/with-resolvers.js'

/** A batch waits so long for questions to end, in milliseconds, and then goes on beside them. */
const PATIENCE_MS = 250

/**
 * The questions that this process answers just now. Somebody waits for each of them, and nobody for
 * a batch: before each one the worker lets them end, so that the cores are theirs. Not for long, so
 * that embedding goes on under any load.
 */
export class Questions {
  #underWay = 0
  #over = withResolvers<void>()

  /** A question is under way until what is given is disposed. */
  begin(): Disposable {
    this.#underWay++
    return {
      [Symbol.dispose]: () => {
        if (--this.#underWay > 0) return
        this.#over.resolve()
        this.#over = withResolvers<void>()
      },
    }
  }

  /** Waits until no question is under way, at most for a while. */
  async letEnd(): Promise<void> {
    if (this.#underWay === 0) return
    const { promise: late, resolve } = withResolvers<void>()
    const timer = setTimeout(resolve, PATIENCE_MS)
    await Promise.race([this.#over.promise, late])
    clearTimeout(timer)
  }
}
