import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { requestInstruments } from './request-instruments.js'

/** How a job's run ended; the words are those of src/queue/outcome.ts. */
export const JOB_OUTCOMES = [
  'succeeded',
  'yielded',
  'retrying',
  'failed',
  'snoozed',
  'given_back',
  'lease_lost',
] as const

/** What became of a text: `reused` had its vector before anybody asked. */
export const TEXT_RESULTS = ['embedded', 'reused', 'refused', 'unembeddable'] as const

/** How an embedding call ended; the words are those of src/embedding/embedder.ts. */
export const CALL_OUTCOMES = [
  'ok',
  'unavailable',
  'too_large',
  'failed',
  'refused',
  'bad_vectors',
  'aborted',
  'error',
] as const

export const PROVIDER_STATES = ['ready', 'loading', 'unreachable', 'model_missing', 'none'] as const

/** From a worker that is idle to a backlog of hours. */
const WAIT_SECONDS = [0.05, 0.25, 1, 5, 15, 60, 300, 900, 3_600, 14_400, 43_200]
/** From the bundled model's batches to the limit of a call, five minutes by default. */
const CALL_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]
/** Statements take milliseconds; a restart that is waited out takes seconds. */
const DATABASE_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]
/** A batch is halved where it was too much, down to one text; 1,024 is the most that can be set. */
const BATCH_TEXTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024]

export type Metrics = ReturnType<typeof createMetrics>

/**
 * The instruments of one program, in a registry of their own: two programs in one process share
 * none. docs/operations.md says what each means. Labels are words from the lists above, never ids.
 */
export function createMetrics() {
  const registry = new Registry()
  const registers = [registry]
  return {
    registry,
    ...jobInstruments(registers),
    ...embeddingInstruments(registers),
    ...databaseInstruments(registers),
    ...requestInstruments(registers),
  }
}

function jobInstruments(registers: Registry[]) {
  const jobRuns = new Counter({
    name: 'api_catalog_job_runs_total',
    help: 'Runs of embedding jobs by this process, by how they ended',
    labelNames: ['outcome'],
    registers,
  })
  for (const outcome of JOB_OUTCOMES) jobRuns.inc({ outcome }, 0)
  return {
    jobRuns,
    jobAttempts: new Counter({
      name: 'api_catalog_job_attempts_total',
      help: 'Attempts spent: runs that failed by the fault of their own work',
      registers,
    }),
    jobWaitSeconds: new Histogram({
      name: 'api_catalog_job_wait_seconds',
      help: 'From when a job was due until this process claimed it',
      buckets: WAIT_SECONDS,
      registers,
    }),
    leasesLost: new Counter({
      name: 'api_catalog_leases_lost_total',
      help: 'Leases that a worker of this process lost while it worked',
      registers,
    }),
    leasesExpired: new Counter({
      name: 'api_catalog_leases_expired_total',
      help: 'Leases of dead or frozen workers that this process gave back to the queue',
      registers,
    }),
    openJobs: new Gauge({
      name: 'api_catalog_open_jobs',
      help: 'Embedding jobs in the database that are not finished',
      labelNames: ['status'],
      registers,
    }),
    oldestWaitingSeconds: new Gauge({
      name: 'api_catalog_oldest_waiting_job_seconds',
      help: 'Since the oldest pending job was asked for; 0 when none waits',
      registers,
    }),
    specsParked: new Gauge({
      name: 'api_catalog_specs_parked',
      help: 'Specs whose job has failed for good and rests until it is tried again',
      registers,
    }),
  }
}

function embeddingInstruments(registers: Registry[]) {
  const texts = new Counter({
    name: 'api_catalog_texts_total',
    help: 'Texts that jobs of this process settled, by how',
    labelNames: ['result'],
    registers,
  })
  for (const result of TEXT_RESULTS) texts.inc({ result }, 0)
  return {
    texts,
    embedSeconds: new Histogram({
      name: 'api_catalog_embed_seconds',
      help: 'Embedding calls of this process',
      labelNames: ['of', 'outcome'],
      buckets: CALL_SECONDS,
      registers,
    }),
    batchTexts: new Histogram({
      name: 'api_catalog_batch_texts',
      help: 'Texts in an embedding call of the worker',
      buckets: BATCH_TEXTS,
      registers,
    }),
    providerState: new Gauge({
      name: 'api_catalog_provider_state',
      help: 'The embedder of this process: 1 at its state, 0 at the others',
      labelNames: ['state'],
      registers,
    }),
    operations: new Gauge({
      name: 'api_catalog_operations',
      help: 'Operations in the catalog, by what became of their text in the active space',
      labelNames: ['state'],
      registers,
    }),
    textsSetAside: new Gauge({
      name: 'api_catalog_texts_set_aside',
      help: 'Texts of the active space that the embedder refused',
      registers,
    }),
  }
}

function databaseInstruments(registers: Registry[]) {
  return {
    databaseSeconds: new Histogram({
      name: 'api_catalog_database_seconds',
      help: 'Statements and transactions of this process, waits and tries again included',
      labelNames: ['of'],
      buckets: DATABASE_SECONDS,
      registers,
    }),
    databaseConnections: new Gauge({
      name: 'api_catalog_database_connections',
      help: 'Connections of this process to Postgres, and calls that wait for one',
      labelNames: ['state'],
      registers,
    }),
    databaseUp: new Gauge({
      name: 'api_catalog_database_up',
      help: 'Whether the database answered this scrape; if not, what comes from it is left out',
      registers,
    }),
  }
}
