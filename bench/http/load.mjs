// Load on a server, and how long it took to answer.
import { Pool } from 'undici'
import { resultOf } from './requests.mjs'

/**
 * As many callers as connections, each of which asks again once it has its answer, for so long.
 * Gives milliseconds of each call.
 */
export async function closedLoop(url, { connections, forMs, requests }) {
  const pool = new Pool(url, { connections, pipelining: 1 })
  const end = performance.now() + forMs
  let next = 0
  const times = []
  const caller = async () => {
    while (performance.now() < end) {
      const start = performance.now()
      await resultOf(await pool.request(requests[next++ % requests.length]))
      times.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: connections }, caller))
  await pool.close()
  return times
}

/**
 * Callers that ask, wait for the answer, think and ask again, until the signal aborts. Gives the
 * milliseconds that `ask(n)` took, and its errors.
 */
export async function callers({ count, thinkingMs, signal, ask }) {
  const times = []
  const errors = []
  let next = 0
  const caller = async () => {
    while (!signal.aborted) {
      const start = performance.now()
      await ask(next++).then(
        () => times.push(performance.now() - start),
        (error) => errors.push(error),
      )
      await new Promise((resolve) => setTimeout(resolve, thinkingMs))
    }
  }
  await Promise.all(Array.from({ length: count }, caller))
  return { times, errors }
}

export function percentile(times, share) {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

export function percentiles(times) {
  const of = (share) => percentile(times, share).toFixed(1)
  return `p50 ${of(0.5)}, p95 ${of(0.95)}, p99 ${of(0.99)} ms`
}
