import * as fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { doneIn } from '../../src/app/embedding-progress.js'
import { embeddingStatus } from '../../src/app/embedding-status.js'
import { reembedSpec } from '../../src/app/reembed-spec.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { BADGES, summarize, type SpecStatus } from '../../src/embedding/embedding-status.js'
import { InputError } from '../../src/errors.js'
import { failJob, snoozeJob, succeedJob } from '../../src/queue/finish.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import {
  claimOne,
  emptyDatabase,
  ownSpace,
  servicesOn,
  statusNow,
  upload,
  workAll,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

test('each spec is in exactly one class of the summary, and its counts add up', () => {
  const row = fc.record({
    badge: fc.constantFrom(...BADGES),
    operation_count: fc.nat(50),
    embedding_count: fc.nat(50),
    without_vector_count: fc.nat(50),
  })
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      const summary = summarize(rows as SpecStatus[])
      const { specs_indexed, specs_pending, specs_running, specs_failed } = summary
      expect(specs_indexed + specs_pending + specs_running + specs_failed).toBe(rows.length)
      expect(summary.specs_total).toBe(rows.length)
      for (const field of ['operation_count', 'embedding_count', 'without_vector_count'] as const) {
        expect(summary[field]).toBe(rows.reduce((sum, one) => sum + one[field], 0))
      }
    }),
  )
})

describe.each(storageKinds)('the status on %s', (kind) => {
  let db: Database
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(async () => {
    await emptyDatabase(db)
    services = servicesOn(db, new StubEmbedder())
  })

  const badges = async (of: Services = services) =>
    Object.fromEntries(
      (await statusNow(of)).specs.map(({ spec_name, badge }) => [spec_name, badge]),
    )

  test('has a badge for every state of a spec', async () => {
    await ownSpace(services)
    for (const name of ['indexed', 'failed', 'retrying', 'waiting', 'indexing']) {
      await upload(
        services,
        name,
        things(2, (n) => `${name} ${n}`),
      )
    }
    const jobs = await Promise.all(['1', '2', '3', '4', '5'].map(() => claimOne(services)))
    const [indexed, failed, retrying, waiting] = jobs.toSorted((a, b) => a.specId - b.specId)
    await db.query(
      `insert into api_catalog.embeddings (space_id, text_hash, state)
       select $1, text_hash, 'unembeddable' from api_catalog.operations where spec_id = $2`,
      [indexed!.spaceId, indexed!.specId],
    )
    await succeedJob(db, indexed!)
    await failJob(db, failed!, 'no luck', null)
    await failJob(db, retrying!, 'no luck yet', 60_000)
    await snoozeJob(db, waiting!, 'no provider', 60_000)
    await upload(services, 'queued', things(2))
    await upload(services, 'empty', [])

    const { specs, summary } = await statusNow(services)
    const byName = new Map(specs.map((spec) => [spec.spec_name, spec]))
    expect(Object.fromEntries(specs.map(({ spec_name, badge }) => [spec_name, badge]))).toEqual({
      indexed: 'indexed',
      failed: 'failed',
      retrying: 'retrying',
      waiting: 'queued',
      indexing: 'indexing',
      queued: 'queued',
      empty: 'empty',
    })
    expect(byName.get('retrying')).toMatchObject({ job_attempts: 1, job_last_error: 'no luck yet' })
    expect(byName.get('waiting')).toMatchObject({ job_attempts: 0, job_last_error: 'no provider' })
    expect(byName.get('retrying')?.next_run_at).not.toBeNull()
    expect(byName.get('failed')).toMatchObject({ job_status: 'failed', job_last_error: 'no luck' })
    expect(byName.get('failed')?.next_run_at).not.toBeNull()
    expect(byName.get('indexing')?.next_run_at).toBeNull()
    expect(summary).toMatchObject({
      specs_total: 7,
      specs_indexed: 2,
      specs_pending: 3,
      specs_running: 1,
      specs_failed: 1,
      operation_count: 12,
      without_vector_count: 2,
    })
  })

  test('a spec is indexed again once its failure is mended', async () => {
    await upload(services, 'things', things(2))
    await failJob(db, await claimOne(services), 'no luck', null)
    expect(await badges()).toEqual({ things: 'failed' })
    await reembedSpec(services, localPrincipal, { spec: 'things' })
    await workAll(services)
    expect(await badges()).toEqual({ things: 'indexed' })
  })

  test('a spec that is embedded again has nothing done at first, and all its vectors', async () => {
    const stub = new StubEmbedder()
    const again = servicesOn(db, stub, { batchSize: 1 })
    await upload(again, 'things', things(4))
    await workAll(again)
    const seen: number[] = []
    const look = async () => {
      const { specs, summary } = await statusNow(again)
      seen.push(doneIn(specs))
      expect(summary.embedding_count).toBe(4)
    }
    await reembedSpec(again, localPrincipal, { spec: 'things' })
    await look()
    stub.onBatch = look
    await workAll(again)
    expect(seen.slice(0, 2)).toEqual([0, 0])
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
    // Before the fourth batch the second was written.
    expect(seen.at(-1)).toBeGreaterThanOrEqual(2)
    expect(seen.at(-1)).toBeLessThan(4)
    expect(doneIn((await statusNow(again)).specs)).toBe(4)
  })

  describe('without an embedder', () => {
    test('a spec is lexical only', async () => {
      const without = servicesOn(db, null)
      await upload(without, 'things', things(2))
      expect(await badges(without)).toEqual({ things: 'lexical_only' })
      const { embedder } = await statusNow(without)
      expect(embedder).toEqual({ provider: 'none', model: null, dimensions: null, state: 'none' })
    })

    test('a spec is lexical only although a job was made when there was one', async () => {
      await upload(services, 'things', things(2))
      expect(await badges(servicesOn(db, null))).toEqual({ things: 'lexical_only' })
    })

    test('a spec that is to be embedded again is not queued for ever', async () => {
      const without = servicesOn(db, null)
      await upload(without, 'things', things(2))
      await reembedSpec(without, localPrincipal, { spec: 'things' }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(InputError)
      })
      expect(await badges(without)).toEqual({ things: 'lexical_only' })
    })
  })

  test('a spec without operations may be embedded again, which is done at once', async () => {
    await upload(services, 'empty', [])
    await reembedSpec(services, localPrincipal, { spec: 'empty' })
    await workAll(services)
    expect(await badges()).toEqual({ empty: 'empty' })
  })

  test('is asked of one catalog or one spec, and of nobody else’s', async () => {
    await upload(services, 'a', things(1))
    await upload(services, 'b', things(1), { catalog: 'other' })
    await upload(services, 'c', things(1), { principal: { ...localPrincipal, tenant: 'them' } })
    const names = async (input: { catalog?: string; spec?: string }) =>
      (await embeddingStatus(services, localPrincipal, input)).structured.specs.map(
        ({ catalog, spec_name }) => `${catalog}/${spec_name}`,
      )
    expect(await names({})).toEqual(['default/a', 'other/b'])
    expect(await names({ catalog: 'other' })).toEqual(['other/b'])
    expect(await names({ spec: 'other/b' })).toEqual(['other/b'])
    await expect(names({ spec: 'c' })).rejects.toThrow('No spec named "c"')
    await expect(names({ catalog: 'none' })).rejects.toThrow('No catalog named "none"')
  })

  test('shows the job history, newest first, by pages and by status', async () => {
    for (const name of ['a', 'b', 'c'])
      await upload(
        services,
        name,
        things(1, () => name),
      )
    await workAll(services)
    await upload(
      services,
      'd',
      things(1, () => 'd'),
    )
    const page = async (input: Parameters<typeof embeddingStatus>[2]) =>
      (await embeddingStatus(services, localPrincipal, input)).structured
    const first = await page({ jobs: 3 })
    expect(first.jobs?.map(({ spec_name }) => spec_name)).toEqual(['d', 'c', 'b'])
    const second = await page({ jobs: 3, cursor: first.next_cursor! })
    expect(second.jobs?.map(({ spec_name }) => spec_name)).toEqual(['a'])
    expect(second.next_cursor).toBeUndefined()
    const pending = await page({ job_status: 'pending' })
    expect(pending.jobs?.map(({ spec_name }) => spec_name)).toEqual(['d'])
    const ofOne = await page({ jobs: 10, spec: 'b' })
    expect(ofOne.jobs?.map(({ spec_name }) => spec_name)).toEqual(['b'])
    const ofBoth = await page({ spec: 'd', job_status: 'succeeded' })
    expect(ofBoth.jobs).toEqual([])
    await upload(services, 'far', things(1), { catalog: 'other' })
    const ofCatalog = await page({ jobs: 10, catalog: 'other' })
    expect(ofCatalog.jobs?.map(({ spec_name }) => spec_name)).toEqual(['far'])
    await expect(page({ cursor: 'rubbish' })).rejects.toThrow(InputError)
  })

  test('waits until nothing is waiting or running, and no longer than asked', async () => {
    await upload(services, 'things', things(2))
    const unsettled = await embeddingStatus(services, localPrincipal, { wait_ms: 100 })
    expect(unsettled.structured.summary.specs_pending).toBe(1)
    const waiting = embeddingStatus(services, localPrincipal, { wait_ms: 20_000 })
    await workAll(services)
    expect((await waiting).structured.summary).toMatchObject({ specs_pending: 0, specs_indexed: 1 })
  })
})
