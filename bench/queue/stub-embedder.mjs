// Embedders whose own speed is known.

/** Takes `delayMs` a call, whatever its size, and keeps no core busy: a provider elsewhere. */
export function waitingStub({ delayMs = 50, dimensions = 256 } = {}) {
  return stub(dimensions, () => new Promise((resolve) => setTimeout(resolve, delayMs)))
}

/**
 * Takes `cpuMs` of a core a call, in a process of its own each call's turn, as a local model server
 * with as many slots as the machine has cores would.
 */
export function cpuStub(pool, { dimensions = 256 } = {}) {
  return stub(dimensions, () => pool.burn())
}

function stub(dimensions, takesItsTime) {
  const identity = { provider: 'bundled', model: 'stub', dimensions, weights: 'stub', recipe: '1' }
  return {
    provider: identity.provider,
    model: identity.model,
    state: 'ready',
    /** Number of calls until now, and when the first began and the last ended. */
    calls: 0,
    firstAt: 0,
    lastAt: 0,
    space: async () => identity,
    async embedOperations(operations) {
      if (this.calls++ === 0) this.firstAt = performance.now()
      await takesItsTime()
      this.lastAt = performance.now()
      return operations.map(() => vectorOf(dimensions))
    },
    embedQuery: async () => [vectorOf(dimensions)],
    async [Symbol.asyncDispose]() {},
  }
}

function vectorOf(dimensions) {
  const vector = Float32Array.from({ length: dimensions }, () => Math.random() - 0.5)
  const norm = Math.hypot(...vector)
  return vector.map((number) => number / norm)
}
