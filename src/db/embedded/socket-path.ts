import { createHash } from 'node:crypto'
import { lstat, mkdir, readlink, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import { UnavailableError, codeOf } from '../../errors.js'

/** Systems cut longer paths without a word: Linux at 107 bytes, macOS at 103. */
const MAX_PATH_BYTES = 100

/** Where in a data directory the sockets lie. */
const RUN = 'run'

/**
 * The path by which this process reaches the socket `address` of a claim on `dataDir`. An address
 * is relative to the data directory, so that it holds wherever that is mounted; where the path
 * would be too long, it leads through a short link to the directory.
 */
export async function socketPath(dataDir: string, address: string): Promise<string> {
  if (process.platform === 'win32') return address
  const direct = resolve(dataDir, address)
  if (isAbsolute(address) || Buffer.byteLength(direct) <= MAX_PATH_BYTES) return direct
  return join(await shortLinkTo(resolve(dataDir, RUN)), address.slice(RUN.length + 1))
}

/** Can every process that sees the data directory see the socket, also from another container? */
export function isVisibleToAll(address: string): boolean {
  return process.platform === 'win32' || !isAbsolute(address)
}

/** An address for a new socket: in the data directory, or `outside` where that cannot hold one. */
export async function newAddress(
  dataDir: string,
  name: string,
  where: 'inside' | 'outside',
): Promise<string> {
  if (process.platform === 'win32') return `\\\\.\\pipe\\api-catalog-mcp-${name}`
  if (where === 'outside') return join(await privateDirectory(), name)
  await mkdir(join(dataDir, RUN), { recursive: true, mode: 0o700 })
  return join(RUN, name)
}

async function shortLinkTo(target: string): Promise<string> {
  const hash = createHash('sha256').update(target).digest('hex').slice(0, 12)
  const link = join(await privateDirectory(), hash)
  if ((await readlink(link).catch(() => null)) === target) return link
  await rm(link, { force: true })
  await symlink(target, link).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error // another process of ours was quicker
  })
  return link
}

/** A directory of this user alone, in the system's for temporary files. */
async function privateDirectory(): Promise<string> {
  const uid = process.getuid?.() ?? 0
  const base = Buffer.byteLength(tmpdir()) < 60 ? tmpdir() : '/tmp'
  const directory = join(base, `api-catalog-${uid}`)
  await mkdir(directory, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error
  })
  const stats = await lstat(directory)
  if (!stats.isDirectory() || stats.uid !== uid || (stats.mode & 0o077) !== 0) {
    throw new UnavailableError(
      `${directory} does not belong to this user alone: remove it, or set TMPDIR to another place.`,
    )
  }
  return directory
}
