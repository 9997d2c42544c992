import { beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Database } from '../../src/db/database.js'
import { startFakeOllama, type FakeOllama, type OllamaKnobs } from '../fakes/ollama-server.js'
import { emptyDatabase } from '../setup/catalog.js'
import { hasPostgres } from '../setup/databases.js'
import { openStorage, RawServer, storageSettings, type Settings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'

const WAIT = { timeout: 40_000, interval: 50 }
/** Batches of several texts never end; what asks for one text is answered. */
const HANGING: Partial<OllamaKnobs> = { slow: { texts: 1, delayMs: 600_000 } }

/** Each setting of the worker, by what it changes outside. On Postgres, as one looks into it. */
describe.skipIf(!hasPostgres)('a setting arrives where it acts:', () => {
  let storage: Settings
  let db: Database

  beforeAll(async () => {
    storage = await storageSettings('postgres')
    db = await openStorage(storage)
    return async () => db[Symbol.asyncDispose]()
  })

  beforeEach(() => emptyDatabase(db))

  const start = async (ollama: FakeOllama, settings: Settings): Promise<RawServer> =>
    RawServer.start({
      ...storage,
      API_CATALOG_EMBEDDER: 'ollama',
      OLLAMA_HOST: ollama.url,
      ...settings,
    })
  const upload = async (server: RawServer, name: string, count = 20): Promise<void> => {
    const { isError } = await server.call('upload_spec', { content: manyOperations(name, count) })
    expect(isError).toBe(false)
  }
  const jobs = () =>
    db.query<{ status: string; attempts: number; last_error: string | null; wait_ms: number }>(
      `select status, attempts, last_error,
         extract(epoch from next_run_at - updated_at)::float8 * 1000 as wait_ms
       from api_catalog.embedding_jobs order by id`,
    )
  const batchSizes = ({ requests }: FakeOllama) =>
    requests.map(({ texts }) => texts.length).filter((length) => length > 1)

  test('workers, batch size and calls per job', async () => {
    await using ollama = await startFakeOllama(HANGING)
    const server = await start(ollama, {
      API_CATALOG_WORKERS: '2',
      API_CATALOG_BATCH_SIZE: '5',
      API_CATALOG_EMBED_CONCURRENCY: '3',
    })
    for (const name of ['one', 'two', 'three']) await upload(server, name)
    await expect.poll(() => batchSizes(ollama), WAIT).toEqual([5, 5, 5, 5, 5, 5])
    expect((await jobs()).map(({ status }) => status).toSorted()).toEqual([
      'pending',
      'running',
      'running',
    ])
    await server.close()
  })

  test('the connections are two more than the workers', async () => {
    await using ollama = await startFakeOllama()
    const server = await start(ollama, { API_CATALOG_WORKERS: '8' })
    await upload(server, 'one', 200)
    let most = 0
    const calls = Array.from({ length: 100 }, () => server.call('list_specs'))
    const ended = Promise.all(calls).then(() => true)
    for (let isOver = false; !isOver;) {
      const [row] = await db.query<{ count: number }>(
        `select count(*) as count from pg_stat_activity
         where datname = current_database() and application_name = 'api-catalog-mcp'`,
      )
      most = Math.max(most, row!.count)
      isOver = await Promise.race([ended, new Promise<false>((r) => setTimeout(r, 5, false))])
    }
    // Ten, the listener's, and up to two of this test's own.
    expect(most).toBeGreaterThan(8)
    expect(most).toBeLessThanOrEqual(13)
    await server.close()
  })

  test('the lease', async () => {
    await using ollama = await startFakeOllama(HANGING)
    const server = await start(ollama, { API_CATALOG_LEASE_MS: '7000' })
    await upload(server, 'one')
    const lease = () =>
      db.query<{ ms: number }>(
        `select extract(epoch from lease_expires_at - started_at)::float8 * 1000 as ms
         from api_catalog.embedding_jobs where status = 'running'`,
      )
    await expect.poll(async () => (await lease())[0]?.ms, WAIT).toBe(7_000)
    // Renewed every third of it.
    await expect.poll(async () => (await lease())[0]?.ms, WAIT).toBeGreaterThan(9_000)
    await server.close()
  })

  test('the limit of a batch', async () => {
    await using ollama = await startFakeOllama(HANGING)
    const server = await start(ollama, { API_CATALOG_EMBED_TIMEOUT_MS: '300' })
    await upload(server, 'one', 4)
    await expect.poll(() => batchSizes(ollama).slice(0, 3), WAIT).toEqual([4, 2, 2])
    await expect.poll(async () => (await jobs())[0], WAIT).toMatchObject({ status: 'succeeded' })
    await server.close()
  })

  test('the limit of a question', async () => {
    await using ollama = await startFakeOllama()
    const server = await start(ollama, { API_CATALOG_QUERY_TIMEOUT_MS: '321' })
    await upload(server, 'one')
    await server.call('embedding_status', { wait_ms: 20_000 })
    await ollama.set({ delayMs: 600_000 })
    const { facts, text } = await server.call('search_operations', { query: 'the item' })
    expect(facts).toMatchObject({ ranking: 'lexical', fallback: 'query_timeout' })
    expect(text + JSON.stringify(facts)).toContain('321 ms')
    await server.close()
  })

  test('the stall limit, the retries and their wait', async () => {
    await using ollama = await startFakeOllama(HANGING)
    const stalling = { API_CATALOG_STALL_MS: '1000', API_CATALOG_RETRY_BASE_MS: '100000' }
    const server = await start(ollama, stalling)
    await upload(server, 'one')
    const failed = { attempts: 1, last_error: 'no batch was written for 1000 ms' }
    await expect
      .poll(async () => (await jobs())[0], WAIT)
      .toMatchObject({ ...failed, status: 'pending' })
    const [job] = await jobs()
    expect(job!.wait_ms).toBeGreaterThanOrEqual(80_000)
    expect(job!.wait_ms).toBeLessThanOrEqual(120_000)
    await server.close()
    await emptyDatabase(db)
    const strict = await start(ollama, { ...stalling, API_CATALOG_MAX_RETRIES: '0' })
    await upload(strict, 'one')
    await expect
      .poll(async () => (await jobs())[0], WAIT)
      .toMatchObject({ ...failed, status: 'failed' })
    await strict.close()
  })

  test('the poll, the reaper, the reconciler and the retention', async () => {
    await using ollama = await startFakeOllama()
    const server = await start(ollama, {
      API_CATALOG_POLL_MS: '200',
      API_CATALOG_REAP_MS: '200',
      API_CATALOG_RECONCILE_MS: '500',
      API_CATALOG_RETENTION_DAYS: '3',
    })
    await upload(server, 'one')
    const succeeded = async (count: number) =>
      vi.waitFor(async () => {
        const done = (await jobs()).filter(({ status }) => status === 'succeeded')
        expect(done).toHaveLength(count)
      }, WAIT)
    await succeeded(1)
    // A job that nobody was told of.
    await db.query(
      `insert into api_catalog.embedding_jobs (spec_id, space_id, kind)
       select spec_id, space_id, 'manual_retry' from api_catalog.embedding_jobs`,
    )
    await succeeded(2)
    // One whose worker is dead.
    await db.query(
      `insert into api_catalog.embedding_jobs
         (spec_id, space_id, kind, status, lease_token, lease_expires_at)
       select spec_id, space_id, 'manual_retry', 'running', gen_random_uuid(), now()
       from api_catalog.embedding_jobs limit 1`,
    )
    await succeeded(3)
    // Vectors that were lost.
    await db.query(`delete from api_catalog.embeddings`)
    await succeeded(4)
    // Jobs of four days ago, but for the spec's last one.
    await db.query(`update api_catalog.embedding_jobs set completed_at = now() - interval '4 days'`)
    await succeeded(1)
    await server.close()
  })

  test('the model, and how loud the log is', async () => {
    const models = [{ name: 'all-minilm:latest', digest: 'b'.repeat(64) }]
    await using ollama = await startFakeOllama({ models })
    const server = await start(ollama, {
      API_CATALOG_OLLAMA_MODEL: 'all-minilm',
      API_CATALOG_LOG_LEVEL: 'silent',
    })
    await upload(server, 'one')
    const { facts } = await server.call('embedding_status', { wait_ms: 20_000 })
    expect(facts.embedder).toMatchObject({ provider: 'ollama', model: 'all-minilm' })
    expect(ollama.requests.some(({ model }) => model === 'all-minilm')).toBe(true)
    await server.close()
    expect(server.log).toBe('')
  })
})
