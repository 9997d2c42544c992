import { beforeAll, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { StubEmbedder } from '../fakes/stub-embedder.js'
import { ownSpace, servicesOn, upload, workAll } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

const QUESTION = 'refund payment customer'
const VERSIONS = 5
const KINDS = 7

/** What a question means is near to gadgets, whatever its words say. */
class GadgetLover extends StubEmbedder {
  override async embedQuery(_: string, signal: AbortSignal): Promise<Float32Array[]> {
    return super.embedQuery('gadget adjusts machine', signal)
  }
}

/** All words of the question, nothing of its meaning and little else that speaks for them. */
const WANTED = [
  ...Array.from({ length: VERSIONS }, (_, n) => ({
    path: `/v${n + 1}/internal/ledger/entries/refunds`,
    method: 'delete',
    summary: 'Payment of refund to customer',
  })),
  ...Array.from({ length: KINDS }, (_, n) => ({
    path: `/internal/ledger/entries/${'x'.repeat(n + 1)}/refunds`,
    method: 'delete',
    summary: 'Payment of refund to customer',
  })),
]

/** Two of its words, more than are looked at closely. */
const NEAR = Array.from({ length: 120 }, (_, n) => ({
  path: `/gadgets/${n}`,
  summary: `Gadget adjusts machine, ${['refund payment', 'payment customer', 'customer refund'][n % 3]}`,
}))

describe.each(storageKinds)('what words alone find surely, on %s', (kind) => {
  let services: Services

  beforeAll(async () => {
    services = servicesOn(await openTestDatabase(kind), new GadgetLover())
    await upload(services, 'shop', [...WANTED, ...NEAR])
    await ownSpace(services)
    await workAll(services)
  })

  const page = async (ranking: 'lexical' | 'hybrid') =>
    (await searchOperations(services, localPrincipal, { query: QUESTION, ranking })).structured

  test('stays on the first page though a hundred others are nearer in meaning', async () => {
    const byWords = (await page('lexical')).results
    expect(byWords).toHaveLength(1 + KINDS)
    expect(new Set(byWords.map(({ match }) => match))).toEqual(new Set(['strong']))

    const { results, ranking } = await page('hybrid')
    expect(ranking).toBe('hybrid')
    expect(new Set(results.map(({ path }) => path))).toEqual(
      new Set(byWords.map(({ path }) => path)),
    )
  })
})
