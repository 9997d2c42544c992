import { beforeAll, describe, expect, test } from 'vitest'
import { readConfig, settingRows, type SettingRow } from '../../src/config.js'
import { InputError } from '../../src/errors.js'
import { runCommand, storageSettings, type Settings } from '../setup/server.js'

/** For a setting that is no number: a value that it may have, and one that it may not. */
const EXAMPLES: Record<string, { good: string; bad: string }> = {
  DATABASE_URL: {
    good: 'postgresql://me:secret@db.test/catalog',
    bad: 'mysql://me:secret@db.test',
  },
  API_CATALOG_DATA_DIR: { good: 'relative/or absolute', bad: ' ' },
  API_CATALOG_EMBEDDER: { good: 'none', bad: 'openai' },
  OLLAMA_HOST: { good: '127.0.0.1:11434', bad: ' ' },
  API_CATALOG_OLLAMA_MODEL: { good: 'nomic-embed-text', bad: ' ' },
  API_CATALOG_KEYS: { good: 'ci:a-long-enough-key:read,another', bad: 'a:b:c:d' },
  API_CATALOG_ALLOWED_HOSTS: {
    good: 'catalog.example,api-catalog',
    bad: 'https://catalog.example',
  },
  API_CATALOG_HTTP_URLS: { good: 'on', bad: 'maybe' },
  API_CATALOG_LOG_LEVEL: { good: 'error', bad: 'loud' },
}

describe.each(settingRows)('$env', (row) => {
  const { good, bad } = examplesOf(row)
  const flag = row.flag.slice(2)

  test.each(good)('may be %j, by flag and by name', (value) => {
    expect(readConfig({ [flag]: value }, {})).toEqual(readConfig({}, { [row.env]: value }))
    expect(readConfig({ [flag]: value }, {})).not.toEqual(readConfig({}, {}))
  })

  test.each(bad)('may not be %j: a sentence says what it may be', (value) => {
    for (const [name, read] of [
      [row.env, () => readConfig({}, { [row.env]: value })],
      [row.flag, () => readConfig({ [flag]: value }, {})],
    ] as const) {
      expect(read).toThrow(InputError)
      expect(read).toThrow(name)
      expect(read).toThrow(`must be ${row.range}.`)
      expect(read).not.toThrow(/secret/)
    }
  })

  test('by flag beats the environment, where even a bad value then does no harm', () => {
    const given = { [flag]: good[0] }
    expect(readConfig(given, { [row.env]: bad[0] })).toEqual(readConfig(given, {}))
  })
})

describe('the program', () => {
  let storage: Settings

  beforeAll(async () => {
    storage = await storageSettings('embedded')
  })

  /** All settings at once, but those that lead to a database. */
  const others = settingRows.filter(({ env }) => !/^DATABASE_URL$|_DATA_DIR$/.test(env))
  const goodOf = (row: SettingRow) => String(examplesOf(row).good[0])

  test('takes every setting from the environment', async () => {
    const settings = Object.fromEntries(others.map((row) => [row.env, goodOf(row)]))
    const { code, stderr } = await runCommand(['list'], { ...storage, ...settings })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('takes every setting as a flag, before the command and after it', async () => {
    const flags = others.flatMap((row) => [row.flag, goodOf(row)])
    const directory = ['--data-dir', String(storage['API_CATALOG_DATA_DIR'])]
    for (const args of [
      [...directory, 'list', ...flags],
      [...flags, 'list', ...directory],
    ]) {
      const { code, stderr } = await runCommand(args)
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    }
  })

  test('takes an empty variable for an absent one', async () => {
    const empty = Object.fromEntries(settingRows.map(({ env }) => [env, '']))
    expect((await runCommand(['list'], { ...empty, ...storage })).code).toBe(0)
  })

  test('refuses a value out of range with one sentence', async () => {
    const byName = await runCommand(['list'], { ...storage, API_CATALOG_WORKERS: '65' })
    expect(byName).toEqual({
      code: 2,
      stdout: '',
      stderr: 'API_CATALOG_WORKERS is "65", but must be a whole number from 1 to 64.\n',
    })
    const byFlag = await runCommand(['--lease-ms', '10', 'list'], storage)
    expect(byFlag).toEqual({
      code: 2,
      stdout: '',
      stderr: '--lease-ms is "10", but must be a whole number of ms from 1000 to 3600000.\n',
    })
  })

  test('does not take a flag that is none', async () => {
    const { code, stderr } = await runCommand(['list', '--workerz', '2'], storage)
    expect(code).toBe(2)
    expect(stderr).toContain('--workerz')
  })

  test.each(['error', 'trace'])('never shows a password, at log level %s', async (level) => {
    const { code, stdout, stderr } = await runCommand(['list'], {
      DATABASE_URL: 'postgres://somebody:hunter2@127.0.0.1:1/none',
      API_CATALOG_LOG_LEVEL: level,
    })
    expect(code).toBe(1)
    expect(stderr).toContain('127.0.0.1:1')
    expect(stdout + stderr).not.toContain('hunter2')
  })
})

/** Of a number: its limits, and what lies beyond them. Else the examples above. */
function examplesOf({ env, range }: SettingRow): { good: string[]; bad: string[] } {
  const limits = /from (\d+) to (\d+)$/.exec(range)
  if (limits) {
    const [min, max] = [Number(limits[1]), Number(limits[2])]
    const beyond = [String(max + 1), String(min - 1), '1.5', '1e3', 'many', ' ']
    // The default may be one of the limits, and would not show that the value was taken.
    return { good: [String(max), String(max - 1)], bad: beyond }
  }
  const { good, bad } = EXAMPLES[env] ?? { good: '', bad: '' }
  return { good: [good], bad: [bad] }
}
