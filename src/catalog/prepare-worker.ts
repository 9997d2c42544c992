import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { InputError, messageOf } from '../errors.js'
import { parseSpec } from '../openapi/parse-spec.js'
import {
  MAX_SPEC_BYTES,
  prepareOperation,
  sha256,
  type PrepareMessage,
  type SpecSource,
} from './prepared-spec.js'

const READ_BYTES = 1024 * 1024
/** So many operations in one message keep the receiving thread's pause short. */
const SLICE = 200

/** The worker thread of `prepareSpec`: one document in, its operations out in slices, then the rest. */
function main(source: SpecSource): void {
  const bytes = 'path' in source ? readSpecFile(source.path) : toBytes(source.content)
  if (bytes.length > MAX_SPEC_BYTES) {
    throw new InputError(
      `TOO_LARGE: the document has ${megabytes(bytes.length)}; the limit is 64 MB. Split it.`,
    )
  }
  const { operations, ...rest } = parseSpec(bytes)
  for (let at = 0; at < operations.length; at += SLICE) {
    post({ type: 'operations', operations: operations.slice(at, at + SLICE).map(prepareOperation) })
  }
  post({
    type: 'spec',
    spec: { ...rest, contentHash: sha256(bytes), content: gzipSync(bytes, { level: 4 }) },
  })
}

/** Any regular file that the user can read; the size is checked before reading. */
function readSpecFile(path: string): Uint8Array {
  const stat = statOf(path)
  if (stat.isDirectory()) {
    throw new InputError(`${path} is a directory; give the file of one OpenAPI document in it.`)
  }
  if (!stat.isFile()) throw new InputError(`${path} is no regular file.`)
  if (stat.size > MAX_SPEC_BYTES) {
    throw new InputError(
      `TOO_LARGE: ${path} has ${megabytes(stat.size)}; the limit is 64 MB. Split it.`,
    )
  }
  try {
    return readAtMost(path, MAX_SPEC_BYTES + 1)
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

/** Some files are longer than they say, those of /proc for example. */
function readAtMost(path: string, limit: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
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

function statOf(path: string) {
  if (/[\\/]?https?:\/+[^/]/.test(path)) {
    throw new InputError(
      'URLs are not fetched: download the document and give the path of the file.',
    )
  }
  try {
    return statSync(path)
  } catch (error) {
    throw new InputError(`There is no file ${path} that can be read.`, { cause: error })
  }
}

function toBytes(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? Buffer.from(content, 'utf8') : content
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

function post(message: PrepareMessage): void {
  parentPort?.postMessage(message)
}

try {
  main(workerData as SpecSource)
} catch (error) {
  if (!(error instanceof InputError)) throw error
  post({ type: 'refused', message: error.message })
}
