// What a new user waits for: `node bench/first-light.mjs SPEC.json [DATABASE_URL]` (after a build).
// Starts the server on a fresh data directory and prints times, rates and memory.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const [file, databaseUrl] = process.argv.slice(2)
if (!file) throw new Error('usage: node bench/first-light.mjs SPEC.json [DATABASE_URL]')
const path = resolve(file)
const SERVER = fileURLToPath(new URL('../dist/main.js', import.meta.url))
const QUESTIONS = 200
const COMMANDS = 10

const settings = (dataDir) => ({
  ...process.env,
  API_CATALOG_DATA_DIR: dataDir,
  API_CATALOG_LOG_LEVEL: 'error',
  ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
})

async function runCommand(dataDir) {
  const [code] = await once(
    spawn(process.execPath, [SERVER, 'list'], { env: settings(dataDir), stdio: 'ignore' }),
    'exit',
  )
  if (code !== 0) throw new Error(`list ended with ${code}`)
}

class Server {
  static async start(dataDir) {
    const server = new Server()
    server.started = performance.now()
    server.process = spawn(process.execPath, [SERVER], {
      env: settings(dataDir),
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    server.waiting = new Map()
    createInterface({ input: server.process.stdout }).on('line', (line) => {
      const message = JSON.parse(line)
      server.waiting.get(message.id)?.(message)
    })
    await server.request('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'bench', version: '1' },
    })
    server.answeredMs = performance.now() - server.started
    return server
  }

  request(method, params) {
    const id = this.waiting.size + 1
    return new Promise((answer) => {
      this.waiting.set(id, answer)
      this.process.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
    })
  }

  async call(name, args) {
    const { result, error } = await this.request('tools/call', { name, arguments: args })
    if (error || result.isError) throw new Error(error?.message ?? result.content[0].text)
    return result
  }

  async memoryMb() {
    const status = await readFile(`/proc/${this.process.pid}/status`, 'utf8').catch(() => '')
    const kb = (field) => Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0)
    return { now: Math.round(kb('VmRSS') / 1024), peak: Math.round(kb('VmHWM') / 1024) }
  }

  async stop() {
    this.process.stdin.end()
    await new Promise((done) => this.process.once('exit', done))
  }
}

const print = (name, value) => console.log(`${name.padEnd(44)}${value}`)
const timed = async (work) => {
  const started = performance.now()
  const result = await work()
  return { ms: performance.now() - started, result }
}

const dataDir = await mkdtemp(join(tmpdir(), 'api-catalog-bench-'))
try {
  const bytes = (await stat(path)).size
  const text = await readFile(path, 'utf8')
  const parse = path.endsWith('.json') ? (await timed(() => JSON.parse(text))).ms : null
  print('machine', `${cpus().length} cores, Node ${process.version}`)
  print('storage', databaseUrl ? 'Postgres' : 'embedded')
  print('document', `${(bytes / 1e6).toFixed(1)} MB`)

  let server = await Server.start(dataDir)
  print('spawn to first answer, new directory', `${server.answeredMs.toFixed(0)} ms`)
  const created = await timed(() => server.call('list_specs', {}))
  print('… until the database is made', `${(server.answeredMs + created.ms).toFixed(0)} ms`)

  const upload = await timed(() => server.call('upload_spec', { path }))
  const { operation_count: operations } = upload.result.structuredContent
  print('upload until the tool returns', `${upload.ms.toFixed(0)} ms, ${operations} operations`)
  if (parse) print('… in times of JSON.parse', (upload.ms / parse).toFixed(1))

  const indexing = await timed(async () => {
    for (;;) {
      const { structuredContent } = await server.call('embedding_status', { wait_ms: 20_000 })
      const { specs_pending, specs_running } = structuredContent.summary
      if (specs_pending + specs_running === 0) return
    }
  })
  print('then embedded after', `${indexing.ms.toFixed(0)} ms`)
  const { structuredContent: status } = await server.call('embedding_status', { jobs: 1 })
  const { started_at, completed_at } = status.jobs[0]
  const jobMs = Date.parse(completed_at) - Date.parse(started_at)
  // Of the job: whoever asks for the status sees its end up to .2 s later.
  print('… operations per second', (operations / (jobMs / 1000)).toFixed(0))
  const first = await server.memoryMb()
  print('memory, first run', `${first.now} MB, peak ${first.peak} MB`)
  await server.stop()

  server = await Server.start(dataDir)
  print('spawn to first answer, again', `${server.answeredMs.toFixed(0)} ms`)
  const opened = await timed(() => server.call('list_specs', {}))
  print('… until the database is open', `${(server.answeredMs + opened.ms).toFixed(0)} ms`)

  const words = [...new Set(text.slice(0, 2_000_000).match(/[a-z]{4,12}/g))].slice(0, QUESTIONS * 4)
  for (const ranking of ['lexical', 'hybrid']) {
    const times = []
    for (let n = 0; n < QUESTIONS; n++) {
      const query = words.slice(n * 4, n * 4 + 4).join(' ')
      times.push((await timed(() => server.call('search_operations', { query, ranking }))).ms)
    }
    times.sort((a, b) => a - b)
    const [p50, p95] = [0.5, 0.95].map((share) =>
      times[Math.floor(share * times.length)].toFixed(0),
    )
    print(`search, ${ranking}, over stdio`, `p50 ${p50} ms, p95 ${p95} ms`)
  }
  const again = await server.memoryMb()
  print('memory after a restart and searches', `${again.now} MB, peak ${again.peak} MB`)
  await server.stop()

  const commands = []
  for (let n = 0; n < COMMANDS; n++) commands.push((await timed(() => runCommand(dataDir))).ms)
  commands.sort((a, b) => a - b)
  print('`list`, until its process is gone', `${commands[COMMANDS / 2].toFixed(0)} ms`)
} finally {
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
}
