import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { openHttpServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { specDocument, things } from '../setup/spec-document.js'

const { ask, app } = await openHttpServer(await storageSettings('postgres'))

async function scrape(): Promise<Map<string, number>> {
  const answer = await ask('/metrics')
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const lines = (await answer.text()).split('\n').filter((line) => /^[^#]/.test(line))
  return new Map(
    lines.map((line) => {
      const [name = '', value] = line.split(/ (?=\S+$)/)
      return [name, Number(value)]
    }),
  )
}

/** Calls a tool, and reads the answer to its end: it begins before the work is done. */
async function call(name: string, args: object): Promise<void> {
  const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name, arguments: args } }
  const answer = await ask('/mcp', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify(body),
  })
  await answer.text()
}

test('what callers ask moves every metric that is documented for it', async () => {
  await app.services()
  const before = await scrape()
  await call('upload_spec', { content: specDocument('api', things(3)) })
  await call('upload_spec', { content: 'no document' })
  await call('search_operations', { query: 'read thing', ranking: 'lexical' })
  await call('search_operations', { query: 'read thing' })
  await call('search_operations', { query: 'xyzzy' })
  await ask('/api/v1/nowhere/of/any-name')
  const after = await scrape()
  const moved = (series: string) => (after.get(series) ?? 0) - (before.get(series) ?? 0)

  expect(moved('api_catalog_http_requests_total{method="POST",route="/mcp",status="200"}')).toBe(5)
  expect(moved('api_catalog_http_requests_total{method="GET",route="none",status="404"}')).toBe(1)
  expect(moved('api_catalog_http_request_seconds_count{route="/mcp"}')).toBe(5)
  expect(moved('api_catalog_tool_calls_total{tool="upload_spec",outcome="ok"}')).toBe(1)
  expect(moved('api_catalog_tool_calls_total{tool="upload_spec",outcome="refused"}')).toBe(1)
  expect(moved('api_catalog_tool_call_seconds_count{tool="search_operations"}')).toBe(3)
  expect(moved('api_catalog_searches_total{ranking="lexical",fallback="none"}')).toBe(1)
  const fallbacks = [...after.keys()].filter((series) => /fallback="(?!none)/.test(series))
  expect(fallbacks.reduce((sum, series) => sum + moved(series), 0)).toBe(2)
  expect(moved('api_catalog_searches_without_hit_total')).toBe(1)
  expect(moved('api_catalog_search_seconds_count{of="whole"}')).toBe(3)
  expect(moved('api_catalog_search_seconds_count{of="words"}')).toBe(3)
  expect(after.get('api_catalog_database_connections{state="idle"}')).toBeGreaterThan(0)

  const documented = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  for (const [, name] of documented.matchAll(/^\| `(api_catalog_(?:http|tool|search)\w+)`/gm)) {
    expect([...after].some(([series, value]) => series.startsWith(name!) && value > 0)).toBe(true)
  }
})

test('the process is measured too', async () => {
  const values = await scrape()
  expect(values.get('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
  expect(values.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
})

test('no label is a name or an id, whatever paths are asked for', async () => {
  await ask('/api/v1/events/SECRET-NAME', { method: 'PROPFIND' })
  await ask('/SECRET-NAME?SECRET-NAME=1')
  expect([...(await scrape()).keys()].join('\n')).not.toMatch(/SECRET|PROPFIND/)
})
