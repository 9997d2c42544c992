// What api-catalog-mcp does, in one run: `npm run demo`. Starts the built server the way an MCP
// client does, on a fresh data directory, and asks it about a real API.
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

const SERVER = fileURLToPath(new URL('../dist/main.js', import.meta.url))
// Blockfrost's API of the Cardano blockchain, MIT licence.
const SPEC = createRequire(import.meta.url).resolve('@blockfrost/openapi/openapi.yaml')

/** Asked in words that the API does not use. */
const QUESTIONS = [
  'is the service up and running',
  'money that waits to be confirmed',
  'what do I earn for delegating my stake',
]
const IDENTIFIER = 'POST /tx/submit'

const style = (code) => (text) => (process.stdout.isTTY ? `\u001b[${code}m${text}\u001b[0m` : text)
const [bold, dim, green, cyan] = [style(1), style(2), style(32), style(36)]
const say = (text = '') => process.stdout.write(`${text}\n`)

const dataDir = await mkdtemp(join(tmpdir(), 'api-catalog-demo-'))
const started = performance.now()
const since = () => dim(`${((performance.now() - started) / 1000).toFixed(1)} s`)

const client = new Client({ name: 'demo', version: '1.0.0' })
const transport = new StdioClientTransport({
  command: process.execPath,
  args: [SERVER, '--data-dir', dataDir, '--log-level', 'error'],
  stderr: 'inherit',
})

async function call(name, args) {
  const result = await client.callTool({ name, arguments: args })
  if (result.isError) throw new Error(result.content[0].text)
  return result
}

async function ask(question) {
  const { structuredContent: answer } = await call('search_operations', {
    query: question,
    limit: 3,
  })
  const { ranking, coverage, results } = answer
  say(`  ${bold(question)}  ${dim(`${ranking}, ${coverage.embedded}/${coverage.total} embedded`)}`)
  if (results.length === 0) say(dim('    nothing: no word of it occurs in this API'))
  for (const { method, path, summary } of results) {
    say(`    ${green(method.padEnd(5))}${path}  ${dim(summary ?? '')}`)
  }
  say()
}

try {
  await client.connect(transport)
  say(`${since()}  ${bold('The server answers')}; its database is still opening.`)

  const { structuredContent: spec } = await call('upload_spec', { path: SPEC })
  say(
    `${since()}  ${bold('Uploaded')} "${spec.title}": ${spec.operation_count} operations, ` +
      `searchable now, job ${spec.job.id} embeds them.`,
  )
  say(`\n${cyan('At once, while embedding goes on in the background')}\n`)
  for (const question of QUESTIONS) await ask(question)

  let status
  do {
    status = (await call('embedding_status', { wait_ms: 20_000 })).structuredContent
  } while (status.summary.specs_pending + status.summary.specs_running > 0)
  const { embedder, summary } = status
  say(
    `${since()}  ${bold('Embedded')} ${summary.embedding_count} operations with ` +
      `${embedder.provider} ${embedder.model} (${embedder.dimensions} dimensions), no network used.`,
  )
  say(`\n${cyan('The same questions, by words and meaning')}\n`)
  for (const question of [...QUESTIONS, IDENTIFIER]) await ask(question)

  say(`${cyan('How to call it')}\n`)
  const { content } = await call('get_operation', { ids: [IDENTIFIER] })
  say(content[0].text.replace(/^/gm, '  '))
  say(
    `\n${since()}  Done. Add it to your agent: claude mcp add api-catalog -- npx -y api-catalog-mcp`,
  )
} finally {
  await client.close()
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 })
}
