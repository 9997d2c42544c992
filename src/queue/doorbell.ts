/**
 * Wakes one that sleeps until there may be work. A ring between a look and the sleep after it is not
 * missed: the sleep ends at once.
 */
export class Doorbell {
  #rings = 0
  #wake: (() => void) | null = null

  /** How often it rang: read before looking for work, given to the sleep after it. */
  get rings(): number {
    return this.#rings
  }

  ring(): void {
    this.#rings++
    this.#wake?.()
  }

  /** Sleeps until a ring after the first `since`, the end of the time, or the signal. */
  async sleep(ms: number, since: number, signal: AbortSignal): Promise<void> {
    if (since !== this.#rings) return
    await sleep(ms, signal, (done) => {
      this.#wake = done
      return () => void (this.#wake = null)
    })
  }
}

/** Sleeps until the time is over or the signal aborts; `watch` may end it early. Never throws. */
export async function sleep(
  ms: number,
  signal: AbortSignal,
  watch: (done: () => void) => () => void = () => () => {},
): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', done)
      unwatch()
      resolve()
    }
    // An infinite sleep ends by the signal: a timer takes at most 2^31 - 1 ms.
    const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1))
    signal.addEventListener('abort', done)
    const unwatch = watch(done)
  })
}
