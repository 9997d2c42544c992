import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { access, lstat, open, realpath, rename, rm } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { InputError, codeOf, messageOf } from '../../errors.js'

/**
 * Throws where a backup cannot be written to the absolute path `file`, or would do harm: InputError
 * for what is there and is no regular file (a link is not followed: someone else may have laid it),
 * and for a place inside the data directory, which the next backup would hold; the system's error
 * for a directory that is not there or cannot be written.
 */
export async function refuseUnfitTarget(file: string, dataDir: string): Promise<void> {
  const there = await statOf(file)
  if (there && !there.isFile()) {
    throw new InputError(
      `${file} is ${kindOf(there)}, which a backup does not replace: ` +
        'name a new file, or a regular one.',
    )
  }
  const directory = await realpath(dirname(file))
  await access(directory, constants.W_OK | constants.X_OK)
  if (`${directory}${sep}`.startsWith(`${await realpath(dataDir)}${sep}`)) {
    throw new InputError(
      `${file} is inside the data directory ${dataDir}, which is what is backed up: ` +
        'name a file elsewhere.',
    )
  }
}

/** The sentence for a backup that the system did not let us write; other errors as they are. */
export function explainTargetError(error: unknown, file: string): unknown {
  // ENOENT, EACCES, ENOSPC and so on: neither Postgres nor Node names its own errors like that.
  if (!/^E[A-Z0-9]+$/.test(codeOf(error) ?? '')) return error
  return new InputError(
    `The backup cannot be written to ${file} (${messageOf(error)}): ` +
      'see that its directory is there, may be written and has room, or name a file elsewhere.',
    { cause: error },
  )
}

/**
 * Puts at `file` what `write` writes into the empty file that it is given, when that is complete.
 * That file lies beside it under a name that nobody can have prepared, for its user alone.
 */
export async function writeWhole(
  file: string,
  write: (unfinished: string) => Promise<void>,
): Promise<void> {
  const unfinished = `${file}.${randomBytes(6).toString('hex')}.unfinished`
  await (await open(unfinished, 'wx', 0o600)).close()
  try {
    await write(unfinished)
    await rename(unfinished, file)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
}

async function statOf(file: string): Promise<Stats | null> {
  return await lstat(file).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  })
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'a directory'
  return stats.isSymbolicLink() ? 'a symbolic link' : 'a device, pipe or socket'
}
