import { statSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { InputError, messageOf } from '../errors.js'
import { compareSpecs } from '../openapi/compare/compare-specs.js'
import { decodeText } from '../openapi/decode-text.js'
import { isRootDocument } from '../openapi/is-root.js'
import { joinBundle, warningInFile } from '../openapi/join-bundle.js'
import { loadBundle } from '../openapi/load-bundle.js'
import { parseSpec } from '../openapi/parse-spec.js'
import type { ParsedSpec } from '../openapi/parsed-spec.js'
import { tooManyBytes, type ParseLimits } from '../openapi/spec-error.js'
import { WarningList } from '../openapi/warning-list.js'
import { isDocumentName, type Bundle } from './bundle.js'
import { directoryBundle } from './directory-bundle.js'
import {
  jsonArrays,
  prepareOperation,
  sha256,
  type BundleListing,
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
    return { type: 'listing', listing: opened.bundle && (await listingOf(opened.bundle)) }
  }
  const { bytes, entry, parsed } = opened.bundle
    ? await parseFromBundle(opened.bundle, source.entry, limits)
    : { bytes: opened.bytes, entry: null, parsed: parseSpec(opened.bytes, limits) }
  const { operations, components, ...head } = parsed
  postOperations(operations)
  for (const rows of jsonArrays(components.map((one) => JSON.stringify(one)))) {
    post({ type: 'components', rows })
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

function postOperations(parsed: ParsedSpec['operations']): void {
  let operations = []
  let chars = 0
  for (const operation of parsed) {
    const prepared = prepareOperation(operation)
    operations.push(prepared)
    chars += prepared.row.length
    if (chars < SLICE_CHARS) continue
    post({ type: 'operations', operations })
    operations = []
    chars = 0
  }
  post({ type: 'operations', operations })
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

async function listingOf(bundle: Bundle): Promise<BundleListing> {
  const roots: string[] = []
  const documents = bundle.names.filter((name) => isDocumentName(name))
  for (const name of documents) if (await isRoot(bundle, name)) roots.push(name)
  return { roots, otherCount: documents.length - roots.length }
}

async function isRoot(bundle: Bundle, name: string): Promise<boolean> {
  const bytes = await bundle.read(name)
  if (bytes === null) return false
  try {
    return isRootDocument(decodeText(bytes, new WarningList()))
  } catch (error) {
    if (error instanceof InputError) return false // No text, so it is no document.
    throw error
  }
}

/** A `$ref` that may lead to another file. Most documents have none, and are parsed once. */
const FILE_REF = /\$ref["']?\s*:\s*["']?[^#"'\s]/

async function parseFromBundle(
  bundle: Bundle,
  asked: string | undefined,
  limits: ParseLimits,
): Promise<{ bytes: Uint8Array; entry: string; parsed: ParsedSpec }> {
  const entry = asked ?? onlyRoot(await listingOf(bundle))
  const bytes = await bundle.read(entry)
  if (bytes === null) throw new InputError(`There is no file ${entry} in it.`)
  const isAlone =
    bytes.length > limits.maxBytes || !FILE_REF.test(Buffer.from(bytes).toString('latin1'))
  if (isAlone) return { bytes, entry, parsed: inFile(parseSpec(bytes, limits), entry) }
  const { files, warnings } = await loadBundle(entry, (name) => bundle.read(name), limits)
  const joined = joinBundle(files)
  // One document is longer than its files, and deeper by the two levels that hold them.
  const parsed = parseSpec(joined, { ...limits, maxBytes: Infinity, maxDepth: limits.maxDepth + 2 })
  const inFiles = inFile(parsed, entry)
  return {
    bytes: Buffer.from(joined),
    entry,
    parsed: { ...inFiles, warnings: [...warnings, ...inFiles.warnings] },
  }
}

function inFile(parsed: ParsedSpec, entry: string): ParsedSpec {
  return { ...parsed, warnings: parsed.warnings.map((one) => warningInFile(one, entry)) }
}

const SHOWN_ROOTS = 20

function onlyRoot({ roots, otherCount }: BundleListing): string {
  const [root] = roots
  if (root !== undefined && roots.length === 1) return root
  if (root === undefined) {
    const what =
      otherCount === 0
        ? 'no JSON or YAML file'
        : `JSON or YAML (${otherCount}), but nothing with an \`openapi\` or \`swagger\` field`
    throw new InputError(`NOT_OPENAPI: it holds ${what}. Give the directory or zip of one API.`)
  }
  const shown = roots.slice(0, SHOWN_ROOTS).join(', ')
  throw new InputError(
    `It holds ${roots.length} API documents, and one at a time is taken: ${shown}` +
      `${roots.length > SHOWN_ROOTS ? ', …' : ''}. Give a directory that holds one of them with ` +
      'the files it refers to, or run `api-catalog-mcp upload <path>`, which takes them all.',
  )
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
