import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'

/** Beyond what a file says it has: to see its end, and to begin with those that say nothing. */
const SPARE_BYTES = 4096

/**
 * The bytes of a regular file, `limit` at most: some are longer than they say, those of /proc for
 * example. Null for what is no regular file; a pipe is never waited for. Throws what the system
 * says where it cannot be read.
 */
export function readRegularFile(path: string, limit: number): Uint8Array | null {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stats = fstatSync(file)
    if (!stats.isFile()) return null
    let bytes = Buffer.allocUnsafeSlow(Math.min(limit, stats.size + SPARE_BYTES))
    let size = 0
    while (size < limit) {
      if (size === bytes.length) {
        const longer = Buffer.allocUnsafeSlow(Math.min(limit, 2 * size))
        bytes.copy(longer)
        bytes = longer
      }
      const read = readSync(file, bytes, size, bytes.length - size, null)
      if (read === 0) break
      size += read
    }
    return bytes.subarray(0, size)
  } finally {
    closeSync(file)
  }
}
