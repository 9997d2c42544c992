import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { deleteSpec } from '../../src/catalog/specs.js'
import type { Database } from '../../src/db/database.js'
import { reembedSpec } from '../../src/embedding/reembed-spec.js'
import { storeVectors } from '../../src/embedding/store-vectors.js'
import { missingHashes, textsOf } from '../../src/embedding/missing.js'
import { failJob, succeedJob } from '../../src/queue/finish.js'
import { LeaseLost, SnoozeJob } from '../../src/queue/jobs.js'
import { reapExpiredLeases } from '../../src/queue/reap.js'
import type { Fault, StubEmbedder } from '../fakes/stub-embedder.js'
import {
  claimOne,
  expireLeases,
  jobsNow,
  statusNow,
  upload,
  work,
  workAll,
  startAfresh,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

describe.each(storageKinds)('embedding on %s', (kind) => {
  let db: Database
  let stub: StubEmbedder
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(async () => {
    ;({ stub, services } = await startAfresh(db, { batchSize: 10 }))
  })

  const embeddings = () =>
    db.query<{ state: string; error: string | null; tries: number; vector: string | null }>(
      `select state, error, tries, vector::text as vector from api_catalog.embeddings
       order by state, text_hash`,
    )
  /** A batch is written while the next one is being embedded. */
  const written = async (count: number) =>
    expect.poll(async () => (await embeddings()).length, { timeout: 15_000 }).toBe(count)
  const specStatus = async (name = 'things') =>
    (await statusNow(services)).specs.find(({ spec_name }) => spec_name === name)!
  const reembed = () => reembedSpec(db, localPrincipal, { name: 'things', willEmbed: true })

  describe('sends what is missing by content:', () => {
    test('every text of a new spec, once', async () => {
      await upload(services, 'things', things(25))
      expect(await workAll(services)).toBe(1)
      expect(stub.embedded).toHaveLength(25)
      expect(new Set(stub.embedded).size).toBe(25)
      expect(stub.batches.map((batch) => batch.length)).toEqual([10, 10, 5])
    })

    test('nothing of a spec that was uploaded again unchanged', async () => {
      await upload(services, 'things', things(5))
      await workAll(services)
      expect((await upload(services, 'things', things(5))).outcome).toBe('unchanged')
      expect(await workAll(services)).toBe(0)
      expect(stub.embedded).toHaveLength(5)
    })

    test('only the changed and the new texts of a revision', async () => {
      await upload(services, 'things', things(5))
      await workAll(services)
      stub.embedded.length = 0
      const next = things(6, (n) => (n === 2 ? 'Quite another' : `Read thing ${n}`))
      await upload(services, 'things', next)
      await workAll(services)
      expect(stub.embedded.toSorted()).toEqual(['GET /things/2', 'GET /things/5'])
    })

    test('nothing where only what no text holds has changed', async () => {
      await upload(services, 'things', things(3))
      await workAll(services)
      stub.embedded.length = 0
      const responses = { 200: { description: 'Fine' } }
      const next = things(3).map((thing) => ({ ...thing, responses }))
      expect((await upload(services, 'things', next)).changes.changed).toBe(3)
      await workAll(services)
      expect(stub.embedded).toEqual([])
    })

    test('nothing of a revision that goes back to known texts', async () => {
      await upload(services, 'things', things(3))
      await upload(
        services,
        'things',
        things(3, (n) => `Other ${n}`),
      )
      await workAll(services)
      await upload(services, 'things', things(3))
      await workAll(services)
      stub.embedded.length = 0
      await upload(
        services,
        'things',
        things(3, (n) => `Other ${n}`),
      )
      await workAll(services)
      expect(stub.embedded).toEqual([])
      expect((await specStatus()).embedding_count).toBe(3)
    })

    test('a text that two specs share, once', async () => {
      await upload(services, 'things', things(4))
      await upload(services, 'copy', things(5))
      await workAll(services)
      expect(stub.embedded).toHaveLength(5)
      expect(await specStatus('copy')).toMatchObject({ embedding_count: 5, badge: 'indexed' })
    })

    test('a text that a spec has twice, once, and counts both operations', async () => {
      const same = { operationId: 'same', summary: 'The same' }
      await upload(services, 'things', [
        { path: '/a', ...same },
        { path: '/b', ...same },
      ])
      await workAll(services)
      expect(await specStatus()).toMatchObject({ embedding_count: 2, embedded_so_far: 2 })
    })

    test('all texts again when that is asked for', async () => {
      await upload(services, 'things', things(25))
      await workAll(services)
      stub.embedded.length = 0
      await reembed()
      await workAll(services)
      expect(new Set(stub.embedded).size).toBe(25)
      expect(stub.embedded).toHaveLength(25)
      expect(await workAll(services)).toBe(0)
    })

    test('only the rest when a worker died in the midst of embedding all again', async () => {
      await upload(services, 'things', things(30))
      await workAll(services)
      await reembed()
      stub.embedded.length = 0
      stub.batches.length = 0
      stub.onBatch = (batch) => {
        if (batch === 2) throw new Error('no luck')
      }
      await expect(work(services, await claimOne(services))).rejects.toThrow('no luck')
      await expireLeases(db)
      await reapExpiredLeases(db)
      stub.onBatch = null
      await workAll(services)
      expect(stub.embedded).toHaveLength(30)
      expect(new Set(stub.embedded).size).toBe(30)
    })

    test('all texts again when that is asked for while the job runs', async () => {
      await upload(services, 'things', things(30))
      stub.onBatch = async (batch) => {
        if (batch === 3) await reembed()
      }
      const job = await claimOne(services)
      await work(services, job)
      await succeedJob(db, job)
      stub.onBatch = null
      await workAll(services)
      // Two batches were written before; the third was on its way.
      expect(stub.embedded.length).toBeGreaterThanOrEqual(50)
      for (const { path } of things(30)) expect(stub.embedded).toContain(`GET ${path}`)
      expect((await jobsNow(db)).map(({ status }) => status)).toEqual(['succeeded'])
    })

    test('the texts of an edit that came while the job ran', async () => {
      await upload(services, 'things', things(12))
      stub.onBatch = async (batch) => {
        if (batch === 2)
          await upload(
            services,
            'things',
            things(12, (n) => `Edited ${n}`),
          )
      }
      const job = await claimOne(services)
      await work(services, job)
      await succeedJob(db, job)
      await workAll(services)
      const status = await specStatus()
      expect(status).toMatchObject({ badge: 'indexed', embedding_count: 12, operation_count: 12 })
      expect(status.embedded_so_far).toBeLessThanOrEqual(12)
      expect((await jobsNow(db)).map(({ status }) => status)).toEqual(['succeeded'])
    })
  })

  describe('progress', () => {
    test('starts with the vectors that are there and rises with each batch', async () => {
      await upload(services, 'things', things(10))
      await workAll(services)
      await upload(services, 'things', things(40))
      const seen: (number | null)[] = []
      stub.onBatch = async (batch) => {
        await written(10 * (batch - 1))
        seen.push((await specStatus()).embedded_so_far)
      }
      await workAll(services)
      expect(seen).toEqual([10, 20, 30])
      expect((await specStatus()).embedded_so_far).toBe(40)
    })

    test('never says that more is done than there is', async () => {
      await upload(services, 'things', things(20))
      stub.onBatch = async (batch) => {
        if (batch === 2)
          await upload(
            services,
            'things',
            things(20, (n) => `Edited ${n}`),
          )
        expect((await specStatus()).embedded_so_far).toBeLessThanOrEqual(20)
      }
      const job = await claimOne(services)
      await work(services, job)
      expect((await specStatus()).embedded_so_far).toBeLessThanOrEqual(20)
    })

    test('comes with an estimate of the time that is left', async () => {
      await upload(services, 'things', things(30))
      const etas: (number | null)[] = []
      stub.onBatch = async (batch) => {
        await written(10 * (batch - 1))
        etas.push((await specStatus()).eta_seconds)
      }
      await work(services, await claimOne(services))
      expect(etas[0]).toBeNull()
      expect(etas[1]).toBeGreaterThan(0)
    })

    test('is kept by a job that failed on its second batch: the first is not sent again', async () => {
      await upload(services, 'things', things(30))
      stub.onBatch = (batch) => {
        if (batch === 2) throw new Error('no luck')
      }
      const job = await claimOne(services)
      await expect(work(services, job)).rejects.toThrow('no luck')
      await failJob(db, job, 'no luck', 0)
      const first = new Set(stub.batches[0])
      await workAll(services)
      expect(stub.batches.slice(2).flat()).toHaveLength(20)
      expect(
        stub.batches
          .slice(1)
          .flat()
          .filter((key) => first.has(key)),
      ).toEqual([])
    })
  })

  describe('a batch', () => {
    test.each(['timeout', 'too_long'] as const)(
      'that is too large (%s) is halved until it passes',
      async (reason) => {
        Object.assign(stub, { mostTexts: 3, tooLarge: reason })
        await upload(services, 'things', things(10))
        await workAll(services)
        expect(stub.embedded).toHaveLength(10)
        expect(Math.max(...stub.batches.map((batch) => batch.length))).toBe(10)
        expect(await specStatus()).toMatchObject({ badge: 'indexed', embedding_count: 10 })
      },
    )

    test('with a refused text embeds the rest, and the status tells which and why', async () => {
      stub.refused = /thing 3\b/
      await upload(services, 'things', things(10))
      await workAll(services)
      expect(stub.embedded).toHaveLength(9)
      const { specs, set_aside } = await statusNow(services)
      expect(specs[0]).toMatchObject({
        badge: 'indexed',
        embedding_count: 9,
        without_vector_count: 1,
      })
      expect(set_aside).toEqual([
        { id: 'things:GET /things/3', error: 'this text is refused', tries: 1 },
      ])
    })

    test('of refused texts only settles them all', async () => {
      stub.refused = /thing/
      await upload(services, 'things', things(5))
      await workAll(services)
      expect(await specStatus()).toMatchObject({ badge: 'indexed', without_vector_count: 5 })
    })

    test('sets a text aside that is too long even alone', async () => {
      Object.assign(stub, { mostTexts: 0, tooLarge: 'too_long' })
      await upload(services, 'things', things(2))
      await workAll(services)
      expect((await embeddings()).map(({ state }) => state)).toEqual(['refused', 'refused'])
    })

    test('that times out even with one text fails the job and settles nothing', async () => {
      stub.mostTexts = 0
      await upload(services, 'things', things(2))
      await expect(work(services, await claimOne(services))).rejects.toThrow(/2 texts/)
      expect(await embeddings()).toEqual([])
    })

    test('with texts without a known word settles them without a vector', async () => {
      stub.unknown = /thing [12]\b/
      await upload(services, 'things', things(4))
      await workAll(services)
      expect(await specStatus()).toMatchObject({
        badge: 'indexed',
        embedding_count: 2,
        without_vector_count: 2,
      })
      expect(await workAll(services)).toBe(0)
    })
  })

  test('a refused text is tried again when all is embedded again, and counted', async () => {
    stub.refused = /thing 0/
    await upload(services, 'things', things(2))
    await workAll(services)
    await reembed()
    await workAll(services)
    expect((await statusNow(services)).set_aside).toMatchObject([{ tries: 2 }])
    stub.refused = null
    await reembed()
    await workAll(services)
    expect((await statusNow(services)).set_aside).toEqual([])
    expect(await specStatus()).toMatchObject({ embedding_count: 2, without_vector_count: 0 })
  })

  test('a refused text is tried again when it has changed', async () => {
    stub.refused = /thing 0/
    await upload(services, 'things', things(2))
    await workAll(services)
    await upload(
      services,
      'things',
      things(2, (n) => `Mended ${n}`),
    )
    await workAll(services)
    expect((await statusNow(services)).set_aside).toEqual([])
  })

  test.each(['short_list', 'wrong_length', 'nan', 'zeros'] satisfies Fault[])(
    'a broken answer (%s) is never stored; the rest is embedded and the job fails',
    async (fault) => {
      stub.broken = { texts: /thing 3\b/, fault }
      await upload(services, 'things', things(10))
      const job = await claimOne(services)
      await expect(work(services, job)).rejects.toThrow(/1 text could not be embedded/)
      const rows = await embeddings()
      expect(rows).toHaveLength(9)
      expect(rows.every(({ vector }) => vector && !/NaN/i.test(vector))).toBe(true)
      await failJob(db, job, 'broken', 0)
      stub.broken = null
      stub.batches.length = 0
      await workAll(services)
      expect(stub.batches).toEqual([['GET /things/3']])
    },
  )

  describe('a provider that is down', () => {
    test('lets the job wait, at no cost to it, and keeps what is written', async () => {
      stub.onBatch = (batch) => {
        stub.isDown = batch === 2
      }
      await upload(services, 'things', things(30))
      const failure: unknown = await work(services, await claimOne(services)).catch(
        (e: unknown) => e,
      )
      expect(failure).toBeInstanceOf(SnoozeJob)
      expect(failure).toMatchObject({ message: 'the stub is down' })
      expect((failure as SnoozeJob).delayMs).toBeGreaterThan(0)
      expect(await embeddings()).toHaveLength(10)
    })
  })

  describe('a lost lease', () => {
    test('lets nothing be written any more', async () => {
      await upload(services, 'things', things(20))
      const stale = await claimOne(services)
      const [text] = await textsOf(db, stale, await missingHashes(db, stale))
      await expireLeases(db)
      await reapExpiredLeases(db)
      const fresh = await claimOne(services)
      const vector = new Float32Array(64).fill(1)
      await expect(storeVectors(db, stale, [{ text: text!, vector }])).rejects.toThrow(LeaseLost)
      await expect(work(services, stale)).rejects.toThrow(LeaseLost)
      expect(await embeddings()).toEqual([])
      await work(services, fresh)
      expect(await embeddings()).toHaveLength(20)
    })

    test('in the midst of the work ends it with the next batch', async () => {
      await upload(services, 'things', things(30))
      stub.onBatch = async (batch) => {
        if (batch !== 2) return
        await written(10)
        await expireLeases(db)
        await reapExpiredLeases(db)
      }
      await expect(work(services, await claimOne(services))).rejects.toThrow(LeaseLost)
      expect(await embeddings()).toHaveLength(10)
      // The third may be on its way while the second finds out.
      expect(stub.batches.length).toBeLessThanOrEqual(3)
    })

    test('is what a spec that is deleted in the midst of its work leaves', async () => {
      await upload(services, 'things', things(30))
      stub.onBatch = async (batch) => {
        if (batch !== 2) return
        await written(10)
        await deleteSpec(db, localPrincipal, 'things')
      }
      await expect(work(services, await claimOne(services))).rejects.toThrow(LeaseLost)
      expect(await jobsNow(db)).toEqual([])
      expect(await embeddings()).toHaveLength(10)
    })
  })

  describe('stopping', () => {
    test('aborts the batch in flight', async () => {
      const stop = new AbortController()
      stub.delayMs = 60_000
      stub.onBatch = () => stop.abort(new Error('stopped'))
      await upload(services, 'things', things(5))
      const job = await claimOne(services)
      await expect(work(services, job, stop.signal)).rejects.toThrow()
      expect(await embeddings()).toEqual([])
    })

    test('a job that writes nothing for too long has failed', async () => {
      const impatient = { ...services, config: { ...services.config, stallMs: 100 } }
      stub.delayMs = 60_000
      await upload(services, 'things', things(5))
      const job = await claimOne(services)
      await expect(work(impatient, job)).rejects.toThrow('no batch was written for 100 ms')
    })
  })

  describe('a model that is replaced in the midst of a job', () => {
    const replaceAfterFirst = (identity: Partial<StubEmbedder['identity']>): void => {
      stub.onBatch = (batch) => {
        if (batch === 2) stub.identity = { ...stub.identity, ...identity }
      }
    }

    test.each([{ weights: 'new' }, { weights: 'new', dimensions: 32 }])(
      'writes no vector of the new one into the old space, at no cost: %o',
      async (identity) => {
        replaceAfterFirst(identity)
        await upload(services, 'things', things(30))
        const job = await claimOne(services)
        const failure: unknown = await work(services, job).catch((error: unknown) => error)
        expect(failure).toBeInstanceOf(SnoozeJob)
        // A worker that knows nothing of it yet would claim the job again and again.
        expect((failure as SnoozeJob).delayMs).toBeGreaterThan(0)
        expect(await embeddings()).toHaveLength(10)
        expect(stub.batches).toHaveLength(2)
      },
    )
  })

  test('several batches in flight embed everything once', async () => {
    const parallel = { ...services, config: { ...services.config, embedConcurrency: 4 } }
    let most = 0
    let now = 0
    stub.delayMs = 5
    stub.onBatch = () => void (most = Math.max(most, ++now))
    const embedOperations = stub.embedOperations.bind(stub)
    stub.embedOperations = async (...batch) => embedOperations(...batch).finally(() => now--)
    await upload(services, 'things', things(100))
    const job = await claimOne(parallel)
    await work(parallel, job)
    expect(stub.embedded).toHaveLength(100)
    expect(new Set(stub.embedded).size).toBe(100)
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(4)
  })

  test('two jobs that share texts do not wait for each other for ever', async () => {
    await upload(services, 'a', things(40))
    await upload(services, 'b', things(40).toReversed())
    const [first, second] = [await claimOne(services), await claimOne(services)]
    await Promise.all([work(services, first), work(services, second)])
    expect(await embeddings()).toHaveLength(40)
  })
})
