import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { createPostgres, hasPostgres } from '../setup/databases.js'
import { RawServer, storageSettings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'

const PETS = openApi('Pets', { 'GET /pets': { id: 'listPets' } })

describe('a data directory that cannot be made', () => {
  let folder: string
  let file: string
  let server: RawServer

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'api-catalog-handshake-'))
    file = join(folder, 'file')
    await writeFile(file, 'a file, and no directory')
    server = new RawServer({ API_CATALOG_DATA_DIR: join(file, 'data') })
  })
  afterAll(async () => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  test('does not keep the handshake from being answered', async () => {
    const { serverInfo, instructions } = await server.initialize()
    expect(serverInfo).toMatchObject({ name: 'api-catalog-mcp', title: 'API catalog' })
    expect(instructions).toContain('search_operations')
    expect(await server.listTools()).toHaveLength(8)
  })

  test('is what every tool says, in a sentence', async () => {
    const calls: [tool: string, args: object][] = [
      ['search_operations', { query: 'pets' }],
      ['upload_spec', { content: PETS }],
      ['list_specs', {}],
    ]
    for (const [tool, args] of calls) {
      const answer = await server.call(tool, args)
      expect(answer.isError).toBe(true)
      expect(answer.text).toContain(join(file, 'data'))
      expect(answer.text).toMatch(/^The data directory .*API_CATALOG_DATA_DIR\.$/)
    }
  })

  test('works, once it can be made, without a restart', async () => {
    await rm(file)
    await mkdir(file)
    const uploaded = await server.call('upload_spec', { content: PETS })
    expect(uploaded.facts).toMatchObject({ spec: 'pets', outcome: 'created' })
    const { facts } = await server.call('embedding_status', { wait_ms: 20_000 })
    expect(facts.summary).toMatchObject({ embedding_count: 1 })
    await server.close()
  })
})

describe.runIf(hasPostgres)('a Postgres that is down', () => {
  let gate: Gate
  let server: RawServer

  beforeAll(async () => {
    const url = new URL(await createPostgres())
    gate = await Gate.to(Number(url.port), url.hostname)
    await gate.shut()
    url.host = `127.0.0.1:${gate.port}`
    url.password = 'secret-of-the-database'
    server = new RawServer({ DATABASE_URL: url.href })
  })
  afterAll(async () => gate.shut())

  test('does not keep the handshake from being answered, and is what a tool says', async () => {
    expect(await server.initialize()).toHaveProperty('serverInfo')
    const answer = await server.call('search_operations', { query: 'pets' })
    expect(answer.isError).toBe(true)
    expect(answer.text).toContain(`Postgres at 127.0.0.1:${gate.port} does not answer: start it`)
    expect(answer.text).not.toContain('secret-of')
    expect(server.log).not.toContain('secret-of')
  })

  test('works, once it is up, without a restart', async () => {
    await gate.open()
    const uploaded = await server.call('upload_spec', { content: PETS })
    expect(uploaded.facts).toMatchObject({ spec: 'pets', outcome: 'created' })
    const { facts } = await server.call('embedding_status', { wait_ms: 20_000 })
    expect(facts.summary).toMatchObject({ embedding_count: 1 })
  })

  test('that goes down later is a sentence too, and then works again', async () => {
    await gate.shut()
    const answer = await server.call('list_specs')
    expect(answer).toMatchObject({ isError: true })
    expect(answer.text).toContain(`Postgres at 127.0.0.1:${gate.port} does not answer: start it`)
    await gate.open()
    await vi.waitUntil(async () => !(await server.call('list_specs')).isError, { timeout: 20_000 })
    const { facts } = await server.call('search_operations', { query: 'pets' })
    expect(facts.results[0]).toMatchObject({ id: 'pets:listPets' })
  })

  test('lets the server end', async () => {
    await gate.shut()
    server.endInput()
    expect(await server.exited()).toEqual({ code: 0, signal: null })
  })
})

test('a Postgres that accepts and never answers does not keep the server from ending', async () => {
  const silent = createServer()
  silent.listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const { port } = silent.address() as AddressInfo
  const server = await RawServer.start({ DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none` })
  expect(await server.listTools()).toHaveLength(8)
  server.endInput()
  expect(await server.exited()).toEqual({ code: 0, signal: null })
  silent.close()
})

test('a bad setting ends the server with a sentence, before anything is served', async () => {
  const server = new RawServer({
    ...(await storageSettings()),
    API_CATALOG_BATCH_SIZE: '0',
  })
  expect((await server.exited()).code).toBe(2)
  expect(server.log).toBe(
    'API_CATALOG_BATCH_SIZE is "0", but must be a whole number of texts from 1 to 1024.\n',
  )
})

/** A port before a server that can be closed and opened; closing ends what goes through it. */
class Gate {
  readonly port: number
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(server: Server, target: { port: number; host: string }) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', (near) => {
      const far = connect(target)
      for (const socket of [near, far]) {
        this.#sockets.add(socket)
        socket.on('error', () => {})
        socket.once('close', () => this.#sockets.delete(socket))
      }
      near.pipe(far).pipe(near)
    })
  }

  static async to(port: number, host: string): Promise<Gate> {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new Gate(server, { port, host })
  }

  async shut(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  async open(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1')
    await once(this.#server, 'listening')
  }
}
