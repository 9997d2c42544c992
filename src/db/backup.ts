import { constants } from 'node:fs'
import { access, rename, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { InputError, messageOf, readingProblem } from '../errors.js'
import type { Database } from './database.js'
import { clusterOf, ensureDataDirectory, exists, replacedOf } from './embedded/data-directory.js'
import { elect } from './embedded/election.js'
import { Engine } from './embedded/engine.js'

/**
 * Writes the whole embedded database to `file`, a gzipped tar that appears only when it is
 * complete, for its user alone. Other processes may go on meanwhile; their calls wait. Throws
 * InputError for Postgres, for a place that cannot be written, and for one whose content must not
 * be replaced: a directory, link or device, or anything inside the data directory.
 */
export async function backup(db: Database, file: string): Promise<void> {
  if (!db.backup) {
    throw new InputError(
      'This database is a Postgres server: back it up with pg_dump -n api_catalog, ' +
        'and bring it back with pg_restore or psql.',
    )
  }
  await db.backup(resolve(file))
}

/** Whether a data directory holds a database already; opening it would make one. */
export async function hasCatalog(dataDir: string): Promise<boolean> {
  return (await exists(clusterOf(dataDir))) || (await exists(replacedOf(dataDir)))
}

export interface RestoreOptions {
  dataDir: string
  /** Replaces the database that is there. */
  force: boolean
  programVersion: string
}

/**
 * Makes the embedded database from `file`, which `backup` wrote. The one that is there, if any,
 * stays until the new one has been opened. Throws InputError where a process has the directory
 * open, where it holds a database already, and for a file that is no backup.
 */
export async function restore(file: string, options: RestoreOptions): Promise<void> {
  const { dataDir, programVersion } = options
  await access(file, constants.R_OK).catch((error: unknown) => {
    throw new InputError(`The backup ${file} cannot be read: ${readingProblem(error)}`, {
      cause: error,
    })
  })
  await ensureDataDirectory(dataDir)
  const { signal } = new AbortController()
  const election = await elect({ dataDir, version: programVersion, makesRoom: false, signal })
  if (election.kind === 'lost') {
    election.socket.destroy()
    throw new InputError(
      `Process ${election.claim.pid} has the data directory ${dataDir} open: ` +
        'end it, and all others that use it, before you restore.',
    )
  }
  try {
    await replaceCluster(resolve(file), options)
  } finally {
    election.seat.leave()
  }
}

async function replaceCluster(file: string, { dataDir, force }: RestoreOptions): Promise<void> {
  const cluster = clusterOf(dataDir)
  const isThere = await exists(cluster)
  if (isThere && !force) {
    throw new InputError(
      `The data directory ${dataDir} holds a catalog already: give --force to replace it, ` +
        'or restore into another directory.',
    )
  }
  const restored = `${cluster}.restored`
  const replaced = replacedOf(dataDir)
  await rm(restored, { recursive: true, force: true })
  try {
    await unpack(file, restored)
    if (isThere) await rename(cluster, replaced)
    await rename(restored, cluster)
    await rm(replaced, { recursive: true, force: true })
  } finally {
    await rm(restored, { recursive: true, force: true })
  }
}

/** Opens what it unpacked, so that a broken backup replaces nothing. */
async function unpack(file: string, directory: string): Promise<void> {
  try {
    const engine = await Engine.open({ directory, loadFrom: file })
    try {
      await engine.run('select from api_catalog.migrations', [])
    } finally {
      await engine.close()
    }
  } catch (error) {
    throw new InputError(`${file} is not a backup of this program: ${messageOf(error)}`, {
      cause: error,
    })
  }
}
