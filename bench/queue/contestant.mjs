// One queue in one shape: `node contestant.mjs QUEUE URL WORKERS BATCH JOBS` prints jobs a second
// from the first claim to the last completion. The jobs do nothing.
import { EventEmitter } from 'node:events'
import { Pool } from 'pg'

const [queue, url, ...numbers] = process.argv.slice(2)
const [workers, batch, jobs] = numbers.map(Number)

const CONTESTANTS = {
  ours,
  'our worker': ourWorker,
  'pg-boss': pgBoss,
  'graphile-worker': graphileWorker,
}
const ms = await CONTESTANTS[queue]()
console.log((jobs * 1000) / ms)

/** The statements that the worker runs, as pg-boss is asked: `workers` loops, `batch` jobs each. */
async function ours() {
  const { claimJobs, succeedAndClaim } = await import('../../dist/queue/claim.js')
  const { succeedJobs } = await import('../../dist/queue/finish.js')
  const { db, spaceId } = await ourJobs()
  const request = { spaceId, workerId: 'bench', leaseMs: 60_000, limit: batch }
  const ms = await timed(async () => {
    let jobs = await claimJobs(db, request)
    while (jobs.length > 1) {
      await succeedJobs(db, jobs)
      jobs = await claimJobs(db, request)
    }
    while (jobs.length > 0) jobs = (await succeedAndClaim(db, jobs[0], request)).claimed
  })
  await db[Symbol.asyncDispose]()
  return ms
}

/** The whole of it, leases, heartbeats and log included, with a place for each job of a batch. */
async function ourWorker() {
  const { createMetrics } = await import('../../dist/metrics/create-metrics.js')
  const { QueueWorker } = await import('../../dist/queue/worker.js')
  const { readConfig } = await import('../../dist/config.js')
  const { db, log, spaceId } = await ourJobs()
  let done = 0
  const finished = new EventEmitter()
  const all = new Promise((resolve) => finished.once('all', resolve))
  const metrics = createMetrics()
  const count = metrics.jobRuns.inc.bind(metrics.jobRuns)
  metrics.jobRuns.inc = (labels) => {
    count(labels)
    if (++done === jobs) finished.emit('all')
  }
  const began = performance.now()
  const worker = new QueueWorker({
    db,
    log,
    metrics,
    spaces: async () => ({ spaceIds: [spaceId], waitMs: Infinity }),
    work: async () => {},
    reconcile: async () => {},
    settings: { ...readConfig({}, {}), workers: workers * batch },
  }).start()
  await all
  const ms = performance.now() - began
  await worker[Symbol.asyncDispose]()
  await db[Symbol.asyncDispose]()
  return ms
}

async function ourJobs() {
  const { openDatabase } = await import('../../dist/db/open-database.js')
  const { pino } = await import('pino')
  const log = pino({ level: 'silent' })
  const options = { url, dataDir: '', poolSize: workers + 2, log, programVersion: '0.0.0-bench' }
  const db = await openDatabase(options)
  await db.query(
    `with c as (insert into api_catalog.catalogs (name) values ('default') returning id),
     space as (
       insert into api_catalog.embedding_spaces
         (provider, model, dimensions, weights, recipe, is_active)
       values ('bundled', 'stub', 256, 'stub', '1', true) returning id),
     specs as (
       insert into api_catalog.specs (catalog_id, name, revision, operation_count)
       select c.id, 'spec-' || n, 1, 0 from c, generate_series(1, ${jobs}) n returning id)
     insert into api_catalog.embedding_jobs (spec_id, space_id, kind)
     select specs.id, space.id, 'spec_write' from specs, space`,
  )
  const [{ id: spaceId }] = await db.query(`select id from api_catalog.embedding_spaces`)
  return { db, log, spaceId }
}

async function pgBoss() {
  const { PgBoss } = await import('pg-boss')
  const boss = new PgBoss({ connectionString: url, max: workers + 2, supervise: false })
  await boss.start()
  await boss.createQueue('work')
  await boss.insert(
    'work',
    Array.from({ length: jobs }, (_, n) => ({ data: { n } })),
  )
  const ms = await timed(async () => {
    const fetch = () => boss.fetch('work', { batchSize: batch })
    for (let found = await fetch(); found.length > 0; found = await fetch()) {
      await boss.complete(
        'work',
        found.map(({ id }) => id),
      )
    }
  })
  await boss.stop({ graceful: false })
  return ms
}

/** It has no batches of jobs that are completed one by one; its own are what its local queue takes. */
async function graphileWorker() {
  const { Logger, makeWorkerUtils, run } = await import('graphile-worker')
  const logger = new Logger(() => () => {})
  const utils = await makeWorkerUtils({ connectionString: url, logger })
  await utils.migrate()
  const pool = new Pool({ connectionString: url, max: workers + 2 })
  await pool.query(
    `select graphile_worker.add_job('work', json_build_object('n', n))
     from generate_series(1, ${jobs}) n`,
  )
  let done = 0
  const finished = new EventEmitter()
  const events = new EventEmitter()
  events.on('job:complete', () => ++done === jobs && finished.emit('all'))
  const all = new Promise((resolve) => finished.once('all', resolve))
  const began = performance.now()
  const runner = await run({
    pgPool: pool,
    concurrency: workers,
    noHandleSignals: true,
    logger,
    events,
    taskList: { work: async () => {} },
    ...(batch > 1 && { preset: { worker: { localQueue: { size: batch * workers } } } }),
  })
  await all
  const ms = performance.now() - began
  await runner.stop()
  await utils.release()
  await pool.end()
  return ms
}

/** Milliseconds until all lanes are done. */
async function timed(lane) {
  const began = performance.now()
  await Promise.all(Array.from({ length: workers }, lane))
  return performance.now() - began
}
