import { homedir } from 'node:os'
import { join } from 'node:path'
import { choice, integer, text, type Setting } from './setting.js'
import { UsageError } from './errors.js'

const HOUR_MS = 3_600_000

/**
 * Every setting there is, once: `--help`, the README's table, the flags and the errors are made
 * from this list. A flag beats the environment, the environment beats the default.
 */
const settings = {
  databaseUrl: text('DATABASE_URL', null, 'Postgres with pgvector; absent: embedded database', {
    defaultText: 'embedded',
    range: 'a postgres:// URL',
    isSecret: true,
    check: (url) => /^postgres(ql)?:\/\//.test(url),
  }),
  dataDir: text('API_CATALOG_DATA_DIR', defaultDataDir(), 'where the embedded database lives', {
    defaultText: 'XDG data directory',
    range: 'a directory',
  }),
  embedder: choice(
    'API_CATALOG_EMBEDDER',
    ['auto', 'bundled', 'ollama', 'none'],
    'auto',
    'auto: ollama when OLLAMA_HOST or API_CATALOG_OLLAMA_MODEL is set, else bundled',
  ),
  ollamaHost: text('OLLAMA_HOST', null, "Ollama's address", {
    defaultText: 'http://127.0.0.1:11434',
    range: 'a URL or host:port',
  }),
  ollamaModel: text('API_CATALOG_OLLAMA_MODEL', null, 'the model Ollama embeds with', {
    defaultText: 'nomic-embed-text',
    range: 'a model name',
  }),
  workers: integer('API_CATALOG_WORKERS', 1, [1, 64], '', 'embedding jobs at once in this process'),
  batchSize: integer('API_CATALOG_BATCH_SIZE', 32, [1, 1024], 'texts', 'texts per embedding call'),
  embedConcurrency: integer(
    'API_CATALOG_EMBED_CONCURRENCY',
    1,
    [1, 32],
    '',
    'embedding calls in flight per job',
  ),
  leaseMs: integer(
    'API_CATALOG_LEASE_MS',
    60_000,
    [1_000, HOUR_MS],
    'ms',
    'a job whose worker was not heard of for this long is given to another',
  ),
  embedTimeoutMs: integer(
    'API_CATALOG_EMBED_TIMEOUT_MS',
    300_000,
    [100, HOUR_MS],
    'ms',
    'limit of one embedding call of the worker; may be longer than the lease',
  ),
  queryTimeoutMs: integer(
    'API_CATALOG_QUERY_TIMEOUT_MS',
    1_500,
    [10, 60_000],
    'ms',
    'limit for embedding a query; past it the answer is lexical',
  ),
  stallMs: integer(
    'API_CATALOG_STALL_MS',
    HOUR_MS,
    [1_000, 24 * HOUR_MS],
    'ms',
    'a job that wrote nothing for this long has failed once',
  ),
  maxRetries: integer(
    'API_CATALOG_MAX_RETRIES',
    5,
    [0, 100],
    '',
    'retries of a job before it is failed',
  ),
  retryBaseMs: integer(
    'API_CATALOG_RETRY_BASE_MS',
    5_000,
    [1, HOUR_MS],
    'ms',
    'wait before the first retry; it doubles with each',
  ),
  pollMs: integer(
    'API_CATALOG_POLL_MS',
    30_000,
    [100, HOUR_MS],
    'ms',
    'how often the worker looks for jobs without being told',
  ),
  reapMs: integer(
    'API_CATALOG_REAP_MS',
    30_000,
    [100, HOUR_MS],
    'ms',
    'how often expired leases are given back',
  ),
  reconcileMs: integer(
    'API_CATALOG_RECONCILE_MS',
    300_000,
    [100, 24 * HOUR_MS],
    'ms',
    'how often the catalog is searched for operations without a vector',
  ),
  retentionDays: integer(
    'API_CATALOG_RETENTION_DAYS',
    14,
    [1, 3650],
    'days',
    'how long finished jobs, vectors of a model before, and those of texts no spec has are kept',
  ),
  drainMs: integer(
    'API_CATALOG_DRAIN_MS',
    10_000,
    [0, 600_000],
    'ms',
    'how long a stop waits for running work (not over stdio)',
  ),
  keys: text('API_CATALOG_KEYS', null, 'keys that callers over HTTP must bring; see docs/http.md', {
    defaultText: 'none: loopback only',
    range: 'keys, separated by commas, each [name:]key[:scope], the scope read or write',
    isSecret: true,
    check: (keys) => keys.split(',').every((key) => /^[^\s:,]+(:[^\s:,]+){0,2}$/.test(key.trim())),
  }),
  allowedHosts: text(
    'API_CATALOG_ALLOWED_HOSTS',
    null,
    'names under which the server is reached over HTTP, beside localhost and addresses',
    {
      defaultText: 'none',
      range: 'host names, separated by commas',
      check: (names) => names.split(',').every((name) => /^[\w.-]+$/.test(name.trim())),
    },
  ),
  httpUrls: choice(
    'API_CATALOG_HTTP_URLS',
    ['off', 'on'],
    'off',
    'on: callers over HTTP may have documents fetched from URLs',
  ),
  maxBytes: integer(
    'API_CATALOG_MAX_BYTES',
    64 * 1024 * 1024,
    [1_024, 400 * 1024 * 1024], // a JavaScript string ends at 512 MB
    'bytes',
    'the largest document, or bundle of files, that is read',
  ),
  maxOperations: integer(
    'API_CATALOG_MAX_OPERATIONS',
    50_000,
    [1, 1_000_000],
    '',
    'operations of one document',
  ),
  maxDepth: integer(
    'API_CATALOG_MAX_DEPTH',
    200,
    [10, 1_000],
    'levels',
    'how deep a document may be nested; real ones reach 67',
  ),
  maxAliases: integer(
    'API_CATALOG_MAX_ALIASES',
    10_000,
    [0, 10_000_000],
    '',
    'YAML aliases of one document; real ones have hundreds',
  ),
  parseTimeoutMs: integer(
    'API_CATALOG_PARSE_TIMEOUT_MS',
    20_000,
    [100, HOUR_MS],
    'ms',
    'how long reading a document may take',
  ),
  parseMemoryMb: integer(
    'API_CATALOG_PARSE_MEMORY_MB',
    1_024,
    [32, 32_768],
    'MB',
    'how much memory reading a document may take',
  ),
  logLevel: choice(
    'API_CATALOG_LOG_LEVEL',
    ['trace', 'debug', 'info', 'warn', 'error', 'silent'],
    'info',
    'how much is logged to stderr',
  ),
}

type Settings = typeof settings
type Key = keyof Settings
export type Config = {
  [K in Key]: Settings[K] extends Setting<infer T> ? T : never
}

/** One row of the settings table, for `--help`, the README and the CLI's flags. */
export interface SettingRow {
  flag: string
  env: string
  help: string
  default: string
  range: string
}

export const settingRows: SettingRow[] = Object.values(settings).map((setting) => ({
  flag: flagOf(setting.env),
  env: setting.env,
  help: setting.help,
  default: setting.defaultText ?? String(setting.default),
  range: setting.range,
}))

/** The settings as a Markdown table, for the README. */
export function settingsTable(): string {
  const rows = settingRows.map(
    ({ flag, env, help, default: fallback, range }) =>
      `| \`${flag}\` | \`${env}\` | ${help} | ${fallback} | ${range} |`,
  )
  const head = [
    '| flag | environment | what it does | default | allowed |',
    '|---|---|---|---|---|',
  ]
  return [...head, ...rows].join('\n')
}

/**
 * Reads and checks all settings once. `flags` are by flag name without dashes (`data-dir`). Throws
 * UsageError naming the setting, its value and what it may be. Empty variables count as absent.
 */
export function readConfig(
  flags: Readonly<Record<string, string | undefined>> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): Config {
  const entries = Object.entries(settings).map(([key, setting]) => {
    const flag = flagOf(setting.env)
    const fromFlag = flags[flag.slice(2)]
    const given = fromFlag ?? (env[setting.env] || undefined)
    return [key, given === undefined ? setting.default : parse(setting, flag, fromFlag, given)]
  })
  return Object.fromEntries(entries) as Config
}

/** The embedder that `auto` stands for. */
export function chosenEmbedder(config: Config): 'bundled' | 'ollama' | 'none' {
  if (config.embedder !== 'auto') return config.embedder
  return config.ollamaHost || config.ollamaModel ? 'ollama' : 'bundled'
}

function parse(
  setting: Setting<unknown>,
  flag: string,
  fromFlag: string | undefined,
  given: string,
): unknown {
  try {
    return setting.parse(given)
  } catch (error) {
    const name = fromFlag === undefined ? setting.env : flag
    const value = setting.isSecret ? '' : ` is "${given}", but`
    throw new UsageError(`${name}${value} must be ${setting.range}.`, { cause: error })
  }
}

function flagOf(env: string): string {
  return `--${env
    .replace(/^API_CATALOG_/, '')
    .toLowerCase()
    .replaceAll('_', '-')}`
}

function defaultDataDir(): string {
  const home = homedir()
  const base =
    process.platform === 'win32'
      ? (process.env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'))
      : process.env['XDG_DATA_HOME'] || join(home, '.local', 'share')
  return join(base, 'api-catalog-mcp')
}
