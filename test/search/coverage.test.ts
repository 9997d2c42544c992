import * as fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { deleteSpec } from '../../src/app/delete-spec.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { removeOrphans } from '../../src/embedding/remove-orphans.js'
import { failJob } from '../../src/queue/finish.js'
import { coverageOf } from '../../src/search/coverage.js'
import { readScope, type SearchFilter } from '../../src/search/scope.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import {
  claim,
  emptyDatabase,
  servicesOn,
  settledStatus,
  upload,
  work,
  workAll,
  workInBackground,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

const FILTERS: SearchFilter[] = [
  {},
  { catalog: 'default' },
  { catalog: 'other' },
  { catalog: 'default', specs: ['a'] },
  { method: 'get' },
  { method: 'post' },
  { tag: 'red' },
]

describe.each(storageKinds)('the coverage in an answer on %s', (kind) => {
  let db: Database

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(() => emptyDatabase(db))

  /** Every operation counted anew, in plain SQL. */
  const counted = async (filter: SearchFilter) => {
    const [row] = await db.query(
      `select count(*) as total, count(e.text_hash) as embedded
       from api_catalog.operations o
       join api_catalog.specs s on s.id = o.spec_id
       join api_catalog.catalogs c on c.id = s.catalog_id
       left join api_catalog.embeddings e on e.text_hash = o.text_hash and e.state = 'embedded'
         and e.space_id = (select id from api_catalog.embedding_spaces where is_active)
       where ($1::text is null or c.name = $1) and ($2::text is null or s.name = $2)
         and ($3::text is null or o.method = $3) and ($4::text is null or $4 = any(o.tags))`,
      [
        filter.catalog ?? null,
        filter.specs?.[0] ?? null,
        filter.method?.toUpperCase() ?? null,
        filter.tag ?? null,
      ],
    )
    return row
  }

  const expectTruth = async () => {
    for (const filter of FILTERS) {
      const scope = await readScope(db, localPrincipal, filter)
      expect(await coverageOf(db, scope)).toEqual(await counted(filter))
    }
  }

  test('is true after every upload, batch, deletion, swap and clean-up, in every scope', async () => {
    const operations = (from: number, count: number) =>
      things(count).map((thing, n) => ({
        ...thing,
        summary: `Thing ${from + n}`,
        method: n % 3 === 0 ? 'post' : 'get',
        tags: n % 2 === 0 ? ['red'] : [],
      }))
    const step = fc.oneof(
      fc.record({
        what: fc.constant('upload' as const),
        name: fc.constantFrom('a', 'b', 'c'),
        from: fc.nat(6),
        count: fc.integer({ min: 1, max: 6 }),
      }),
      fc.record({ what: fc.constant('delete' as const), name: fc.constantFrom('a', 'b', 'c') }),
      fc.constantFrom({ what: 'batch' as const }, { what: 'settle' as const }),
      fc.constantFrom({ what: 'clean' as const }, { what: 'swap' as const }),
    )
    const property = fc.asyncProperty(
      fc.array(step, { minLength: 4, maxLength: 8 }),
      async (steps) => {
        await emptyDatabase(db)
        const models = ['one', 'two'].map((model) =>
          servicesOn(db, new StubEmbedder({ model }), { batchSize: 2 }),
        )
        let services = models[0]!
        for (const one of steps) {
          if (one.what === 'upload') {
            const catalog = one.name === 'c' ? 'other' : 'default'
            await upload(services, one.name, operations(one.from, one.count), { catalog })
          } else if (one.what === 'delete') {
            const spec = one.name === 'c' ? 'other/c' : one.name
            await deleteSpec(services, localPrincipal, { spec }).catch(() => undefined)
          } else if (one.what === 'batch') {
            const job = await claim(services)
            const stop = new AbortController()
            const stub = services.embedder as StubEmbedder
            const until = stub.batches.length + 2
            stub.onBatch = (batch) => {
              if (batch === until) stop.abort(new Error('enough'))
            }
            if (job) await work(services, job, stop.signal).catch(() => undefined)
            stub.onBatch = null
            await db.query(`update api_catalog.embedding_jobs set status = 'pending'
            where status = 'running'`)
          } else if (one.what === 'swap') {
            services = models.find((other) => other !== services)!
            await services.spaces.takeOver(AbortSignal.timeout(10_000))
            await workAll(services)
            await services.spaces.finishSwap()
          } else if (one.what === 'clean') {
            await removeOrphans(db, 0)
          } else {
            await workAll(services)
          }
          await expectTruth()
        }
      },
    )
    await fc.assert(property, { numRuns: 6 })
  }, 180_000)

  test('is true as soon as a job is over, however it ended and whatever was counted meanwhile', async () => {
    const stub = new StubEmbedder()
    const services = servicesOn(db, stub, { batchSize: 100 })
    await upload(services, 'large', things(600))
    const scope = await readScope(db, localPrincipal, {})
    const running: number[] = []
    stub.onBatch = async (batch) => {
      running.push((await coverageOf(db, scope)).embedded)
      if (batch > 3) throw new Error('that was all')
    }
    const job = await claim(services)
    if (!job) throw new Error('no job is due')
    await work(services, job).catch(() => {})
    running.push((await coverageOf(db, scope)).embedded)
    expect(running).toEqual(running.toSorted((a, b) => a - b))
    await failJob(db, job, 'that was all', null)
    await expectTruth()
  })

  test('is true when a running worker has settled what others upload', async () => {
    const services = servicesOn(db, new StubEmbedder(), { batchSize: 2, workers: 2 })
    workInBackground(services)
    await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        await upload(services, name, things(6))
        await coverageOf(db, await readScope(db, localPrincipal, {}))
      }),
    )
    await settledStatus(services)
    await expectTruth()
  })
})
