/**
 * How well a server answers while it takes a document, and while it embeds it: the longest pause of
 * its event loop, what other calls took meanwhile, and its memory; then what a search among the
 * document's operations takes. Linux only.
 *
 *     npm run build && node bench/responsive.mjs SPEC.json [SPEC.json …] [DATABASE_URL]
 *
 * Each is given by its path, and one of at most 1 MB by its content too, when the one before is
 * embedded.
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
  { env: { ...process.env, ...storage } },
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

const QUESTIONS = [
  'list all users',
  'send a message to a group',
  'delete a file',
  'upload an image',
  'change the permissions of a member',
]

console.log(
  `| ${url ? 'Postgres' : 'embedded'} | operations | s | pause CPU ms | pause wall ms | of it waiting for a core | other calls max ms | peak MB |`,
)
console.log('|---|---|---|---|---|---|---|---|')
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
  const { structuredContent: facts, content } = await watched(label, () =>
    call('upload_spec', input),
  )
  if (!facts) throw new Error(content[0].text)
  await watched('… while it is embedded', () => embedded(facts))
  for (const ranking of ['lexical', 'hybrid']) {
    const times = []
    for (const query of QUESTIONS) {
      const start = performance.now()
      const { structuredContent: page } = await call('search_operations', {
        query,
        ranking,
        spec: facts.spec,
      })
      if (page.ranking !== ranking) throw new Error(`answered ${page.ranking}: ${page.fallback}`)
      times.push((performance.now() - start).toFixed(0))
    }
    console.log(`| … searched, ${ranking}: ${times.join(', ')} ms |`)
  }
}

async function embedded({ spec, operation_count }) {
  for (;;) {
    const { structuredContent } = await call('embedding_status', { spec, wait_ms: 20_000 })
    const { specs_indexed } = structuredContent.summary
    if (specs_indexed === 1) return { structuredContent: { operation_count } }
  }
}

/** Does `work`, asking the server something else meanwhile, and prints how it went. */
async function watched(label, work) {
  await probe()
  const start = performance.now()
  let slowest = 0
  let isDone = false
  const working = work().finally(() => (isDone = true))
  while (!isDone) {
    const asked = performance.now()
    await request('tools/list', {})
    slowest = Math.max(slowest, performance.now() - asked)
    await delay(20)
  }
  const result = await working
  const seconds = ((performance.now() - start) / 1000).toFixed(1)
  const { wallMs, waitMs, cpuMs, peakMb } = await probe()
  const count = result.structuredContent?.operation_count
  const [cpu, wall, wait, other] = [cpuMs, wallMs, waitMs, slowest].map((ms) => ms.toFixed(0))
  console.log(
    `| ${label} | ${count} | ${seconds} | ${cpu} | ${wall} | ${wait} | ${other} | ${peakMb} |`,
  )
  return result
}
