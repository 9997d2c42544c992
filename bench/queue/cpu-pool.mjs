// A local model server, as far as its use of cores goes: it has as many slots as the machine has
// cores, a call keeps one of them busy, and what comes beyond them waits.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

/** Work of 51 ms of a core (17 ns a round, measured where the figures are from). The same for every call, so rates can be compared. */
const ROUNDS = 3_000_000

const SLOT = `
  const { parentPort } = require('node:worker_threads')
  parentPort.on('message', (rounds) => {
    let x = 1
    for (let n = 0; n < rounds; n++) x = (x * 1.000000001 + n) % 1048573
    parentPort.postMessage(x)
  })`

export function cpuPool(slots = availableParallelism()) {
  const workers = Array.from({ length: slots }, () => new Worker(SLOT, { eval: true }))
  const idle = [...workers]
  const waiting = []
  return {
    slots,
    /** Burns one call's worth of a core. */
    async burn() {
      const worker = idle.pop() ?? (await new Promise((resolve) => waiting.push(resolve)))
      await new Promise((resolve) => {
        worker.once('message', resolve)
        worker.postMessage(ROUNDS)
      })
      const next = waiting.shift()
      if (next) next(worker)
      else idle.push(worker)
    },
    close: () => Promise.all(workers.map((worker) => worker.terminate())),
  }
}
