import { readFile } from 'node:fs/promises'
import { pino } from 'pino'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { App } from '../../src/app/app.js'
import { metricsText } from '../../src/app/metrics-text.js'
import { reembedSpec } from '../../src/app/reembed-spec.js'
import type { Services } from '../../src/app/services.js'
import { uploadSpec } from '../../src/app/upload-spec.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { readConfig } from '../../src/config.js'
import type { Database } from '../../src/db/database.js'
import { createMetrics, JOB_OUTCOMES } from '../../src/metrics/create-metrics.js'
import { QueryEmbedder } from '../../src/search/query-vectors.js'
import { startFakeOllama, type FakeOllama, type OllamaKnobs } from '../fakes/ollama-server.js'
import { makeDue } from '../setup/catalog.js'
import { storageKinds } from '../setup/databases.js'
import { storageSettings } from '../setup/server.js'
import { specDocument, things } from '../setup/spec-document.js'

const WAIT = { timeout: 20_000, interval: 50 }
const GOOD: Partial<OllamaKnobs> = { slow: null, refused: null, refusedStatus: 400 }
/** No batch of the worker ends before the test does. */
const HANGING: Partial<OllamaKnobs> = { slow: { texts: 1, delayMs: 600_000 } }

/** A row of the table in docs/operations.md: a name, and the labels and their words it mentions. */
async function documentedMetrics(): Promise<Map<string, string>> {
  const text = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const rows = text.matchAll(/^\| `(api_catalog_\w+)`.*$/gm)
  return new Map([...rows].map(([row, name]) => [name!, row]))
}

test('what is documented is what there is', async () => {
  const inCode = createMetrics().registry.getMetricsAsArray()
  const documented = await documentedMetrics()
  expect([...documented.keys()].toSorted()).toEqual(inCode.map(({ name }) => name).toSorted())
})

/** What callers ask is driven over HTTP by another test; a database in the process has no connections. */
const isDrivenHere = (name: string, kind: Database['kind']) =>
  !/^api_catalog_(?:http|tool|search)/.test(name) &&
  (kind === 'postgres' || name !== 'api_catalog_database_connections')

const apps: App[] = []

afterEach(async () => {
  for (const app of apps.splice(0)) await app[Symbol.asyncDispose]()
})

/** All values that each series has had, by its name and labels as they are exposed. */
class Scrapes {
  readonly seen = new Map<string, Set<string>>()

  async take(services: Services): Promise<Map<string, number>> {
    const { text, contentType } = await metricsText(services)
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/)
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    const series = lines.map((line) => line.split(/ (?=\S+$)/) as [string, string])
    for (const [name, value] of series) {
      this.seen.set(name, (this.seen.get(name) ?? new Set()).add(value))
    }
    return new Map(series.map(([name, value]) => [name, Number(value)]))
  }

  /** Series of a metric that have had several values. */
  movedOf(metric: string): string[] {
    return [...this.seen].flatMap(([name, values]) =>
      name.match(/^\w+?(?=_bucket|_sum|_count|\{|$)/)?.[0] === metric && values.size > 1
        ? [name]
        : [],
    )
  }
}

describe.each(storageKinds)('a program on %s', (kind) => {
  const start = async (ollama: FakeOllama): Promise<{ app: App; services: Services }> => {
    const config = readConfig(
      {},
      {
        ...(await storageSettings(kind)),
        OLLAMA_HOST: ollama.url,
        API_CATALOG_BATCH_SIZE: '4',
        API_CATALOG_LEASE_MS: '1000',
        API_CATALOG_REAP_MS: '100',
        API_CATALOG_MAX_RETRIES: '1',
        API_CATALOG_RETRY_BASE_MS: '1',
      },
    )
    const app = new App({ config, log: pino({ level: 'silent' }), worker: true })
    apps.push(app)
    return { app, services: await app.services() }
  }

  test('moves every documented metric', async () => {
    await using ollama = await startFakeOllama({ ...HANGING })
    const { app, services } = await start(ollama)
    const scrapes = new Scrapes()
    const upload = async (name: string, operations = things(8)) => {
      const content = specDocument(name, operations)
      await uploadSpec(services, localPrincipal, { content, name })
    }
    const series = async (name: string) => (await scrapes.take(services)).get(name)
    const untilAtLeast = (name: string, value: number) =>
      expect.poll(() => series(name), WAIT).toBeGreaterThanOrEqual(value)
    const outcome = (word: string) => `api_catalog_job_runs_total{outcome="${word}"}`

    // A job that runs, one behind it, and a lease that another worker takes.
    await upload('running')
    await untilAtLeast('api_catalog_open_jobs{status="running"}', 1)
    await upload(
      'waiting',
      things(4, (n) => `Wait for ${n}`),
    )
    await untilAtLeast('api_catalog_open_jobs{status="pending"}', 1)
    await untilAtLeast('api_catalog_operations{state="missing"}', 12)
    await ollama.set(GOOD)
    // Both at once: a lease that only expired could be renewed before it is reaped.
    await services.db.query(
      `update api_catalog.embedding_jobs
       set lease_token = gen_random_uuid(), lease_expires_at = now() - interval '1 ms'
       where status = 'running'`,
    )
    await untilAtLeast(outcome('lease_lost'), 1)
    await untilAtLeast('api_catalog_leases_expired_total', 1)
    await untilAtLeast(outcome('succeeded'), 2)
    await untilAtLeast('api_catalog_operations{state="embedded"}', 12)

    // One that makes way for another.
    await ollama.set({ slow: { texts: 1, delayMs: 600 } })
    await upload(
      'long',
      things(40, (n) => `Wind up ${n}`),
    )
    await untilAtLeast('api_catalog_open_jobs{status="running"}', 1)
    await upload(
      'short',
      things(4, (n) => `Cut down ${n}`),
    )
    await untilAtLeast(outcome('yielded'), 1)
    await ollama.set(GOOD)
    await untilAtLeast(outcome('succeeded'), 4)

    // Texts that are there already, and one that is refused.
    await upload('reusing')
    await untilAtLeast(outcome('succeeded'), 5)
    await untilAtLeast('api_catalog_texts_total{result="reused"}', 8)
    await ollama.set({ refused: /poison/ })
    await upload('poisoned', [{ path: '/poison', summary: 'poison' }])
    await untilAtLeast('api_catalog_texts_set_aside', 1)
    await untilAtLeast('api_catalog_operations{state="without_vector"}', 1)
    await untilAtLeast(outcome('succeeded'), 6)

    // A question, work that fails, and a provider that is away.
    const queries = new QueryEmbedder(services.spaces, 5_000)
    await queries.embed('read thing 3')
    await ollama.set({ refused: /fails/, refusedStatus: 500 })
    await upload('failing', [{ path: '/fail', summary: 'fails' }])
    await untilAtLeast(outcome('retrying'), 1)
    await untilAtLeast(outcome('failed'), 1)
    await untilAtLeast('api_catalog_specs_parked', 1)
    await ollama.set({ ...GOOD, down: true })
    await reembedSpec(services, localPrincipal, { spec: 'running' })
    await untilAtLeast('api_catalog_provider_state{state="unreachable"}', 1)
    await untilAtLeast(outcome('snoozed'), 1)

    // An end in the midst of the work, and no database after it.
    await ollama.set({ ...HANGING, down: false })
    const batches = () => ollama.requests.filter(({ texts }) => texts.length > 1).length
    const sent = batches()
    await vi.waitUntil(async () => {
      // Again and again: while the breaker is open, whoever claims the job snoozes it at once.
      await makeDue(services.db)
      return batches() > sent
    }, WAIT)
    await app[Symbol.asyncDispose]()
    const last = await scrapes.take(services)
    expect(last.get(outcome('given_back'))).toBe(1)
    expect(last.get('api_catalog_database_up')).toBe(0)
    expect([...last.keys()].filter((name) => /open_jobs|parked|operations\{/.test(name))).toEqual(
      [],
    )

    for (const [name, row] of await documentedMetrics()) {
      if (!isDrivenHere(name, kind)) continue
      expect(scrapes.movedOf(name), `${name} has not moved`).not.toEqual([])
      const words = [...scrapes.seen.keys()].flatMap((series) =>
        series.startsWith(name)
          ? [...series.matchAll(/="([a-z_]+)"/g)].map(([, word]) => word)
          : [],
      )
      for (const word of words) expect(row, `${name} has ${word}`).toContain(`\`${word}\``)
    }
    for (const word of JOB_OUTCOMES) {
      expect(scrapes.movedOf('api_catalog_job_runs_total')).toContain(outcome(word))
    }
  })
})

test('two programs in one process share no metric', () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.jobRuns.inc({ outcome: 'succeeded' }, 3)
  expect(other.registry).not.toBe(one.registry)
  return expect(other.registry.metrics()).resolves.toContain('outcome="succeeded"} 0')
})
