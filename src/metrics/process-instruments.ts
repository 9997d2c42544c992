import { collectDefaultMetrics } from 'prom-client'
import type { Metrics } from './create-metrics.js'

/**
 * Adds what prom-client tells of any Node process (`process_*`, `nodejs_*`): processor time, memory,
 * garbage collection, and how late the event loop is. For a process that somebody scrapes: the
 * loop's lateness is sampled by a timer.
 */
export function observeProcess({ registry }: Metrics): void {
  collectDefaultMetrics({ register: registry })
}
