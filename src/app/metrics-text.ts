import { measureBacklog, type Backlog } from '../embedding/measure-backlog.js'
import { messageOf } from '../errors.js'
import { PROVIDER_STATES, type Metrics } from '../metrics/create-metrics.js'
import type { Services } from './services.js'

/** What a scrape is answered with. */
export interface MetricsText {
  contentType: string
  text: string
}

/**
 * This process's metrics in Prometheus' text format. What the database alone knows is asked of it
 * now, by one statement; where it does not answer, that part is left out and
 * `api_catalog_database_up` is 0.
 */
export async function metricsText({
  db,
  embedder,
  log,
  metrics,
}: Pick<Services, 'db' | 'embedder' | 'log' | 'metrics'>): Promise<MetricsText> {
  for (const state of PROVIDER_STATES) {
    metrics.providerState.set({ state }, (embedder?.state ?? 'none') === state ? 1 : 0)
  }
  setConnections(metrics, db.connections?.())
  try {
    setBacklog(metrics, await measureBacklog(db))
  } catch (error) {
    log.debug({ reason: messageOf(error) }, 'metrics without those of the database')
    forgetBacklog(metrics)
  }
  const { registry } = metrics
  return { contentType: registry.contentType, text: await registry.metrics() }
}

function setConnections(
  { databaseConnections }: Metrics,
  counts: ReturnType<NonNullable<Services['db']['connections']>> | undefined,
): void {
  for (const [state, count] of Object.entries(counts ?? {})) {
    databaseConnections.set({ state }, count)
  }
}

function setBacklog(metrics: Metrics, backlog: Backlog): void {
  const { openJobs, operations } = metrics
  metrics.databaseUp.set(1)
  openJobs.set({ status: 'pending' }, backlog.pending)
  openJobs.set({ status: 'running' }, backlog.running)
  metrics.oldestWaitingSeconds.set(backlog.oldestWaitingSeconds)
  metrics.specsParked.set(backlog.parked)
  operations.set({ state: 'embedded' }, backlog.embedded)
  operations.set({ state: 'without_vector' }, backlog.withoutVector)
  operations.set({ state: 'missing' }, backlog.missing)
  metrics.textsSetAside.set(backlog.setAside)
}

/** An old number would look like a present one. */
function forgetBacklog(metrics: Metrics): void {
  metrics.databaseUp.set(0)
  metrics.openJobs.reset()
  metrics.operations.reset()
  for (const gauge of [metrics.oldestWaitingSeconds, metrics.specsParked, metrics.textsSetAside]) {
    gauge.remove()
  }
}
