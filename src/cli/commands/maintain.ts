import { version } from '../../app/version.js'
import { backup, hasCatalog, restore } from '../../db/backup.js'
import { openDatabase } from '../../db/open-database.js'
import { InputError } from '../../errors.js'
import { commandSettings, withServices, type Flags } from '../run-command.js'

/** Brings the schema up to date, as every start does, and says where it stands. */
export async function migrateDatabase(
  flags: Flags,
  { allowDestructive = false }: { allowDestructive?: boolean },
): Promise<void> {
  const { config, log } = commandSettings(flags)
  await using db = await openDatabase({
    url: config.databaseUrl ?? undefined,
    dataDir: config.dataDir,
    poolSize: 2,
    log,
    programVersion: version,
    allowDestructive,
  })
  const applied = await db.query<{ number: number; name: string }>(
    `select number, name from api_catalog.migrations order by number`,
  )
  for (const { name } of applied) process.stdout.write(`${name}\n`)
  process.stdout.write('The schema is up to date.\n')
}

/** Writes the embedded database to a file; servers may go on meanwhile. */
export async function backupTo(flags: Flags, file: string): Promise<void> {
  const { config } = commandSettings(flags)
  if (config.databaseUrl === null && !(await hasCatalog(config.dataDir))) {
    throw new InputError(
      `There is no catalog in ${config.dataDir}, so there is nothing to back up: ` +
        'say where it is with --data-dir or API_CATALOG_DATA_DIR.',
    )
  }
  await withServices(flags, {}, ({ db }) => backup(db, file))
  process.stdout.write(`Written: ${file}\n`)
}

/** Makes the embedded database from a backup. No server may be running on the directory. */
export async function restoreFrom(
  flags: Flags,
  file: string,
  { force = false }: { force?: boolean },
): Promise<void> {
  const { config } = commandSettings(flags)
  if (config.databaseUrl !== null) {
    throw new InputError(
      'DATABASE_URL names a Postgres server: restore it with pg_restore or psql, ' +
        'or leave DATABASE_URL out to restore the embedded database.',
    )
  }
  await restore(file, { dataDir: config.dataDir, force, programVersion: version })
  process.stdout.write(`Restored into ${config.dataDir}\n`)
}
