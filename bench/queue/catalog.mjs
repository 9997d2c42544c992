// Databases, specs and services for the queue's benchmarks, through the build in `dist/`.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { pino } from 'pino'
import { servicesOn as openServices } from '../../dist/app/services.js'
import { startWorker } from '../../dist/app/start-worker.js'
import { uploadSpec } from '../../dist/app/upload-spec.js'
import { localPrincipal } from '../../dist/catalog/principal.js'
import { readConfig } from '../../dist/config.js'
import { openDatabase } from '../../dist/db/open-database.js'
import { createMetrics } from '../../dist/metrics/create-metrics.js'

const log = pino({ level: 'warn' }, pino.destination(2))

/** Runs `work` with the URL of a new database on the server, and drops it after. */
export async function withPostgres(server, work) {
  const name = `api_catalog_bench_${randomBytes(4).toString('hex')}`
  await onServer(server, `create database ${name}`)
  const url = new URL(server)
  url.pathname = `/${name}`
  try {
    return await work(url.href)
  } finally {
    await onServer(server, `drop database ${name} with (force)`)
  }
}

async function onServer(url, sql) {
  const client = new Client({ connectionString: url })
  await client.connect()
  await client.query(sql)
  await client.end()
}

/** Runs `work` with an open database of ours: on the server, or embedded in a new directory. */
export async function withDatabase(server, work, { workers = 1 } = {}) {
  if (server) {
    return withPostgres(server, (url) => open({ url, dataDir: '' }, work, workers))
  }
  const dataDir = await mkdtemp(join(tmpdir(), 'api-catalog-bench-'))
  try {
    return await open({ dataDir }, work, workers)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

async function open(place, work, workers) {
  const poolSize = workers + 4
  const db = await openDatabase({ ...place, poolSize, log, programVersion: '0.0.0-bench' })
  try {
    return await work(db)
  } finally {
    await db[Symbol.asyncDispose]()
  }
}

/** What a process with this embedder and these settings works with. */
export function servicesOn(db, embedder, settings = {}) {
  return openServices({
    config: { ...readConfig({}, {}), ...settings },
    log,
    db,
    embedder,
    standIn: null,
    metrics: createMetrics(),
    allowPrivateUrls: false,
  })
}

/** Runs `work` while the background worker works. */
export async function working(services, work) {
  const worker = startWorker(services, () => 'owner')
  try {
    return await work()
  } finally {
    await worker[Symbol.asyncDispose]()
    await services.validator[Symbol.asyncDispose]()
    await services.spaces[Symbol.asyncDispose]()
  }
}

/** Uploads a spec of so many operations, each with a text of its own. */
export async function upload(services, name, operations) {
  const paths = {}
  for (let n = 0; n < operations; n++) {
    paths[`/${name}/items-${n}/{id}`] = {
      get: {
        summary: `Read the ${ORDINALS[n % ORDINALS.length]} item number ${n} of ${name}`,
        description: 'Gives the item with its owner, its labels and when it was changed last.',
        responses: { 200: { description: 'OK' } },
      },
    }
  }
  const content = JSON.stringify({ openapi: '3.1.0', info: { title: name, version: '1' }, paths })
  return uploadSpec(services, localPrincipal, { content, name })
}

const ORDINALS = ['open', 'closed', 'archived', 'shared', 'private', 'pinned', 'late', 'paid']

/** Waits until no job is pending or running; throws when one has failed. */
export async function untilSettled(db, everyMs = 20) {
  for (;;) {
    const rows = await db.query(
      `select count(*) filter (where status in ('pending', 'running')) as open,
         min(last_error) filter (where status = 'failed') as error
       from api_catalog.embedding_jobs`,
    )
    if (rows[0].error) throw new Error(`a job failed: ${rows[0].error}`)
    if (rows[0].open === 0) return
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
