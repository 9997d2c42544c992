import { InputError } from '../errors.js'
import type { Logger } from '../log.js'
import type { Database, Role } from './database.js'
import { EmbeddedDatabase } from './embedded/embedded-database.js'
import { migrate, packageMigrations, readMigrations, type Migration } from './migrate.js'
import type { PostgresDatabase } from './postgres.js'

const OLDEST_POSTGRES = 15

/** Read where there is a server: the embedded database opens sooner without it. */
const postgres = () => import('./postgres.js')

export interface OpenDatabaseOptions {
  /** Of a Postgres server; without it the embedded database in `dataDir` is opened. */
  url?: string | undefined
  dataDir: string
  /** Most connections to Postgres at once, besides the listener's. */
  poolSize: number
  log: Logger
  /** Recorded with what it migrates, and shown to older programs. */
  programVersion: string
  /** Consent to migrations that remove data. */
  allowDestructive?: boolean
  /** The folder of migrations, where it is not the package's. */
  migrations?: string
  /**
   * Told `owner` at once on Postgres. Embedded: what this process becomes, now and whenever it
   * takes the data directory over, and `attached` as soon as it has the directory no more.
   */
  onRole?: (role: Role) => void
  /** Gives up opening. */
  signal?: AbortSignal
}

/**
 * Opens the database and brings its schema up to date. Throws UnavailableError or InputError with a
 * sentence that says what to do: it is down, refuses us, is too old or too new, cannot be written.
 */
export async function openDatabase(options: OpenDatabaseOptions): Promise<Database> {
  const { url, signal, onRole = () => {}, allowDestructive = false } = options
  signal?.throwIfAborted()
  const migrations = await readMigrations(options.migrations ?? packageMigrations)
  if (url === undefined) {
    return await EmbeddedDatabase.open({ ...options, migrations, allowDestructive, onRole })
  }
  const database = await openPostgres({ ...options, url, allowDestructive }, migrations)
  onRole('owner')
  return database
}

async function openPostgres(
  options: OpenDatabaseOptions & { url: string; allowDestructive: boolean },
  migrations: readonly Migration[],
): Promise<Database> {
  const { PostgresDatabase } = await postgres()
  const database = new PostgresDatabase(options)
  const abandon = (): void => void database[Symbol.asyncDispose]()
  options.signal?.addEventListener('abort', abandon)
  try {
    await refuseOldPostgres(database)
    const { hasVectors } = await migrate(database, { ...options, migrations })
    database.hasVectors = hasVectors
    options.signal?.throwIfAborted()
    return database
  } catch (error) {
    await database[Symbol.asyncDispose]()
    options.signal?.throwIfAborted()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', abandon)
  }
}

async function refuseOldPostgres(database: PostgresDatabase): Promise<void> {
  const [server] = await database.query<{ version: string; number: number }>(
    `select current_setting('server_version') as version,
       current_setting('server_version_num')::integer as number`,
  )
  if (!server || server.number >= OLDEST_POSTGRES * 10_000) return
  throw new InputError(
    `This server is Postgres ${server.version}, and at least ${OLDEST_POSTGRES} is needed: ` +
      'name a newer one in DATABASE_URL, or leave it out to use the embedded database.',
  )
}
