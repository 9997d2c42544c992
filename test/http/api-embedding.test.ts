import { beforeAll, describe, expect, test } from 'vitest'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { storageKinds } from '../setup/databases.js'
import { askJson, HttpProcess, openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'

const API = '/api/v1/catalogs'
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)

describe.each(storageKinds)('embedding over REST on %s', (kind) => {
  let server: OpenServer
  beforeAll(async () => {
    const settings = { ...(await storageSettings(kind)), API_CATALOG_EMBEDDER: 'bundled' }
    server = await openHttpServer(settings, { worker: true })
    for (const name of ['one', 'two', 'three']) {
      await askJson(server, `${API}/animals/specs/${name}`, {
        method: 'PUT',
        body: manyOperations(name, 3),
      })
    }
  })
  const get = async (path: string) => (await askJson(server, `${API}/animals/${path}`)).facts
  const settled = (query = '') => get(`embedding-status?wait_ms=20000${query}`)

  test('the status has a row for each spec, or for the one that is asked for', async () => {
    const { specs, summary, embedder } = await settled()
    expect(specs.map((spec: { spec_name: string }) => spec.spec_name)).toEqual([
      'one',
      'three',
      'two',
    ])
    expect(specs[0]).toEqual({
      catalog: 'animals',
      spec_name: 'one',
      badge: 'indexed',
      operation_count: 3,
      embedding_count: 3,
      without_vector_count: 0,
      missing_count: 0,
      embedded_so_far: 3,
      job_status: 'succeeded',
      job_attempts: 0,
      job_last_error: null,
      job_updated_at: INSTANT,
      next_run_at: null,
      eta_seconds: null,
    })
    expect(summary).toMatchObject({ specs_total: 3, specs_indexed: 3, embedding_count: 9 })
    expect(embedder).toMatchObject({ provider: 'bundled', state: 'ready' })
    expect((await settled('&spec=two')).specs).toMatchObject([{ spec_name: 'two' }])
  })

  test('the health is counts', async () => {
    await settled()
    expect(await get('embedding-health')).toEqual({
      specs_total: 3,
      specs_indexed: 3,
      specs_pending: 0,
      specs_running: 0,
      specs_failed: 0,
      operation_count: 9,
      embedding_count: 9,
      without_vector_count: 0,
      embedder: expect.objectContaining({ provider: 'bundled' }),
    })
  })

  test('jobs come newest first, by pages, by spec and by state', async () => {
    await settled()
    const page = await get('embedding-jobs?limit=2')
    expect(page.jobs).toMatchObject([{ spec_name: 'three' }, { spec_name: 'two' }])
    expect(page.jobs[0]).toEqual({
      id: expect.any(Number),
      catalog: 'animals',
      spec_name: 'three',
      kind: 'spec_write',
      status: 'succeeded',
      attempts: 0,
      last_error: null,
      worker_id: null,
      created_at: INSTANT,
      started_at: INSTANT,
      completed_at: INSTANT,
      next_run_at: null,
      lease_expires_at: null,
    })
    const rest = await get(`embedding-jobs?limit=2&cursor=${page.next_cursor}`)
    expect(rest).toEqual({ jobs: [expect.objectContaining({ spec_name: 'one' })] })
    expect((await get('embedding-jobs')).jobs).toHaveLength(3)
    expect((await get('embedding-jobs?spec_name=two')).jobs).toMatchObject([{ spec_name: 'two' }])
    expect((await get('embedding-jobs?status=failed')).jobs).toEqual([])
    expect((await get('embedding-jobs?status=succeeded&limit=500')).jobs).toHaveLength(3)
  })

  test('embedding again is accepted, and says where its job is found', async () => {
    await askJson(server, `${API}/again/specs/zoo`, {
      method: 'PUT',
      body: manyOperations('zoo', 2),
    })
    await askJson(server, `${API}/again/embedding-status?wait_ms=20000`)
    const accepted = await askJson(server, `${API}/again/specs/zoo/reembed`, { method: 'POST' })
    expect(accepted).toMatchObject({
      status: 202,
      facts: { catalog: 'again', spec: 'zoo', job: { status: 'pending' } },
    })
    const { jobs } = (await askJson(server, accepted.headers.get('location')!)).facts
    expect(jobs).toMatchObject([
      { id: accepted.facts.job.id, spec_name: 'zoo', kind: 'manual_retry' },
      { spec_name: 'zoo', kind: 'spec_write' },
    ])
  })
})

test('a job that runs says until when its worker has it; a wait ends when the server stops', async () => {
  let release = (): void => {}
  await using ollama = await startFakeOllama()
  await ollama.set({ held: new Promise((resolve) => (release = resolve)) })
  await using server = await HttpProcess.start({
    ...(await storageSettings()),
    API_CATALOG_EMBEDDER: 'ollama',
    OLLAMA_HOST: ollama.url,
  })
  const body = manyOperations('slow', 5)
  await askJson(server, `${API}/default/specs/slow`, { method: 'PUT', body })
  const running = async () =>
    (await askJson(server, `${API}/default/embedding-jobs?status=running`)).facts.jobs
  await expect
    .poll(running, { timeout: 20_000 })
    .toMatchObject([
      { status: 'running', worker_id: expect.any(String), lease_expires_at: INSTANT },
    ])
  expect((await askJson(server, `${API}/default/embedding-health`)).facts).toMatchObject({
    specs_running: 1,
    specs_indexed: 0,
  })
  const waiting = askJson(server, `${API}/default/embedding-status?wait_ms=20000`)
  // Answered after what was asked before.
  for (let n = 0; n < 5; n++) await server.ask('/healthz')
  server.signal('SIGTERM')
  expect(await waiting).toMatchObject({
    status: 503,
    facts: { detail: 'The server stops. Ask again.' },
  })
  release()
  expect(await server.exited()).toEqual({ code: 0, signal: null })
})
