import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import type { Database } from '../../src/db/database.js'
import { reconcile } from '../../src/embedding/reconcile.js'
import { reembedSpec } from '../../src/embedding/reembed-spec.js'
import { failJob } from '../../src/queue/finish.js'
import { reapExpiredLeases } from '../../src/queue/reap.js'
import {
  claimOne,
  expireLeases,
  jobsNow,
  ownSpace,
  statusNow,
  upload,
  workAll,
  startAfresh,
} from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'
import { things } from '../setup/spec-document.js'

describe.each(storageKinds)('a spec that failed for good, on %s', (kind) => {
  let db: Database
  let services: Services

  beforeAll(async () => {
    db = await openTestDatabase(kind)
  })

  beforeEach(async () => {
    ;({ services } = await startAfresh(db))
    await upload(services, 'things', things(2))
  })

  const ask = async () => reconcile(db, await ownSpace(services))
  const failForGood = async () => failJob(db, await claimOne(services), 'no luck', null)
  const restMinutes = async () => Math.round((await jobsNow(db)).at(-1)!.wait_ms / 60_000)
  const endRest = () =>
    db.query(`update api_catalog.embedding_jobs set next_run_at = now() where status = 'failed'`)

  test('is tried again after 30 minutes, then 1, 2, 4 and 6 hours', async () => {
    const rests: number[] = []
    for (let round = 0; round < 7; round++) {
      await failForGood()
      expect(await ask()).toBe(0)
      rests.push(await restMinutes())
      await endRest()
      expect(await ask()).toBe(1)
    }
    expect(rests).toEqual([30, 60, 120, 240, 360, 360, 360])
  })

  test('rests shortly again once it has succeeded in between', async () => {
    await failForGood()
    await endRest()
    await ask()
    await workAll(services)
    await db.query(`delete from api_catalog.embeddings`)
    await ask()
    await failForGood()
    expect(await restMinutes()).toBe(30)
  })

  test('is tried at once when a person asks, and then rests anew', async () => {
    await failForGood()
    await reembedSpec(db, localPrincipal, { name: 'things', willEmbed: true })
    await failForGood()
    await upload(
      services,
      'things',
      things(2, (n) => `Other ${n}`),
    )
    await failForGood()
    const jobs = await jobsNow(db)
    expect(jobs.map(({ wait_ms }) => Math.round(wait_ms / 60_000))).toEqual([30, 30, 30])
  })

  test('rests too when it failed because its workers died', async () => {
    for (let round = 0; round < 5; round++) {
      await claimOne(services)
      await expireLeases(db)
      await reapExpiredLeases(db)
    }
    expect((await jobsNow(db)).at(-1)).toMatchObject({ status: 'failed' })
    expect(await restMinutes()).toBe(30)
    expect(await ask()).toBe(0)
  })

  test('says in the status until when it rests', async () => {
    await failForGood()
    const [spec] = (await statusNow(services)).specs
    expect(spec).toMatchObject({ badge: 'failed', job_last_error: 'no luck' })
    expect(Date.parse(spec!.next_run_at!)).toBeGreaterThan(Date.now())
  })
})
