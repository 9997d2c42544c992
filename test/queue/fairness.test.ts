import { describe, expect, test } from 'vitest'
import type { Services } from '../../src/app/services.js'
import type { Database } from '../../src/db/database.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import {
  emptyDatabase,
  ownSpace,
  servicesOn,
  statusNow,
  upload,
  workInBackground,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

const WAIT = { timeout: 30_000, interval: 50 }

describe.each(storageKinds)('one worker on %s', (kind) => {
  const openServices = async (stub: StubEmbedder): Promise<Services> => {
    const db: Database = await openTestDatabase(kind)
    await emptyDatabase(db)
    const services = servicesOn(db, stub, { batchSize: 10 })
    await ownSpace(services)
    workInBackground(services)
    return services
  }
  const specOf = async (services: Services, name: string) =>
    (await statusNow(services)).specs.find(({ spec_name }) => spec_name === name)!

  test('embeds a small spec while it embeds a large one, whose badge and progress stay', async () => {
    const stub = new StubEmbedder()
    stub.delayMs = 20
    const services = await openServices(stub)
    await upload(services, 'large', things(3_000))
    await expect
      .poll(async () => (await specOf(services, 'large')).embedding_count, WAIT)
      .toBeGreaterThan(0)
    const progress: number[] = []
    const look = async () => {
      const large = await specOf(services, 'large')
      if (large.embedding_count < 3_000) expect(large.badge).toBe('indexing')
      expect(large).toMatchObject({ job_attempts: 0, job_last_error: null })
      progress.push(large.embedded_so_far!)
      return large
    }
    for (const name of ['small-1', 'small-2']) {
      await upload(
        services,
        name,
        things(5, (n) => `${name} ${n}`),
        { catalog: name },
      )
      await expect
        .poll(async () => {
          await look()
          return (await specOf(services, name)).badge
        }, WAIT)
        .toBe('indexed')
      expect((await look()).embedding_count).toBeLessThan(3_000)
    }
    expect(progress).toEqual(progress.toSorted((a, b) => a - b))
    await expect
      .poll(async () => (await look()).badge, { ...WAIT, timeout: 55_000 })
      .toBe('indexed')
    expect(stub.embedded).toHaveLength(3_010)
  })

  test('says that its provider is down, embeds nothing meanwhile, and goes on by itself', async () => {
    const stub = new StubEmbedder()
    const services = await openServices(stub)
    stub.isDown = true
    await upload(services, 'things', things(20))
    await expect
      .poll(() => specOf(services, 'things'), WAIT)
      .toMatchObject({ badge: 'queued', job_attempts: 0, job_last_error: 'the stub is down' })
    stub.isDown = false
    await expect
      .poll(() => specOf(services, 'things'), WAIT)
      .toMatchObject({ badge: 'indexed', job_attempts: 0, job_last_error: null })
  })
})
