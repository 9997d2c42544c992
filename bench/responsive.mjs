/**
 * How well a server answers while it takes a document: the longest pause of its event loop, what
 * other calls took meanwhile, and its memory. Linux only.
 *
 *     npm run build && node bench/responsive.mjs SPEC.json [SPEC.json …] [DATABASE_URL]
 *
 * Each is given by its path, and one of at most 1 MB by its content too. Nothing is
 * embedded (API_CATALOG_EMBEDDER=none), so that only taking it is measured.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const here = (name) => fileURLToPath(new URL(name, import.meta.url))
const args = process.argv.slice(2)
const url = args.find((arg) => arg.startsWith('postgres'))
const specs = args.filter((arg) => arg !== url)
const dataDir = mkdtempSync(join(tmpdir(), 'api-catalog-responsive-'))
const storage = url === undefined ? { API_CATALOG_DATA_DIR: dataDir } : { DATABASE_URL: url }

const server = spawn(
  process.execPath,
  ['--import', here('./loop-probe.mjs'), here('../dist/main.js')],
  { env: { ...process.env, ...storage, API_CATALOG_EMBEDDER: 'none' } },
)
let onProbe = () => {}
createInterface(server.stderr).on('line', (line) => {
  if (line.startsWith('loop-probe ')) onProbe(JSON.parse(line.slice('loop-probe '.length)))
})
const waiting = new Map()
createInterface(server.stdout).on('line', (line) => {
  const { id, result } = JSON.parse(line)
  waiting.get(id)?.(result)
})
let ids = 0
const request = (method, params) =>
  new Promise((settle) => {
    const id = ++ids
    waiting.set(id, settle)
    server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
  })
const call = (name, input) => request('tools/call', { name, arguments: input })
const probe = () =>
  new Promise((settle) => {
    onProbe = settle
    server.kill('SIGUSR2')
  })

await request('initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'bench', version: '1' },
})
await call('list_specs', {})

console.log(
  `| ${url ? 'Postgres' : 'embedded'} | operations | upload s | pause CPU ms | pause wall ms | other calls max ms | peak MB |`,
)
console.log('|---|---|---|---|---|---|---|')
for (const spec of specs) {
  await measured(`${basename(spec)} by path`, { path: resolve(spec) })
  if (statSync(spec).size <= 1024 * 1024) {
    await measured(`${basename(spec)} by content`, {
      content: readFileSync(spec, 'utf8'),
      name: 'inline',
    })
  }
}
server.stdin.end()
rmSync(dataDir, { recursive: true, force: true })

async function measured(label, input) {
  await probe()
  const start = performance.now()
  const upload = call('upload_spec', input)
  let slowest = 0
  let isDone = false
  void upload.finally(() => (isDone = true))
  while (!isDone) {
    const asked = performance.now()
    await request('tools/list', {})
    slowest = Math.max(slowest, performance.now() - asked)
    await delay(20)
  }
  const { structuredContent: facts, content } = await upload
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const { wallMs, cpuMs, peakMb } = await probe()
  const count = facts?.operation_count ?? content[0].text
  console.log(
    `| ${label} | ${count} | ${seconds} | ${cpuMs.toFixed(0)} | ${wallMs.toFixed(0)} | ${slowest.toFixed(0)} | ${peakMb} |`,
  )
}
