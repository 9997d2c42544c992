import { beforeAll, describe, expect, test } from 'vitest'
import { openHttpServer, type OpenServer } from '../setup/http-server.js'
import { PROGRAM } from '../setup/program.js'
import { storageSettings, type Settings } from '../setup/server.js'
import { npx } from './npx.js'

const inspectors: { inspector: string; packages: string[] }[] = [
  { inspector: '1.0.3', packages: ['@modelcontextprotocol/inspector@1.0.3'] },
  { inspector: '2.12.0', packages: ['node@22', '@modelcontextprotocol/inspector@2.12.0'] },
]

let settings: Settings
let server: OpenServer

beforeAll(async () => {
  settings = await storageSettings('embedded')
  server = await openHttpServer(settings)
})

describe.each(inspectors)('the Inspector $inspector', ({ inspector, packages }) => {
  test.each([
    ['stdio', () => [...inEnvironment(settings), process.execPath, PROGRAM]],
    ['HTTP', () => [`${server.url}/mcp`, '--transport', 'http']],
  ])('lists and calls over %s', async (way, target) => {
    const ask = (...asked: string[]) =>
      npx(packages, ['mcp-inspector', '--cli', ...target(), ...asked])
    expect(await ask('--method', 'tools/list')).toContain('"search_operations"')
    const called = await ask('--method', 'tools/call', '--tool-name', 'list_specs')
    expect(called).toContain('There are no specs yet.')
    process.stdout.write(`Inspector ${inspector}: lists and calls over ${way}\n`)
  })
})

/** It gives a server nothing of its own environment but what is said here. */
function inEnvironment(variables: Settings): string[] {
  return Object.entries(variables).flatMap(([name, value]) => ['-e', `${name}=${value}`])
}
