import { pino } from 'pino'
import { afterAll, onTestFinished } from 'vitest'
import { embeddingStatus, type Status } from '../../src/app/embedding-status.js'
import { servicesOn as openServices, type Services } from '../../src/app/services.js'
import { startWorker } from '../../src/app/start-worker.js'
import { localPrincipal, type Principal } from '../../src/catalog/principal.js'
import { uploadSpec, type UploadReport } from '../../src/catalog/upload-spec.js'
import { readConfig, type Config } from '../../src/config.js'
import type { Database } from '../../src/db/database.js'
import { BatchPace } from '../../src/embedding/batch-pace.js'
import { embedOperations } from '../../src/embedding/embed-operations.js'
import type { Embedder } from '../../src/embedding/embedder.js'
import { Questions } from '../../src/embedding/questions.js'
import { createMetrics } from '../../src/metrics/create-metrics.js'
import { claimJobs } from '../../src/queue/claim.js'
import { succeedJob } from '../../src/queue/finish.js'
import type { ClaimedJob } from '../../src/queue/jobs.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import { specDocument, type OperationSketch } from './spec-document.js'

const log = pino({ level: 'silent' })

const keepers: AsyncDisposable[] = []

afterAll(async () => {
  for (const keeper of keepers.splice(0)) await keeper[Symbol.asyncDispose]()
})

/** Takes everything out of a test's database, as if it had just been migrated. */
export async function emptyDatabase(db: Database): Promise<void> {
  await db.query(
    `truncate api_catalog.catalogs, api_catalog.specs, api_catalog.terms,
       api_catalog.catalog_terms, api_catalog.embedding_spaces, api_catalog.embeddings,
       api_catalog.embedding_jobs, api_catalog.orphaned_texts restart identity cascade`,
  )
}

/** An empty database, and on it a process with a stub embedder, whose space is the active one. */
export async function startAfresh(
  db: Database,
  settings: Partial<Config> = {},
): Promise<{ stub: StubEmbedder; services: Services; spaceId: number }> {
  await emptyDatabase(db)
  const stub = new StubEmbedder()
  const services = servicesOn(db, stub, settings)
  return { stub, services, spaceId: await ownSpace(services) }
}

/** What a process with this embedder and these settings works with. */
export function servicesOn(
  db: Database,
  embedder: Embedder | null,
  settings: Partial<Config> = {},
  standIn: Embedder | null = null,
): Services {
  const services = openServices({
    config: { ...readConfig({}, {}), ...settings },
    log,
    db,
    embedder,
    standIn,
    metrics: createMetrics(),
    allowPrivateUrls: true,
  })
  keepers.push(services.spaces, services.validator)
  return services
}

/** Uploads a spec of these operations under a name, its title the same. */
export async function upload(
  { db, embedder }: Pick<Services, 'db' | 'embedder'>,
  name: string,
  operations: readonly OperationSketch[],
  {
    catalog,
    principal = localPrincipal,
    more = {},
  }: { catalog?: string; principal?: Principal; more?: Record<string, unknown> } = {},
): Promise<UploadReport> {
  return uploadSpec(db, principal, {
    document: { content: specDocument(name, operations, more) },
    source: null,
    limits: readConfig({}, {}),
    catalog,
    name,
    willEmbed: embedder !== null,
  })
}

/** The id of the space of this process's embedder; it becomes the active one if none is. */
export async function ownSpace({ spaces }: Services): Promise<number> {
  const answer = await spaces.own(AbortSignal.timeout(10_000))
  if (!('spaceId' in answer)) throw new Error(answer.message)
  return answer.spaceId
}

/** Claims the next job as a worker does; undefined when none is due. */
export async function claim(
  services: Services,
  { leaseMs = 60_000, workerId = 'a test' } = {},
): Promise<ClaimedJob | undefined> {
  const spaceId = await ownSpace(services)
  const [job] = await claimJobs(services.db, { spaceId, workerId, leaseMs, limit: 1 })
  return job
}

/** Claims the next job; throws when none is due. */
export async function claimOne(
  services: Services,
  lease: { leaseMs?: number; workerId?: string } = {},
): Promise<ClaimedJob> {
  const job = await claim(services, lease)
  if (!job) throw new Error('no job is due')
  return job
}

/** Does a claimed job's work, without saying to the queue how it ended. */
export async function work(
  { db, embedder, config, metrics }: Services,
  job: ClaimedJob,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  if (!embedder) throw new Error('nothing to work with')
  const pace = new BatchPace({ ...config, unhurriedMs: config.queryTimeoutMs / 2 })
  const questions = new Questions()
  await embedOperations({ db, embedder, pace, questions, metrics, settings: config }, job, signal)
}

/** Claims and does every job that is due, one after the other. Gives how many. */
export async function workAll(services: Services): Promise<number> {
  for (let done = 0; ; done++) {
    const job = await claim(services)
    if (!job) return done
    await work(services, job)
    await succeedJob(services.db, job)
  }
}

/** Works in the background until the test ends. */
export function workInBackground(services: Services): void {
  const worker = startWorker(services, () => 'owner')
  onTestFinished(() => worker[Symbol.asyncDispose]())
}

/** The status, as soon as nothing is waiting or running. */
export async function settledStatus(services: Services): Promise<Status> {
  return (await embeddingStatus(services, localPrincipal, { wait_ms: 20_000 })).structured
}

/** The status now. */
export async function statusNow(services: Services): Promise<Status> {
  return (await embeddingStatus(services, localPrincipal, {})).structured
}

export interface JobState {
  id: number
  status: string
  attempts: number
  claims: number
  last_error: string | null
  worker_id: string | null
  lease_token: string | null
  rerun: boolean
  embedded_so_far: number
  wait_ms: number
}

/** All jobs by id, as they stand in the table. */
export async function jobsNow(db: Database): Promise<JobState[]> {
  return db.query<JobState>(
    `select id, status, attempts, claims, last_error, worker_id, lease_token, rerun, embedded_so_far,
       extract(epoch from next_run_at - now())::float8 * 1000 as wait_ms
     from api_catalog.embedding_jobs order by id`,
  )
}

/** Makes every waiting job due, as its time would. */
export async function makeDue(db: Database): Promise<void> {
  await db.query(
    `update api_catalog.embedding_jobs set next_run_at = now() where status = 'pending'`,
  )
  await db.query(`select pg_notify('api_catalog_jobs', '')`)
}

/** Lets every lease run out, as its time would. */
export async function expireLeases(db: Database): Promise<void> {
  await db.query(
    `update api_catalog.embedding_jobs set lease_expires_at = now() - interval '1 ms'
     where status = 'running'`,
  )
}
