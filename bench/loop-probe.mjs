import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded into a server with `--import`: watches its main thread, and prints on SIGUSR2 the longest
 * time between two turns of its event loop since the last print, by the clock and in time of the
 * processor. On a shared machine the second is what the program itself did.
 */
const TICK_MS = 2

if (isMainThread) {
  let longest = { wallMs: 0, cpuMs: 0 }
  let wall = performance.now()
  let cpu = cpuMs()
  setInterval(() => {
    const [now, used] = [performance.now(), cpuMs()]
    longest = {
      wallMs: Math.max(longest.wallMs, now - wall - TICK_MS),
      cpuMs: Math.max(longest.cpuMs, used - cpu),
    }
    wall = now
    cpu = used
  }, TICK_MS).unref()
  process.on('SIGUSR2', () => {
    const status = readFileSync('/proc/self/status', 'utf8')
    const mb = (field) =>
      Math.round(Number(status.match(new RegExp(`${field}:\\s+(\\d+)`))[1]) / 1024)
    const figures = { ...longest, rssMb: mb('VmRSS'), peakMb: mb('VmHWM') }
    process.stderr.write(`loop-probe ${JSON.stringify(figures)}\n`)
    longest = { wallMs: 0, cpuMs: 0 }
  })
}

function cpuMs() {
  const [ns] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'utf8').split(' ')
  return Number(ns) / 1e6
}
