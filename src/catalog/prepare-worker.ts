import { statSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { InputError, messageOf } from '../errors.js'
import { compareSpecs } from '../openapi/compare/compare-specs.js'
import { parseSpec } from '../openapi/parse-spec.js'
import { tooManyBytes, type ParseLimits } from '../openapi/spec-error.js'
import type { Bundle } from './bundle.js'
import { directoryBundle } from './directory-bundle.js'
import { listingOf, parseAlone, parseFromBundle } from './parse-bundle.js'
import {
  prepareComponent,
  prepareOperation,
  sha256,
  type PrepareAnswer,
  type PreparedPart,
  type PrepareRequest,
  type SpecSource,
} from './prepared-spec.js'
import { readRegularFile } from './read-file.js'
import { isZip, zipBundle } from './zip-bundle.js'

/** Rows of so many characters in one message keep the receiving thread's pause short. */
const SLICE_CHARS = 500_000

/** Answers one request: rows in slices, then the rest. */
async function answer(request: PrepareRequest): Promise<PrepareAnswer> {
  if (request.task === 'compare') return compare(request)
  const { task, source, limits } = request
  const opened = await openSource(source, limits)
  if (task === 'list') {
    return { type: 'listing', listing: opened.bundle && (await listingOf(opened.bundle, limits)) }
  }
  const { bytes, entry, parsed } = opened.bundle
    ? await parseFromBundle(opened.bundle, source.entry, limits)
    : { bytes: opened.bytes, entry: null, parsed: parseAlone(opened.bytes, limits) }
  const { operations, components, ...head } = parsed
  for (const slice of slices(operations, prepareOperation)) {
    post({ type: 'operations', operations: slice })
  }
  for (const slice of slices(components, prepareComponent)) {
    post({ type: 'components', components: slice })
  }
  const content = gzipSync(bytes, { level: 4 })
  return { type: 'spec', spec: { ...head, entry, contentHash: sha256(bytes), content } }
}

/** What is stored has passed the limits of its day. */
function compare({
  before,
  after,
  limits,
}: Extract<PrepareRequest, { task: 'compare' }>): PrepareAnswer {
  const all = { ...limits, maxBytes: Infinity, maxOperations: Infinity, maxDepth: Infinity }
  const comparison = compareSpecs(parseSpec(before, all), parseSpec(after, all))
  return { type: 'comparison', comparison }
}

function* slices<Parsed, Prepared extends { row: string }>(
  parsed: Iterable<Parsed>,
  prepare: (one: Parsed) => Prepared,
): Generator<Prepared[]> {
  let slice: Prepared[] = []
  let chars = 0
  for (const one of parsed) {
    const prepared = prepare(one)
    slice.push(prepared)
    chars += prepared.row.length
    if (chars < SLICE_CHARS) continue
    yield slice
    slice = []
    chars = 0
  }
  yield slice
}

interface Opened {
  bundle: Bundle | null
  /** Of what is no bundle. */
  bytes: Uint8Array
}

async function openSource(source: SpecSource, limits: ParseLimits): Promise<Opened> {
  const { maxBytes } = limits
  if ('path' in source && statOf(source.path).isDirectory()) {
    return { bundle: directoryBundle(source.path, maxBytes), bytes: new Uint8Array() }
  }
  const bytes = 'path' in source ? readSpecFile(source.path, limits) : toBytes(source.content)
  if (bytes.length > maxBytes) throw tooManyBytes('the document', bytes.length, limits)
  return { bundle: isZip(bytes) ? await zipBundle(bytes, maxBytes) : null, bytes }
}

/** Any regular file that the user can read; the size is checked before reading. */
function readSpecFile(path: string, limits: ParseLimits): Uint8Array {
  const stat = statOf(path)
  if (!stat.isFile()) throw new InputError(`${path} is no regular file.`)
  if (stat.size > limits.maxBytes) throw tooManyBytes(path, stat.size, limits)
  try {
    return readRegularFile(path, limits.maxBytes + 1) ?? new Uint8Array()
  } catch (error) {
    throw new InputError(`${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function statOf(path: string) {
  if (/[\\/]?https?:\/+[^/]/.test(path)) {
    throw new InputError('That is a URL: give it as `url`, not as `path`.')
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

function post(message: PreparedPart | PrepareAnswer): void {
  parentPort?.postMessage(message)
}

parentPort?.on('message', (request: PrepareRequest) => {
  answer(request)
    .catch((error: unknown): PrepareAnswer => {
      if (!(error instanceof InputError)) throw error
      return { type: 'refused', message: error.message }
    })
    .then(post, (error: unknown) => {
      setImmediate(() => {
        throw error // Ends the thread, and reaches who asked as its error.
      })
    })
})
