import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

const READ_BYTES = 1024 * 1024

/**
 * The bytes of a regular file, `limit` at most: some are longer than they say, those of /proc for
 * example. Null for what is no regular file; a pipe is never waited for. Throws what the system
 * says where it cannot be read.
 */
export function readRegularFile(path: string, limit: number): Uint8Array | null {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    if (!fstatSync(file).isFile()) return null
    const chunks: Buffer[] = []
    for (let size = 0; size < limit;) {
      const chunk = Buffer.alloc(Math.min(READ_BYTES, limit - size))
      const read = readSync(file, chunk)
      if (read === 0) break
      chunks.push(chunk.subarray(0, read))
      size += read
    }
    return Buffer.concat(chunks)
  } finally {
    closeSync(file)
  }
}
