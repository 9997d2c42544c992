import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded into a server with `--import`: watches its main thread, and prints on SIGUSR2 the longest
 * time between two turns of its event loop since the last print, by the clock, and of that what the
 * thread waited for a core; and the longest in time of the processor, which is what the program
 * itself did, whatever else the machine had to do.
 */
const TICK_MS = 2

if (isMainThread) {
  const none = { wallMs: 0, waitMs: 0, cpuMs: 0 }
  let longest = { ...none }
  let wall = performance.now()
  let before = scheduled()
  setInterval(() => {
    const [now, used] = [performance.now(), scheduled()]
    const gap = now - wall - TICK_MS
    if (gap > longest.wallMs) {
      longest = { ...longest, wallMs: gap, waitMs: used.waitedMs - before.waitedMs }
    }
    longest.cpuMs = Math.max(longest.cpuMs, used.ranMs - before.ranMs)
    wall = now
    before = used
  }, TICK_MS).unref()
  process.on('SIGUSR2', () => {
    const status = readFileSync('/proc/self/status', 'utf8')
    const mb = (field) =>
      Math.round(Number(status.match(new RegExp(`${field}:\\s+(\\d+)`))[1]) / 1024)
    const figures = { ...longest, rssMb: mb('VmRSS'), peakMb: mb('VmHWM') }
    process.stderr.write(`loop-probe ${JSON.stringify(figures)}\n`)
    longest = { ...none }
  })
}

/** How long the main thread ran, and how long it could have, had a core been free. */
function scheduled() {
  const [ran, waited] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  return { ranMs: Number(ran) / 1e6, waitedMs: Number(waited) / 1e6 }
}
