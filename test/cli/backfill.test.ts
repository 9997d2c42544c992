import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { startFakeOllama, type FakeOllama } from '../fakes/ollama-server.js'
import { storageKinds } from '../setup/databases.js'
import { PROGRAM } from '../setup/program.js'
import {
  environment,
  openStorage,
  RawServer,
  runCommand,
  storageSettings,
  type Settings,
} from '../setup/server.js'
import { specDocument, things } from '../setup/spec-document.js'

const WAIT = { timeout: 30_000, interval: 50 }
const folder = await mkdtemp(join(tmpdir(), 'api-catalog-backfill-'))

afterAll(() => rm(folder, { recursive: true, force: true }))

/** The last of the drivers, which is Postgres where there is one. */
describe(`backfill on ${storageKinds.at(-1)}`, () => {
  let ollama: FakeOllama
  let settings: Settings

  beforeEach(async () => {
    ollama = await startFakeOllama()
    onTestFinished(() => ollama[Symbol.asyncDispose]())
    settings = await storageSettings()
  })

  const withOllama = () => ({
    ...settings,
    OLLAMA_HOST: ollama.url,
    API_CATALOG_BATCH_SIZE: '4',
    API_CATALOG_MAX_RETRIES: '0',
  })

  const upload = async (name: string, count: number, by: Settings) => {
    const file = join(folder, `${name}.json`)
    await writeFile(
      file,
      specDocument(
        name,
        things(count, (n) => `${name} number ${n}`),
      ),
    )
    expect(await runCommand(['upload', file, '--json'], by)).toMatchObject({ code: 0 })
  }

  const status = async (by: Settings) =>
    JSON.parse((await runCommand(['status', '--json'], by)).stdout)

  /** Texts of operations that were sent, in order, with repeats. */
  const sent = () =>
    ollama.requests.flatMap(({ texts }) => texts).filter((text) => text.includes('number'))

  test('embeds all that is missing, tells how far it is and how fast, and ends with 0', async () => {
    await upload('a', 12, { ...settings, API_CATALOG_EMBEDDER: 'none' })
    await upload('b', 3, { ...settings, API_CATALOG_EMBEDDER: 'none' })
    await ollama.set({ delayMs: 200 })
    const { code, stdout, stderr } = await runCommand(['backfill', '--json'], withOllama())
    expect(code).toBe(0)
    expect(JSON.parse(stdout).summary).toMatchObject({ specs_failed: 0, embedding_count: 15 })
    expect(stderr).toMatch(/^15\/15 operations embedded, \d+\/s$/m)
    expect(sent()).toHaveLength(15)

    expect(await runCommand(['backfill'], withOllama())).toMatchObject({ code: 0 })
    expect(sent()).toHaveLength(15)
  })

  test('ends with 1 and names the specs that failed', async () => {
    await upload('good', 2, withOllama())
    expect(await runCommand(['backfill'], withOllama())).toMatchObject({ code: 0 })
    await upload('broken', 2, withOllama())
    await using db = await openStorage(settings)
    await db.query(
      `update api_catalog.embedding_jobs
       set status = 'failed', last_error = 'no luck', next_run_at = now() + interval '1 hour'
       where status = 'pending'`,
    )
    const { code, stderr } = await runCommand(['backfill'], withOllama())
    expect(code).toBe(1)
    expect(stderr).toContain('Not embedded: broken. `status` shows the errors.')
    expect((await status(withOllama())).summary).toMatchObject({
      specs_indexed: 1,
      specs_failed: 1,
    })
  }, 120_000)

  test('that is killed goes on with the rest', async () => {
    const quick = { ...withOllama(), API_CATALOG_LEASE_MS: '2000', API_CATALOG_REAP_MS: '500' }
    await upload('a', 24, quick)
    await ollama.set({ delayMs: 300 })
    const child = spawn(process.execPath, [PROGRAM, 'backfill'], {
      env: environment(quick),
      stdio: 'ignore',
    })
    await expect.poll(() => sent().length, WAIT).toBeGreaterThan(8)
    child.kill('SIGKILL')
    await once(child, 'exit')
    await ollama.set({ delayMs: 0 })
    const before = sent()
    const { code } = await runCommand(['backfill'], quick)
    expect(code).toBe(0)
    const rest = sent().slice(before.length)
    expect(new Set(sent()).size).toBe(24)
    // The batch in flight and the one whose writing the kill may have cut.
    expect(rest.length).toBeLessThanOrEqual(24 - before.length + 8)
    expect((await status(withOllama())).summary).toMatchObject({ embedding_count: 24 })
  }, 150_000)

  test('is safe while servers embed too: every text is sent once', async () => {
    await upload('a', 16, { ...settings, API_CATALOG_EMBEDDER: 'none' })
    await upload('b', 16, { ...settings, API_CATALOG_EMBEDDER: 'none' })
    await ollama.set({ delayMs: 50 })
    const server = await RawServer.start(withOllama())
    onTestFinished(() => server.close())
    expect(await runCommand(['backfill'], withOllama())).toMatchObject({ code: 0 })
    expect(sent()).toHaveLength(32)
    expect(new Set(sent()).size).toBe(32)
  })

  test('changes the catalog over to another model when that was asked for', async () => {
    const bundled = { ...settings, API_CATALOG_EMBEDDER: 'bundled' }
    await upload('a', 6, bundled)
    expect(await runCommand(['backfill'], bundled)).toMatchObject({ code: 0 })
    const refused = await runCommand(['backfill'], withOllama())
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain('reembed --all')

    const asked = await runCommand(['reembed', '--all', '--json'], withOllama())
    expect(JSON.parse(asked.stdout)).toEqual({
      next_space: { provider: 'ollama', model: 'nomic-embed-text', embedding_count: 0 },
      job_count: 1,
    })
    expect(await status(withOllama())).toMatchObject({
      summary: { embedding_count: 6 },
      active_space: { provider: 'bundled' },
      next_space: { provider: 'ollama', embedding_count: 0 },
    })
    const ask = async (by: Settings) =>
      JSON.parse((await runCommand(['search', 'a number', '--json'], by)).stdout)
    // The bundled embedder is at hand whichever is chosen.
    expect(await ask(withOllama())).toMatchObject({ ranking: 'hybrid' })

    expect(await runCommand(['backfill'], withOllama())).toMatchObject({ code: 0 })
    const after = await status(withOllama())
    expect(after).toMatchObject({ embedder: { provider: 'ollama', dimensions: 64 } })
    expect(after).not.toHaveProperty('next_space')
    expect(await ask(withOllama())).toMatchObject({ ranking: 'hybrid' })
    expect(await ask(bundled)).toMatchObject({ ranking: 'lexical', fallback: 'other_space' })

    const back = await runCommand(['reembed', '--all'], bundled)
    expect(back.stdout).toContain('is searched with bundled')
    expect(await ask(bundled)).toMatchObject({ ranking: 'hybrid', coverage: { embedded: 6 } })
  }, 180_000)
})

test('status --watch shows the state again and again, of what was asked', async () => {
  const settings = await storageSettings()
  const file = join(folder, 'watched.json')
  await writeFile(file, specDocument('watched', things(1)))
  expect(await runCommand(['upload', file, '--wait'], settings)).toMatchObject({ code: 0 })
  const args = ['status', '--watch', '--json', '--catalog', 'default', '--job-status', 'succeeded']
  const child = spawn(process.execPath, [PROGRAM, ...args], { env: environment(settings) })
  let written = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (written += chunk))
  await expect.poll(() => written.split('"summary"').length, WAIT).toBeGreaterThan(3)
  child.kill('SIGINT')
  await once(child, 'exit')
  expect(written.slice(0, written.indexOf('\n}\n{'))).toContain('"status": "succeeded"')
})
