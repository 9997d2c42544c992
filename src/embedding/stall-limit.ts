/** A signal that aborts when `reset` was not called for `stallMs`, until it is disposed. */
export function stallLimit(stallMs: number) {
  const controller = new AbortController()
  const abort = () => controller.abort(new Error(`no batch was written for ${stallMs} ms`))
  let timer = setTimeout(abort, stallMs)
  return {
    signal: controller.signal,
    reset: () => {
      clearTimeout(timer)
      timer = setTimeout(abort, stallMs)
    },
    [Symbol.dispose]: () => clearTimeout(timer),
  }
}
