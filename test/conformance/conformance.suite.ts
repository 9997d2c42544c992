import { beforeAll, describe, expect, test } from 'vitest'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'
import { openApi } from '../setup/specs.js'
import { fixtureServers } from './fixtures.js'
import { npx } from './npx.js'

const LATEST = '@modelcontextprotocol/conformance@0.1.16'
const NEXT = '@modelcontextprotocol/conformance@0.2.0-alpha.12'

/** The suites want Node 22. */
const suites: { suite: string; command: string[]; generic: number; all: number }[] = [
  { suite: '2025-11-25, 0.1.16', command: [LATEST], generic: 8, all: 30 },
  {
    suite: '2025-11-25, 0.2.0-alpha.12',
    command: [NEXT, '--requirements', '2025-11-25'],
    generic: 8,
    all: 30,
  },
  {
    suite: '2026-07-28, 0.2.0-alpha.12',
    command: [NEXT, '--requirements', '2026-07-28'],
    generic: 9,
    all: 37,
  },
]

/** Scenarios that need nothing of a server but what it says that it has; it has no prompts. */
const GENERIC = new Set([
  'server-initialize',
  'ping',
  'tools-list',
  'resources-list',
  'resources-subscribe',
  'resources-unsubscribe',
  'dns-rebinding-protection',
  'server-sse-multiple-streams',
  'sep-2164-resource-not-found',
  'input-required-result-missing-input-response',
  'input-required-result-unsupported-methods',
  'input-required-result-ignore-extra-params',
  'input-required-result-validate-input',
])

let server: OpenServer
let fixtures: OpenServer

beforeAll(async () => {
  server = await openHttpServer(await storageSettings('embedded'), { worker: true })
  fixtures = await openHttpServer(await storageSettings('embedded'), { servers: fixtureServers() })
  const content = openApi('Pets', { 'GET /pets': { id: 'listPets' } })
  const put = { method: 'PUT', body: content, headers: { 'content-type': 'application/json' } }
  await server.ask('/api/v1/catalogs/default/specs/pets', put)
})

describe.each(suites)('$suite', ({ suite, command, generic, all }) => {
  test('the server passes every generic scenario', async () => {
    const results = await conformance(command, `${server.url}/mcp`)
    const own = new Map([...results].filter(([name]) => GENERIC.has(name)))
    process.stdout.write(
      `${suite}: the server passes ${passed(own)} of ${own.size} generic scenarios\n`,
    )
    expect(failed(own)).toEqual([])
    expect(own.size).toBe(generic)
  })

  test('what it is made of passes all scenarios, with fixtures', async () => {
    const results = await conformance(command, `${fixtures.url}/mcp`)
    process.stdout.write(
      `${suite}: with fixtures it passes ${passed(results)} of ${results.size} scenarios\n`,
    )
    expect(failed(results)).toEqual([])
    expect(results.size).toBe(all)
  })
})

type Results = Map<string, boolean>

/** The scored scenarios of a suite, and whether the server at `url` passes each. */
async function conformance([suite = '', ...args]: string[], url: string): Promise<Results> {
  const output = await npx(['node@22', suite], ['conformance', 'server', '--url', url, ...args])
  const [, summary] = output.split('=== SUMMARY ===')
  if (summary === undefined) throw new Error(`The suite did not run:\n${output.slice(-2_000)}`)
  const unscored = new Set([...summary.matchAll(/^ {2}[✓✗] (\S+) \(/gmu)].map(([, name]) => name))
  const lines = [...summary.matchAll(/^([✓✗]) (\S+): (\d+) passed, (\d+) failed/gmu)]
  const results = lines.map(([, mark, name = '']): [string, boolean] => [name, mark === '✓'])
  return new Map(results.filter(([name]) => !unscored.has(name)))
}

function passed(results: Results): number {
  return [...results.values()].filter(Boolean).length
}

function failed(results: Results): string[] {
  return [...results].filter(([, isPassed]) => !isPassed).map(([name]) => name)
}
