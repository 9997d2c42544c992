// Runs the tree that build-image-tree.mjs made the way a container does: from an empty environment,
// as root and as the image's user, over HTTP and then over stdio on the same data.
//   node scripts/check-image-tree.mjs DIRECTORY
// Checks probes, keys, an upload and a search, that nothing is written beside the data directory, and
// that SIGTERM ends it with 0. Whoever is not root checks as themselves only.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const PORT = 39_311
const KEY = 'a-key-of-this-check'
const START_LIMIT_MS = 60_000
const STOP_LIMIT_MS = 15_000
const SPEC = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'Kettle', version: '1' },
  paths: { '/boil': { post: { operationId: 'boilWater', summary: 'Boil the water' } } },
})

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('usage: check-image-tree.mjs DIRECTORY')
const out = resolve(directory)
const image = JSON.parse(await readFile(join(out, 'image.json'), 'utf8'))
const root = join(out, 'root')
const app = join(root, image.directory)
const data = join(root, image.env.API_CATALOG_DATA_DIR)
const [uid, gid] = image.user.split(':').map(Number)

const isRoot = process.getuid() === 0
for (const user of isRoot
  ? [
      { uid: 0, gid: 0 },
      { uid, gid },
    ]
  : [null]) {
  await makeData(user)
  const before = filesOf(app)
  await checkHttp(user)
  await checkStdio(user)
  expect(filesOf(app) === before, 'nothing is written beside the data directory')
  console.log(`ok: as ${user ? `user ${user.uid}` : 'this user'}`)
}

async function checkHttp(user) {
  const url = `http://127.0.0.1:${PORT}`
  const started = performance.now()
  const [command, ...args] = commandLine(user, ['serve', '--http', `0.0.0.0:${PORT}`], {
    API_CATALOG_KEYS: `check:${KEY}`,
  })
  const server = spawn(command, args, { cwd: app, stdio: ['ignore', 'inherit', 'pipe'] })
  const ended = once(server, 'exit')
  const log = []
  server.stderr.on('data', (chunk) => log.push(chunk))
  try {
    await until(async () => (await statusOf(`${url}/healthz`)) === 200)
    await until(async () => (await statusOf(`${url}/readyz`)) === 200)
    console.log(`ready after ${Math.round(performance.now() - started)} ms`)
    execFileSync(process.execPath, [join(app, 'healthcheck.mjs'), String(server.pid)])
    expect((await statusOf(`${url}/metrics`)) === 401, 'without a key there are no metrics')
    const client = await connected(
      new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
        requestInit: { headers: { authorization: `Bearer ${KEY}` } },
      }),
    )
    await client.callTool({ name: 'upload_spec', arguments: { content: SPEC } })
    await expectFound(client)
    await client.close()
    server.kill('SIGTERM')
    const [code] = await Promise.race([ended, delay(STOP_LIMIT_MS, ['none'])])
    expect(code === 0, `SIGTERM ends it with 0; it was ${code}`)
  } catch (error) {
    console.error(Buffer.concat(log).toString())
    throw error
  } finally {
    server.kill('SIGKILL')
  }
}

async function checkStdio(user) {
  const [command, ...args] = commandLine(user, image.cmd)
  const transport = new StdioClientTransport({ command, args, cwd: app, stderr: 'ignore' })
  const client = await connected(transport)
  await expectFound(client) // in what was uploaded over HTTP
  await client.close()
}

/** As the container's entry point is started, but that its data lies in the tree. */
function commandLine(user, words, settings = {}) {
  const environment = Object.entries({
    PATH: process.env.PATH,
    ...image.env,
    API_CATALOG_DATA_DIR: data,
    ...settings,
  })
  const [node, ...entry] = image.entrypoint
  return [
    'env',
    '-i',
    ...environment.map(([name, value]) => `${name}=${value}`),
    ...(user ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : []),
    node === 'node' ? process.execPath : node,
    ...entry,
    ...words,
  ]
}

async function connected(transport) {
  const client = new Client({ name: 'check-image-tree', version: '1' })
  await client.connect(transport)
  return client
}

async function expectFound(client) {
  const query = { name: 'search_operations', arguments: { query: 'boil water' } }
  await until(async () => {
    const { isError, structuredContent } = await client.callTool(query)
    return !isError && structuredContent.results[0]?.id === 'kettle:boilWater'
  })
}

/** An empty data directory, as a new volume is. */
async function makeData(user) {
  await rm(data, { recursive: true, force: true })
  await mkdir(data, { mode: 0o700 })
  await chmod(out, 0o755)
  if (user) await chown(data, user.uid, user.gid)
}

/** Every file of the tree with its size and when it was changed. */
function filesOf(tree) {
  return execFileSync('find', ['.', '-printf', '%p %s %T@\n'], { cwd: tree }).toString()
}

async function statusOf(url) {
  return await fetch(url).then(
    ({ status }) => status,
    () => 0,
  )
}

async function until(isSo) {
  const end = performance.now() + START_LIMIT_MS
  while (!(await isSo())) {
    expect(performance.now() < end, `it comes about within ${START_LIMIT_MS} ms: ${isSo}`)
    await delay(50)
  }
}

function expect(holds, what) {
  if (!holds) throw new Error(`Not so: ${what}`)
}
