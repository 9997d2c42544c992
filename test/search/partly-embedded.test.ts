import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { beforeAll, describe, expect, test } from 'vitest'
import { searchOperations } from '../../src/app/search-operations.js'
import type { Services } from '../../src/app/services.js'
import { localPrincipal } from '../../src/catalog/principal.js'
import { uploadSpec } from '../../src/catalog/upload-spec.js'
import { readConfig } from '../../src/config.js'
import { createBundledEmbedder } from '../../src/embedding/bundled/create-bundled-embedder.js'
import type { Embedder } from '../../src/embedding/embedder.js'
import { claimOne, ownSpace, servicesOn, work } from '../setup/catalog.js'
import { openTestDatabase, storageKinds } from '../setup/databases.js'

const REAL_SPEC = createRequire(import.meta.url).resolve('@blockfrost/openapi/openapi.yaml')
const QUESTIONS = [
  'what is the latest block',
  'list the transactions of a block',
  'addresses affected in a block',
  'protocol parameters of an epoch',
  'stake distribution by pool',
  'history of rewards of an account',
  'UTXOs of an address',
  'metadata of an asset',
  'assets of a policy',
  'which pools are retiring',
  'submit a signed transaction',
  'evaluate how many execution units a transaction needs',
  'redeemers of a script',
  'datum by its hash',
  'pin an object to IPFS',
  'metrics of my usage',
  'is the backend healthy',
  'current time of the backend',
  'information about the network',
  'votes on a governance proposal',
]
const IDENTIFIERS = ['GET /blocks/latest', '/pools/{pool_id}/history', '/txs/{hash}']
const STEPS = [0, 25, 50, 75, 100]

/** The bundled embedder, until its batches are used up. */
class RationedEmbedder {
  readonly #bundled = createBundledEmbedder()
  batches = 0

  asEmbedder(): Embedder {
    return {
      ...this.#bundled,
      embedOperations: async (operations, signal) => {
        if (this.batches-- <= 0) throw new Error('the batches are used up')
        return this.#bundled.embedOperations(operations, signal)
      },
    }
  }
}

/** What a question must keep on its first page: an exact or strong hit of its first page by words. */
interface Kept {
  query: string
  id: string
}

describe.each(storageKinds)('a real spec, embedded step by step, on %s', (kind) => {
  const rationed = new RationedEmbedder()
  let services: Services
  let kept: Kept[]
  let embed: () => Promise<void>

  const page = async (query: string, ranking: 'auto' | 'lexical') =>
    (await searchOperations(services, localPrincipal, { query, ranking })).structured

  beforeAll(async () => {
    const db = await openTestDatabase(kind)
    const config = readConfig({}, {})
    const { operationCount } = await uploadSpec(db, localPrincipal, {
      document: { content: await readFile(REAL_SPEC, 'utf8') },
      source: null,
      limits: config,
      name: 'real',
      willEmbed: true,
    })
    const batchSize = Math.ceil(operationCount / 4)
    services = servicesOn(db, rationed.asEmbedder(), { batchSize, queryTimeoutMs: 5_000 })
    await ownSpace(services)
    const job = await claimOne(services)
    embed = async () => {
      rationed.batches = 1
      await work(services, job).catch(() => {})
    }
    const pages = await Promise.all(
      [...QUESTIONS, ...IDENTIFIERS].map(async (query) => {
        const { results } = await page(query, 'lexical')
        return results.filter(({ match }) => match !== 'weak').map(({ id }) => ({ query, id }))
      }),
    )
    kept = pages.flat()
  })

  test('an exact or strong hit by words stays on the first page at every step', async () => {
    expect(kept.length).toBeGreaterThan(50)
    const lost: string[] = []
    const coverages: number[] = []
    for (const percent of STEPS) {
      if (percent > 0) await embed()
      for (const { query, id } of kept) {
        const { results, coverage } = await page(query, 'auto')
        if (!results.some((result) => result.id === id)) lost.push(`${percent} %: ${query}: ${id}`)
        coverages.push(coverage.embedded / coverage.total)
      }
    }
    expect(lost).toEqual([])
    expect(new Set(coverages).size).toBe(STEPS.length)
    expect([coverages[0], coverages.at(-1)]).toEqual([0, 1])
  })

  test('an identifier is first when all is embedded', async () => {
    for (const identifier of IDENTIFIERS) {
      const [first] = (await page(identifier, 'auto')).results
      expect(first).toMatchObject({ match: 'exact' })
      expect(identifier).toContain(first?.path)
    }
  })
})
