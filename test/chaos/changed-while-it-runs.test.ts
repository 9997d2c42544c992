import { expect, test, vi } from 'vitest'
import { startFakeOllama } from '../fakes/ollama-server.js'
import { storageKinds } from '../setup/databases.js'
import { openStorage, RawServer, storageSettings } from '../setup/server.js'
import { manyOperations, openApi } from '../setup/specs.js'
import { BATCH, textsSent } from './storm.js'

const OPERATIONS = 3 * BATCH
const NAMES = ['edited', 'asked-again', 'deleted', 'replaced']

/** Keeps every second operation's text, changes the others', and has one operation fewer. */
function nextRevision(name: string): string {
  const numbers = Array.from({ length: OPERATIONS - 1 }, (_, n) => n + 1)
  const operation = (n: number) => ({
    id: `${name}Item${n}`,
    summary: n % 2 === 0 ? `Get the item number ${n} of ${name}` : `Weigh thing ${n} anew`,
  })
  return openApi(
    name,
    Object.fromEntries(numbers.map((n) => [`GET /${name}/items-${n}/{id}`, operation(n)])),
  )
}

test.each(storageKinds)(
  'specs that are edited, deleted, replaced and asked for again while their jobs run are all as asked in the end, on %s',
  async (kind) => {
    let letGo = (): void => {}
    const held = new Promise<void>((resolve) => (letGo = resolve))
    await using ollama = await startFakeOllama({ held })
    const settings = {
      ...(await storageSettings(kind)),
      OLLAMA_HOST: ollama.url,
      API_CATALOG_BATCH_SIZE: String(BATCH),
      API_CATALOG_WORKERS: String(NAMES.length),
    }
    const server = await RawServer.start(settings)
    const upload = async (name: string, content: string) =>
      expect(await server.call('upload_spec', { name, content })).toMatchObject({ isError: false })
    for (const name of NAMES) await upload(name, manyOperations(name, OPERATIONS))
    await vi.waitUntil(() => ollama.batches.now === NAMES.length, { timeout: 30_000 })

    await upload('edited', nextRevision('edited'))
    expect(await server.call('reembed_spec', { spec: 'asked-again' })).toMatchObject({
      facts: { job: { status: 'running' } },
    })
    await server.call('delete_spec', { spec: 'deleted' })
    await server.call('delete_spec', { spec: 'replaced' })
    await upload('replaced', manyOperations('others', OPERATIONS))
    const sentBefore = textsSent(ollama).length
    await ollama.set({ held: null })
    letGo()

    const { facts } = await server.call('embedding_status', { wait_ms: 20_000, jobs: 50 })
    expect(facts.summary).toMatchObject({
      specs_total: 3,
      specs_indexed: 3,
      operation_count: 3 * OPERATIONS - 1,
      embedding_count: 3 * OPERATIONS - 1,
      without_vector_count: 0,
    })
    for (const spec of facts.specs) {
      expect(spec).toMatchObject({ badge: 'indexed', embedding_count: spec.operation_count })
    }
    // Nothing failed, nothing was tried again, and nothing is left of the deleted ones.
    for (const job of facts.jobs) expect(job).toMatchObject({ status: 'succeeded', attempts: 0 })
    expect(new Set(facts.jobs.map(({ spec_name }: { spec_name: string }) => spec_name))).toEqual(
      new Set(['edited', 'asked-again', 'replaced']),
    )

    const since = textsSent(ollama).slice(sentBefore)
    const sentOf = (what: RegExp) => new Set(since.filter((text) => what.test(text))).size
    expect(sentOf(/item number \d+ of asked-again/)).toBe(OPERATIONS)
    expect(sentOf(/Weigh thing \d+ anew/)).toBe(OPERATIONS / 2)
    expect(sentOf(/item number \d+ of others/)).toBe(OPERATIONS)
    // The batch that waited behind the first one finds out when it is to be written.
    expect(sentOf(/item number \d+ of deleted/)).toBeLessThanOrEqual(BATCH)

    const query = 'weigh thing 3 anew'
    const answer = await server.call('search_operations', { query, ranking: 'hybrid' })
    expect(answer.facts).toMatchObject({
      ranking: 'hybrid',
      results: expect.arrayContaining([expect.objectContaining({ id: 'edited:editedItem3' })]),
    })
    await using db = await openStorage(settings)
    const open = await db.query(
      `select id from api_catalog.embedding_jobs
       where status in ('pending', 'running') or lease_token is not null or rerun`,
    )
    expect(open).toEqual([])
    await server.close()
  },
)
