import { describe, expect, test } from 'vitest'
import { chosenEmbedder, readConfig, settingRows } from '../src/config.js'
import { InputError } from '../src/errors.js'

const SETTINGS: [
  env: string,
  key: keyof ReturnType<typeof readConfig>,
  min: number,
  max: number,
][] = [
  ['API_CATALOG_WORKERS', 'workers', 1, 64],
  ['API_CATALOG_BATCH_SIZE', 'batchSize', 1, 1024],
  ['API_CATALOG_EMBED_CONCURRENCY', 'embedConcurrency', 1, 32],
  ['API_CATALOG_LEASE_MS', 'leaseMs', 1_000, 3_600_000],
  ['API_CATALOG_EMBED_TIMEOUT_MS', 'embedTimeoutMs', 100, 3_600_000],
  ['API_CATALOG_QUERY_TIMEOUT_MS', 'queryTimeoutMs', 10, 60_000],
  ['API_CATALOG_STALL_MS', 'stallMs', 1_000, 86_400_000],
  ['API_CATALOG_MAX_RETRIES', 'maxRetries', 0, 100],
  ['API_CATALOG_RETRY_BASE_MS', 'retryBaseMs', 1, 3_600_000],
  ['API_CATALOG_POLL_MS', 'pollMs', 100, 3_600_000],
  ['API_CATALOG_REAP_MS', 'reapMs', 100, 3_600_000],
  ['API_CATALOG_RECONCILE_MS', 'reconcileMs', 100, 86_400_000],
  ['API_CATALOG_RETENTION_DAYS', 'retentionDays', 1, 3_650],
]

test('the defaults are the documented ones', () => {
  expect(readConfig({}, {})).toMatchObject({
    databaseUrl: null,
    embedder: 'auto',
    ollamaHost: null,
    ollamaModel: null,
    workers: 1,
    batchSize: 32,
    embedConcurrency: 1,
    leaseMs: 60_000,
    embedTimeoutMs: 300_000,
    queryTimeoutMs: 1_500,
    stallMs: 3_600_000,
    maxRetries: 5,
    retryBaseMs: 5_000,
    pollMs: 30_000,
    reapMs: 30_000,
    reconcileMs: 300_000,
    retentionDays: 14,
    logLevel: 'info',
  })
})

describe.each(SETTINGS)('%s', (env, key, min, max) => {
  const flag = env.replace('API_CATALOG_', '').toLowerCase().replaceAll('_', '-')

  test('takes its whole range', () => {
    for (const value of [min, max]) {
      expect(readConfig({}, { [env]: String(value) })[key]).toBe(value)
      expect(readConfig({ [flag]: String(value) }, {})[key]).toBe(value)
    }
  })

  test('refuses what is outside it or no whole number, saying what it may be', () => {
    for (const bad of [min - 1, max + 1, 'x', '1.5', '-1', '1e3', '0x10', ' ', 'NaN', 'Infinity']) {
      const read = () => readConfig({}, { [env]: String(bad) })
      expect(read, String(bad)).toThrow(InputError)
      expect(read).toThrow(env)
      expect(read).toThrow(`from ${min} to ${max}`)
    }
    expect(() => readConfig({ [flag]: String(max + 1) }, {})).toThrow(`--${flag} is`)
  })

  test('is in the table with its unit and range', () => {
    const row = settingRows.find((row) => row.env === env)
    expect(row).toMatchObject({ flag: `--${flag}`, default: String(readConfig({}, {})[key]) })
    expect(row?.range).toContain(`from ${min} to ${max}`)
    if (env.endsWith('_MS')) expect(row?.range).toContain(' of ms ')
    if (env.endsWith('_DAYS')) expect(row?.range).toContain(' of days ')
  })
})

test('a flag beats the environment, which beats the default', () => {
  const env = { API_CATALOG_WORKERS: '3' }
  expect(readConfig({ workers: '4' }, env).workers).toBe(4)
  expect(readConfig({}, env).workers).toBe(3)
})

test('a bad value in the environment does not matter where a flag is given', () => {
  expect(readConfig({ workers: '4' }, { API_CATALOG_WORKERS: 'many' }).workers).toBe(4)
})

test('an empty variable is an absent one, an empty flag is an error', () => {
  const empty = Object.fromEntries(settingRows.map(({ env }) => [env, '']))
  expect(readConfig({}, empty)).toEqual(readConfig({}, {}))
  expect(() => readConfig({ workers: '' }, {})).toThrow(InputError)
})

test.each([
  [{}, 'bundled'],
  [{ OLLAMA_HOST: 'http://gpu:11434' }, 'ollama'],
  [{ API_CATALOG_OLLAMA_MODEL: 'bge-m3' }, 'ollama'],
  [{ API_CATALOG_EMBEDDER: 'bundled', OLLAMA_HOST: 'gpu' }, 'bundled'],
  [{ API_CATALOG_EMBEDDER: 'none', OLLAMA_HOST: 'gpu' }, 'none'],
  [{ API_CATALOG_EMBEDDER: 'Ollama' }, 'ollama'],
])('with %j the embedder is %s', (env, embedder) => {
  expect(chosenEmbedder(readConfig({}, env))).toBe(embedder)
})

test('a choice that there is not is refused with those that there are', () => {
  expect(() => readConfig({}, { API_CATALOG_EMBEDDER: 'openai' })).toThrow(
    'API_CATALOG_EMBEDDER is "openai", but must be one of auto, bundled, ollama, none.',
  )
  expect(() => readConfig({ 'log-level': 'loud' }, {})).toThrow('--log-level')
})

test('the address of a database is not repeated in an error: it has a password', () => {
  const url = 'mysql://me:secret@db/catalog'
  expect(() => readConfig({}, { DATABASE_URL: url })).toThrow('DATABASE_URL must be a postgres')
  const refusal = (): string => {
    try {
      readConfig({}, { DATABASE_URL: url })
    } catch (error) {
      return JSON.stringify(error, Object.getOwnPropertyNames(error))
    }
    return 'not refused'
  }
  expect(refusal()).not.toMatch(/secret|not refused/)
  expect(readConfig({}, { DATABASE_URL: 'postgresql://db/x' }).databaseUrl).toBe(
    'postgresql://db/x',
  )
})

test('each setting has one line of help and a flag of its own', () => {
  const flags = settingRows.map(({ flag }) => flag)
  expect(new Set(flags).size).toBe(flags.length)
  for (const { help, range, env } of settingRows) {
    expect(help, env).not.toMatch(/\n|^$/)
    expect(range, env).not.toBe('')
  }
})
