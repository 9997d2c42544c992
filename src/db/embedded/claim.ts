import { randomUUID } from 'node:crypto'
import { link, readFile, readdir, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '../../errors.js'

/**
 * A process's claim to a data directory: an entry of `<dataDir>/owner/`, named by its generation.
 * It appears at once with all it says, and only where no entry of that name was: on Unix as a
 * symbolic link whose target is its text, on Windows as a hard link to a file that holds it.
 */
export interface Claim {
  generation: number
  /** Where the claimant's socket listens; it does before the claim appears. */
  address: string
  /** Who attaches shows it. */
  token: string
  /** For messages only: process ids of other containers mean nothing here. */
  pid: number
  version: string
  machine: Machine
  /** Of `owner/` itself: in a copy of a data directory, claims are void. */
  inode: string
}

/** Where a process runs. `boot` differs after each start of the system, and null is unknown. */
export interface Machine {
  host: string
  boot: string | null
}

/** Generations of old claims that are kept; see `election.ts` for the reason. */
const KEPT_GENERATIONS = 16

export async function thisMachine(): Promise<Machine> {
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null)
  return { host: hostname(), boot: boot?.trim() ?? null }
}

/** Does one kernel know the sockets of both? A system that was started anew has none of the old. */
export function isSameMachine(a: Machine, b: Machine): boolean {
  return a.host === b.host || (a.boot !== null && a.boot === b.boot)
}

/** The highest generation, with its claim; null when it was copied here or is no claim. */
export async function highestClaim(
  dataDir: string,
): Promise<{ generation: number; claim: Claim | null }> {
  for (;;) {
    const generation = Math.max(0, ...(await generations(dataDir)))
    if (generation === 0) return { generation, claim: null }
    try {
      const claim = JSON.parse(await readText(claimPath(dataDir, generation))) as Claim | null
      const isHere = claim?.inode === (await inodeOf(dataDir))
      return { generation, claim: claim && isHere ? { ...claim, generation } : null }
    } catch (error) {
      // Not JSON, or on Unix no link.
      if (error instanceof SyntaxError || codeOf(error) === 'EINVAL') {
        return { generation, claim: null }
      }
      if (codeOf(error) !== 'ENOENT') throw error // removed meanwhile: a higher one is there
    }
  }
}

/** Places a claim. Gives null where that generation was claimed before. */
export async function placeClaim(
  dataDir: string,
  content: Omit<Claim, 'inode' | 'token'>,
): Promise<Claim | null> {
  const claim = { ...content, token: randomUUID(), inode: await inodeOf(dataDir) }
  try {
    await placeText(claimPath(dataDir, claim.generation), JSON.stringify(claim))
    return claim
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return null
    throw error
  }
}

export async function removeClaim(dataDir: string, generation: number): Promise<void> {
  await rm(claimPath(dataDir, generation), { force: true })
}

/** Gives the addresses of claims so old that nobody can still be about to place or read them. */
export async function removeOldClaims(dataDir: string, generation: number): Promise<string[]> {
  const addresses: string[] = []
  for (const old of await generations(dataDir)) {
    if (old > generation - KEPT_GENERATIONS) continue
    const text = await readText(claimPath(dataDir, old)).catch(() => '{}')
    const { address } = JSON.parse(text) as Partial<Claim>
    if (address !== undefined) addresses.push(address)
    await removeClaim(dataDir, old)
  }
  return addresses
}

/** The entry of a claim in the file system. */
export function claimPath(dataDir: string, generation: number): string {
  return join(dataDir, 'owner', String(generation).padStart(8, '0'))
}

async function generations(dataDir: string): Promise<number[]> {
  const names = await readdir(join(dataDir, 'owner'))
  return names.filter((name) => /^\d{8}$/.test(name)).map(Number)
}

async function inodeOf(dataDir: string): Promise<string> {
  const { ino } = await stat(join(dataDir, 'owner'), { bigint: true })
  return ino.toString()
}

async function placeText(path: string, text: string): Promise<void> {
  if (process.platform !== 'win32') return await symlink(text, path)
  const file = `${path}.${process.pid}`
  await writeFile(file, text)
  try {
    await link(file, path)
  } finally {
    await rm(file)
  }
}

async function readText(path: string): Promise<string> {
  return process.platform === 'win32' ? await readFile(path, 'utf8') : await readlink(path)
}
