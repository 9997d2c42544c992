import { beforeAll, describe, expect, test, vi } from 'vitest'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { peers, type Peer, type Place, type Progress } from '../setup/mcp-peers.js'
import { storageSettings, type Settings } from '../setup/server.js'
import { manyOperations, openApi } from '../setup/specs.js'

const PETS = openApi('Pets', { 'GET /pets': { id: 'listPets' } })
const WAIT = { timeout: 20_000 }

let settings: Settings
let server: OpenServer

beforeAll(async () => {
  settings = await storageSettings()
  server = await openHttpServer(settings, { worker: true })
})

const ways: [way: string, place: () => Place][] = [
  ['HTTP', () => ({ url: `${server.url}/mcp` })],
  ['stdio', () => ({ settings })],
]
const both = peers.flatMap(([era, connect]) =>
  ways.map(([way, place]) => ({ who: `${era} over ${way}`, connect: () => connect(place()) })),
)

describe.each(both)('$who', ({ who, connect }) => {
  const catalog = who.toLowerCase().replaceAll(' ', '-')
  let peer: Peer

  beforeAll(async () => {
    peer = await connect()
    await peer.call('upload_spec', { content: PETS, catalog })
    await peer.call('embedding_status', { wait_ms: 20_000, catalog })
  })

  test('lists catalogs and specs, and the forms of their addresses', async () => {
    const listed = await peer.resources()
    const own = listed.filter(({ uri }) => uri.startsWith(`catalog://${catalog}`))
    expect(own).toEqual([
      expect.objectContaining({ uri: `catalog://${catalog}`, name: catalog }),
      expect.objectContaining({
        uri: `catalog://${catalog}/pets`,
        name: `${catalog}/pets`,
        title: 'Pets',
      }),
    ])
    expect(await peer.templates()).toEqual(['catalog://{catalog}', 'catalog://{catalog}/{spec}'])
  })

  test('reads of a catalog and of a spec what the tools say of them', async () => {
    const { facts } = await peer.call('list_specs', { catalog })
    const status = await peer.call('embedding_status', { catalog })
    const [listed] = facts.catalogs[0].specs
    expect(await peer.read(`catalog://${catalog}`)).toEqual({
      name: catalog,
      specs: [listed],
      embedding: status.facts.summary,
    })
    expect(await peer.read(`catalog://${catalog}/pets`)).toEqual({
      catalog,
      ...listed,
      embedding: status.facts.specs[0],
    })
  })

  test('is told in a sentence what there is not', async () => {
    const missing = [
      [`catalog://${catalog}/toys`, /No spec named "toys" in the catalog .*There are: /],
      ['catalog://nowhere', /No catalog named "nowhere"/],
      ['file:///etc/passwd', /not found: file:\/\/\/etc\/passwd/],
    ] as const
    for (const [uri, message] of missing) {
      const reading = peer.read(uri)
      await expect(reading).rejects.toMatchObject({ code: -32_602, data: { uri } })
      await expect(reading).rejects.toThrow(message)
    }
  })

  test('has names completed', async () => {
    const [catalogs, specs] = await peer.templates()
    const half = catalog.slice(0, -1).toUpperCase()
    expect(await peer.complete(catalogs!, 'catalog', half)).toEqual([catalog])
    expect(await peer.complete(specs!, 'spec', 'pe', { catalog })).toEqual(['pets'])
    expect(await peer.complete(specs!, 'spec', 'pe', { catalog: 'nowhere' })).toEqual([])
    expect(await peer.complete(specs!, 'spec', 'p\0%')).toEqual([])
  })

  test('is told of what it listens to, whoever changes it, and of nothing else', async () => {
    const other = await connect()
    const uri = `catalog://${catalog}/heard`
    await peer.hearOf(uri)
    await other.call('upload_spec', { content: PETS, catalog, name: 'unheard' })
    const told = peer.listChanges
    await other.call('upload_spec', { content: PETS, catalog, name: 'heard' })
    await vi.waitUntil(() => peer.updated.includes(uri) && peer.listChanges > told, WAIT)
    expect(new Set(peer.updated)).toEqual(new Set([uri]))
    await other.close()
  })

  test('sees how a long wait gets on', async () => {
    const name = `${catalog}-long`.slice(0, 60)
    await peer.call('upload_spec', { content: manyOperations(name, 800), catalog, name })
    const seen: Progress[] = []
    await peer.call('embedding_status', { spec: name, catalog, wait_ms: 20_000 }, (progress) =>
      seen.push(progress),
    )
    const told = seen.length
    expect(told).toBeGreaterThan(0)
    for (const [index, { progress, total, message }] of seen.entries()) {
      expect(progress).toBeGreaterThan(seen[index - 1]?.progress ?? -1)
      expect(total).toBe(800)
      expect(message).toMatch(/of 800 operations embedded; \d spec/)
    }
    await peer.call('list_specs')
    expect(seen).toHaveLength(told)
  })
})
