import { access, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InputError, codeOf, messageOf } from '../../errors.js'

/** Where the cluster lies in a data directory. */
export function clusterOf(dataDir: string): string {
  return join(dataDir, 'pgdata')
}

/** Where the cluster lies between the two renames with which a restored one takes its place. */
export function replacedOf(dataDir: string): string {
  return join(dataDir, 'pgdata.replaced')
}

/** Makes the directory, for its user alone. Throws InputError where that cannot be. */
export async function ensureDataDirectory(dataDir: string): Promise<void> {
  try {
    // Of the whole path at once, Node never comes back where the last part cannot be made.
    await mkdir(dirname(dataDir), { recursive: true })
    for (const directory of [dataDir, join(dataDir, 'owner')]) await ensureDirectory(directory)
  } catch (error) {
    throw explainDirectoryError(error, dataDir)
  }
}

async function ensureDirectory(path: string): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch(async (error: unknown) => {
    if (codeOf(error) !== 'EEXIST' || !(await stat(path)).isDirectory()) throw error
  })
}

/** The sentence for a data directory that cannot be used. */
export function explainDirectoryError(error: unknown, dataDir: string): unknown {
  switch (codeOf(error) ?? '') {
    case 'ENOTDIR':
    case 'EEXIST':
      return new InputError(
        `The data directory ${dataDir} is not a directory: choose another with API_CATALOG_DATA_DIR.`,
        { cause: error },
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOENT': // what the kernel answers in /proc and the like
      return new InputError(
        `The data directory ${dataDir} cannot be written (${messageOf(error)}): ` +
          'allow it, or choose another with API_CATALOG_DATA_DIR.',
        { cause: error },
      )
    default:
      return error
  }
}

/**
 * Runs `open`, which makes the cluster where there is none. A process that dies meanwhile leaves
 * half a cluster, which would not open: it is marked as such, and made anew the next time.
 */
export async function withCompleteCluster<T>(
  dataDir: string,
  open: (isNew: boolean) => Promise<T>,
): Promise<T> {
  const cluster = clusterOf(dataDir)
  const mark = `${cluster}.incomplete`
  if (await exists(mark)) await rm(cluster, { recursive: true, force: true })
  if (await exists(cluster)) return await open(false)
  if (await exists(replacedOf(dataDir))) {
    await rename(replacedOf(dataDir), cluster)
    return await open(false)
  }
  await writeFile(mark, '')
  await ensureDirectory(cluster)
  const opened = await open(true)
  await rm(mark)
  return opened
}

export async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}
