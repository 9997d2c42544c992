import { createWriteStream, mkdirSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { create, extract, type ReadEntry } from 'tar'

/**
 * Writes a cluster that nobody changes meanwhile into `file`, which is there and empty, as a
 * gzipped tar, piece by piece. PGlite's own way holds all of it in memory: 3.9 GB for a directory
 * of 1.6 GB.
 */
export async function pack(directory: string, file: string): Promise<void> {
  const archive = create({ cwd: directory, gzip: true, portable: true }, await readdir(directory))
  await pipeline(archive, createWriteStream(file, { flags: 'r+', flush: true }))
}

/**
 * Makes the files of a cluster from what `pack` wrote, or PGlite did for an earlier version of this
 * program, or from the like ending in `.br`. Throws where it is no archive or cannot be written.
 * Blocks its thread, which has nothing else to do: a thousand small files are quicker so.
 */
export function unpack(file: string, directory: string): void {
  const faults: Error[] = []
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  extract({
    sync: true,
    file,
    cwd: directory,
    // Asked to find out, the library takes one brotli archive in fifty for a tar by its first bytes.
    ...(file.endsWith('.br') && { brotli: true }),
    preserveOwner: false,
    noMtime: true,
    // A cluster has no links, which could lead out of the directory.
    filter: (_path, entry) => ['File', 'Directory'].includes((entry as ReadEntry).type),
    onwarn: (code, message) => {
      // Of names that begin with a slash, as PGlite wrote them.
      if (code !== 'TAR_ENTRY_INFO') faults.push(new Error(message))
    },
  })
  if (faults[0]) throw faults[0]
}
