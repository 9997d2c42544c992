import { createHash } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { InputError, codeOf } from '../errors.js'
import type { Logger } from '../log.js'
import type { Database, Queryable } from './database.js'

/** Both `src/db` and `dist/db` lie two folders below the package's root. */
export const packageMigrations = fileURLToPath(new URL('../../migrations/', import.meta.url))

/** Any number will do, as long as all replicas take the same lock. */
const MIGRATION_LOCK = 4_029_731_842

/** The first pgvector with iterative index scans, and the oldest that we test. */
const OLDEST_PGVECTOR = [0, 8]

/**
 * A file `NNNN_name.sql`. It is applied once and never changed. Header lines say more of it:
 * `-- requires: vector` waits for pgvector, `-- destructive` waits for consent.
 */
export interface Migration {
  number: number
  /** The file's name without `.sql`. */
  name: string
  sql: string
  /** SHA-256 (hex) of the text, with line ends as on Unix. */
  checksum: string
  requiresVector: boolean
  isDestructive: boolean
}

export interface MigrateOptions {
  migrations: readonly Migration[]
  programVersion: string
  /** Runs migrations that remove data too. */
  allowDestructive: boolean
  log: Logger
}

/** Reads the migrations of a folder, in order. */
export async function readMigrations(folder: string = packageMigrations): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted()
  return await Promise.all(files.map((file) => readMigration(folder, file)))
}

async function readMigration(folder: string, file: string): Promise<Migration> {
  const number = Number(/^(\d{4})_/.exec(file)?.[1])
  if (!Number.isInteger(number)) throw new Error(`${file} is not named like 0001_name.sql`)
  const sql = (await readFile(`${folder}/${file}`, 'utf8')).replaceAll('\r\n', '\n')
  return {
    number,
    name: file.slice(0, -'.sql'.length),
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
    requiresVector: /^-- requires: vector$/m.test(sql),
    isDestructive: /^-- destructive$/m.test(sql),
  }
}

/** The number of the newest migration among them; 0 without any. */
export function schemaOf(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.number ?? 0
}

/**
 * Applies what is not applied yet, in one transaction; replicas that start at once wait for each
 * other. Tells whether pgvector is there: without it, what requires it waits for a later start.
 * Throws InputError for a schema that is newer than this program, for a file that was changed after
 * it was applied, for a destructive one without consent, and where the right to create is missing.
 */
export async function migrate(
  db: Pick<Database, 'transaction'>,
  options: MigrateOptions,
): Promise<{ hasVectors: boolean }> {
  return await db.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK])
    await createBookkeeping(tx)
    const hasVectors = await ensureVector(tx, options.log)
    const waiting = await waitingMigrations(tx, options.migrations)
    for (const migration of waiting) {
      if (migration.requiresVector && !hasVectors) continue
      await apply(tx, migration, options)
    }
    return { hasVectors }
  })
}

/** The migrations that are not applied yet. Throws InputError as `migrate` does. */
export async function pendingMigrations(
  db: Queryable,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const [found] = await db.query<{ exists: boolean }>(
    `select to_regclass('api_catalog.migrations') is not null as exists`,
  )
  return found?.exists === true ? await waitingMigrations(db, migrations) : [...migrations]
}

interface AppliedMigration {
  number: number
  name: string
  checksum: string
  program_version: string
}

async function waitingMigrations(
  db: Queryable,
  migrations: readonly Migration[],
): Promise<Migration[]> {
  const applied = await db.query<AppliedMigration>(
    'select number, name, checksum, program_version from api_catalog.migrations order by number',
  )
  const known = new Map(migrations.map((migration) => [migration.number, migration]))
  for (const row of applied) refuseUnlessKnown(row, known.get(row.number))
  const numbers = new Set(applied.map((row) => row.number))
  return migrations.filter((migration) => !numbers.has(migration.number))
}

function refuseUnlessKnown(row: AppliedMigration, migration: Migration | undefined): void {
  if (!migration) throw newerSchemaError(row.program_version)
  if (migration.checksum === row.checksum) return
  throw new InputError(
    `The migration ${migration.name} was changed after it had been applied to this database. ` +
      `Run api-catalog-mcp ${row.program_version}, which applied it, or put the file back.`,
  )
}

/** For a database that a newer program has upgraded. */
export function newerSchemaError(programVersion: string): InputError {
  return new InputError(
    `This database was upgraded by api-catalog-mcp ${programVersion} and this program is older: ` +
      `run npx -y api-catalog-mcp@${programVersion} or a later version.`,
  )
}

/** Existence is asked first: `create … if not exists` wants the right to create even then. */
async function createBookkeeping(tx: Queryable): Promise<void> {
  const [found] = await tx.query<{ schema: boolean; table: boolean }>(
    `select to_regnamespace('api_catalog') is not null as schema,
       to_regclass('api_catalog.migrations') is not null as table`,
  )
  if (found?.table === true) return
  try {
    if (found?.schema !== true) await tx.query('create schema api_catalog')
    await tx.query(
      `create table api_catalog.migrations (
         number integer primary key,
         name text not null,
         checksum text not null,
         program_version text not null,
         applied_at timestamptz not null default now())`,
    )
  } catch (error) {
    if (codeOf(error) !== '42501') throw error
    throw new InputError(
      'This database user may not create the schema api_catalog: as an administrator run ' +
        '"create schema api_catalog authorization <user>" in this database.',
      { cause: error },
    )
  }
}

/** Is a pgvector that we can use there? Creates it where that is allowed. */
async function ensureVector(tx: Queryable, log: Logger): Promise<boolean> {
  const version = (await vectorVersion(tx)) ?? (await createVector(tx, log))
  if (version === null) return false
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const [oldestMajor = 0, oldestMinor = 0] = OLDEST_PGVECTOR
  if (major < oldestMajor || (major === oldestMajor && minor < oldestMinor)) {
    log.warn(
      { version },
      'pgvector is older than 0.8, so search is lexical; as an administrator update it and run: ' +
        'alter extension vector update',
    )
    return false
  }
  const [type] = await tx.query<{ visible: boolean }>(
    `select to_regtype('vector') is not null as visible`,
  )
  if (type?.visible !== true) {
    log.warn(
      'pgvector lies in a schema outside the search path, so search is lexical; add that schema ' +
        'with: alter role <user> set search_path = "$user", public, <schema>',
    )
  }
  return type?.visible === true
}

async function vectorVersion(tx: Queryable): Promise<string | null> {
  const [row] = await tx.query<{ extversion: string }>(
    `select extversion from pg_extension where extname = 'vector'`,
  )
  return row?.extversion ?? null
}

async function createVector(tx: Queryable, log: Logger): Promise<string | null> {
  await tx.query('savepoint before_vector')
  try {
    await tx.query('create extension if not exists vector')
  } catch (error) {
    await tx.query('rollback to savepoint before_vector')
    // Not installed on the server (0A000, 58P01), or not ours to create (42501).
    if (!['0A000', '58P01', '42501'].includes(codeOf(error) ?? '')) throw error
    log.warn(
      { reason: error instanceof Error ? error.message : null },
      'pgvector is not there, so search is lexical; as an administrator install it and run: ' +
        'create extension vector',
    )
  }
  return await vectorVersion(tx)
}

async function apply(
  tx: Queryable,
  migration: Migration,
  { programVersion, allowDestructive, log }: MigrateOptions,
): Promise<void> {
  if (migration.isDestructive && !allowDestructive) {
    throw new InputError(
      `The migration ${migration.name} removes data. Make a backup, then run: ` +
        'api-catalog-mcp migrate --allow-destructive',
    )
  }
  try {
    await tx.query(migration.sql)
  } catch (error) {
    throw new Error(`The migration ${migration.name} failed.`, { cause: error })
  }
  await tx.query(
    `insert into api_catalog.migrations (number, name, checksum, program_version)
     values ($1, $2, $3, $4)`,
    [migration.number, migration.name, migration.checksum, programVersion],
  )
  log.info({ migration: migration.name }, 'applied a migration')
}
