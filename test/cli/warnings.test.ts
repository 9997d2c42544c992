import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { storageKinds } from '../setup/databases.js'
import { RawServer, runCommand, storageSettings, type Settings } from '../setup/server.js'

const WRONG = {
  openapi: '3.0.3',
  info: { title: 'Wrong' },
  paths: { '/a': { get: { responses: {}, tags: 'one' } } },
}

describe.each(storageKinds)('on the %s database', (kind) => {
  let folder: string
  let settings: Settings

  beforeAll(async () => {
    settings = await storageSettings(kind)
    folder = await mkdtemp(join(tmpdir(), 'api-catalog-warnings-'))
  })
  afterAll(async () => rm(folder, { recursive: true, force: true, maxRetries: 3 }))

  const codesAt = (warnings: { code: string; pointer: string }[], pointer: string) =>
    warnings.filter((one) => one.pointer === pointer).map(({ code }) => code)

  test('a document that is not as its schema says is taken, and told what is wrong', async () => {
    const server = await RawServer.start(settings)
    const content = JSON.stringify(WRONG)
    const first = await server.call('upload_spec', { content })
    expect(first.facts).toMatchObject({ outcome: 'created', operation_count: 1 })
    expect(codesAt(first.facts.warnings, '/info')).toEqual([])

    const shown = await runCommand(['warnings', 'wrong', '--json'], settings)
    const { warnings, warning_count: count, revision } = JSON.parse(shown.stdout)
    expect({ count, revision }).toEqual({ count: warnings.length, revision: 1 })
    expect(codesAt(warnings, '/info')).toEqual(['SCHEMA_INVALID'])
    expect(codesAt(warnings, '/paths/~1a/get/tags')).toEqual(['BAD_TYPE', 'SCHEMA_INVALID'])

    const again = await server.call('upload_spec', { content })
    expect(again.facts).toMatchObject({ outcome: 'unchanged', warning_count: count })
    expect(codesAt(again.facts.warnings, '/info')).toEqual(['SCHEMA_INVALID'])
    await server.close()
  })

  test('the command line shows twenty warnings of a code, and how to see them all', async () => {
    const file = join(folder, 'many.json')
    const bad = Array.from({ length: 30 }, (_, n) => [`/bad-${n}`, n] as const)
    const paths = { '/a': { get: { responses: {} } }, ...Object.fromEntries(bad) }
    const content = { openapi: '3.0.3', info: { title: 'Many', version: '1' }, paths }
    await writeFile(file, JSON.stringify(content))
    const { stdout } = await runCommand(['upload', file], settings)
    expect(stdout.match(/^- BAD_TYPE/gm)).toHaveLength(20)
    expect(stdout).toContain('NO_SERVERS')
    expect(stdout).toContain('- … and 10 more: the command `warnings many` shows them all')
  })

  test('the command line says so after an upload, and where to look', async () => {
    const file = join(folder, 'more.json')
    await writeFile(file, JSON.stringify({ ...WRONG, info: { title: 'More', version: 5 } }))
    const uploaded = await runCommand(['upload', file], settings)
    expect(uploaded.code).toBe(0)
    expect(uploaded.stderr).toBe(
      'more: 3 places are not as the schema of its OpenAPI version says; `warnings more` shows them.\n',
    )
    const shown = await runCommand(['warnings', 'more'], settings)
    expect(shown.stdout).toContain('SCHEMA_INVALID at `/info/version`')
  })
})
