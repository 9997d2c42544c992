import { expect, test, vi } from 'vitest'
import { RawServer, storageSettings, type Settings } from '../setup/server.js'
import { manyOperations } from '../setup/specs.js'

const ROUNDS = 4
const OPERATIONS = 40

test('servers on one data directory see what each other uploads', async () => {
  const settings = await storageSettings('embedded')
  const servers = await startServers(settings, 3)
  const uploads = servers.map((server, n) =>
    server.call('upload_spec', { content: manyOperations(`from-${n}`, 5) }),
  )
  for (const { facts } of await Promise.all(uploads)) expect(facts.outcome).toBe('created')
  for (const server of servers) {
    const { facts } = await server.call('embedding_status', { wait_ms: 20_000 })
    expect(facts.summary).toMatchObject({ specs_indexed: 3, embedding_count: 15 })
    const found = await server.call('search_operations', { query: 'from-1Item3' })
    expect(found.facts.ranking).toBe('hybrid')
    expect(found.facts.results[0]).toMatchObject({ id: 'from-1:from-1Item3', match: 'exact' })
  }
  await Promise.all(servers.map((server) => server.close()))
})

test.each([
  ['the first server, which owns the directory,', 0],
  ['the server that came second', 1],
])(
  'when %s is killed, nothing acknowledged is lost and the other goes on',
  async (_who, victim) => {
    const settings = await storageSettings('embedded')
    const acknowledged = new Set<string>()
    let servers = await startServers(settings, 2)
    for (let round = 0; round < ROUNDS; round++) {
      const uploading = servers.map((server, n) =>
        uploadUntilItEnds(server, `round-${round}-of-${n}`, acknowledged),
      )
      await vi.waitUntil(() => enoughOf(acknowledged, `round-${round}-of-`, 2), { timeout: 30_000 })
      const killed = servers[victim] as RawServer
      const other = servers[1 - victim] as RawServer
      await killed.kill()
      const known = acknowledged.size
      await vi.waitUntil(() => acknowledged.size > known, { timeout: 30_000 })
      uploading.forEach(({ stop }) => stop())
      await Promise.all(uploading.map(({ ended }) => ended))
      expect(await namesIn(other)).toEqual(expect.arrayContaining([...acknowledged]))
      // The one that is left is the first one now.
      const next = await RawServer.start(settings)
      servers = victim === 0 ? [other, next] : [other, next]
    }
    const { facts } = await servers[0]!.call('embedding_status', { wait_ms: 20_000 })
    const { operation_count, embedding_count, specs_failed } = facts.summary
    expect(embedding_count).toBe(operation_count)
    expect(specs_failed).toBe(0)
    await Promise.all(servers.map((server) => server.close()))
  },
  120_000,
)

test('a server that cannot embed does not keep the others from it', async () => {
  const settings = await storageSettings('embedded')
  const first = await RawServer.start({ ...settings, API_CATALOG_EMBEDDER: 'none' })
  await first.call('upload_spec', { content: manyOperations('first', 5) })
  const second = await RawServer.start(settings)
  await second.call('upload_spec', { content: manyOperations('second', 5) })
  const { facts } = await second.call('embedding_status', { wait_ms: 20_000 })
  expect(facts.summary).toMatchObject({ specs_indexed: 2, embedding_count: 10 })
  await Promise.all([first.close(), second.close()])
})

test('a server that ends while others go on hands the directory over', async () => {
  const settings = await storageSettings('embedded')
  const [first, second, third] = (await startServers(settings, 3)) as [
    RawServer,
    RawServer,
    RawServer,
  ]
  await first.call('upload_spec', { content: manyOperations('first', OPERATIONS) })
  await first.close()
  const uploaded = await second.call('upload_spec', {
    content: manyOperations('second', OPERATIONS),
  })
  expect(uploaded.facts).toMatchObject({ outcome: 'created' })
  await second.close()
  const { facts } = await third.call('embedding_status', { wait_ms: 20_000 })
  expect(facts.summary).toMatchObject({ specs_indexed: 2, embedding_count: 2 * OPERATIONS })
  await third.close()
})

/** One after another, so that the first one owns the directory. */
async function startServers(settings: Settings, count: number): Promise<RawServer[]> {
  const servers: RawServer[] = []
  for (let n = 0; n < count; n++) {
    const server = await RawServer.start(settings)
    await server.call('list_specs')
    servers.push(server)
  }
  return servers
}

/** Uploads one small spec after the other, until told to stop or the server is gone. */
function uploadUntilItEnds(server: RawServer, name: string, acknowledged: Set<string>) {
  let stopped = false
  const upload = async () => {
    for (let n = 0; !stopped; n++) {
      const content = manyOperations(`${name}-${n}`, OPERATIONS)
      const answer = await server.call('upload_spec', { content }).catch(() => null)
      if (answer === null) return
      expect(answer).toMatchObject({ isError: false, facts: { outcome: 'created' } })
      acknowledged.add(answer.facts.spec)
    }
  }
  return { ended: upload(), stop: () => (stopped = true) }
}

function enoughOf(acknowledged: ReadonlySet<string>, prefix: string, wanted: number): boolean {
  const names = [...acknowledged]
  return [0, 1].every(
    (n) => names.filter((name) => name.startsWith(`${prefix}${n}-`)).length >= wanted,
  )
}

async function namesIn(server: RawServer): Promise<string[]> {
  const { facts } = await server.call('list_specs')
  return facts.catalogs.flatMap(({ specs }: { specs: { name: string }[] }) =>
    specs.map(({ name }) => name),
  )
}
