import { InputError } from '../errors.js'
import { decodeText } from '../openapi/decode-text.js'
import { isRootDocument } from '../openapi/is-root.js'
import { joinBundle, warningInFile } from '../openapi/join-bundle.js'
import { loadBundle, standsAlone } from '../openapi/load-bundle.js'
import { parseSpec } from '../openapi/parse-spec.js'
import type { ParsedSpec, SpecWarning } from '../openapi/parsed-spec.js'
import { joinUpTo } from '../openapi/short-names.js'
import type { ParseLimits } from '../openapi/spec-error.js'
import { withLines } from '../openapi/warning-lines.js'
import { WarningList } from '../openapi/warning-list.js'
import { isDocumentName, type Bundle } from './bundle.js'
import type { BundleListing } from './prepared-spec.js'

/** A document that stands alone, its warnings with their lines. */
export function parseAlone(bytes: Uint8Array, limits: ParseLimits): ParsedSpec {
  const parsed = parseSpec(bytes, limits)
  return { ...parsed, warnings: withLines(parsed.warnings, bytes) }
}

/** Which files of a bundle are documents. */
export async function listingOf(bundle: Bundle, limits: ParseLimits): Promise<BundleListing> {
  const roots: string[] = []
  const documents = bundle.names.filter((name) => isDocumentName(name))
  for (const name of documents) if (await isRoot(bundle, name, limits)) roots.push(name)
  const isKnown = new Set(roots)
  return { roots, others: documents.filter((name) => !isKnown.has(name)) }
}

async function isRoot(bundle: Bundle, name: string, limits: ParseLimits): Promise<boolean> {
  const bytes = await bundle.read(name)
  if (bytes === null) return false
  try {
    return isRootDocument(decodeText(bytes, new WarningList()), limits)
  } catch (error) {
    if (error instanceof InputError) return false // No text, so it is no document.
    throw error
  }
}

/** A `$ref` that may lead to another file. Most documents have none, and are parsed once. */
const FILE_REF = /\$ref["']?\s*:\s*["']?[^#"'\s]/
/** The mapping of a discriminator may, too. */
const MAPPING = /\bmapping["']?\s*:/
const FILE_NAME = /\.(?:json|ya?ml)\b/

/** Of UTF-16, too: without its zeros it is like ASCII. */
function mayReferToFiles(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1').replaceAll('\0', '')
  return FILE_REF.test(text) || (MAPPING.test(text) && FILE_NAME.test(text))
}

/**
 * The document `asked` of a bundle, or the only one, with the files that it refers to. Throws
 * InputError where there is not one document, and what `parseSpec` throws.
 */
export async function parseFromBundle(
  bundle: Bundle,
  asked: string | undefined,
  limits: ParseLimits,
): Promise<{ bytes: Uint8Array; entry: string; parsed: ParsedSpec }> {
  const entry = asked ?? onlyRoot(await listingOf(bundle, limits))
  const bytes = await bundle.read(entry)
  if (bytes === null) throw new InputError(`There is no file ${entry} in it.`)
  if (bytes.length > limits.maxBytes || !mayReferToFiles(bytes))
    return { bytes, entry, parsed: inFile(parseAlone(bytes, limits), entry) }
  const loaded = await loadBundle(entry, (name) => bundle.read(name), limits)
  if (standsAlone(loaded)) return { bytes, entry, parsed: inFile(parseAlone(bytes, limits), entry) }
  const { files, addresses, warnings } = loaded
  const joined = joinBundle(files, addresses, limits)
  // One document is longer than its files, and deeper by the two levels that hold them.
  const parsed = parseSpec(joined, { ...limits, maxBytes: Infinity, maxDepth: limits.maxDepth + 2 })
  const inFiles = inFile(parsed, entry)
  const all = await withLinesInFiles([...warnings, ...inFiles.warnings], bundle)
  return { bytes: Buffer.from(joined), entry, parsed: { ...inFiles, warnings: all } }
}

/** Each warning with its line in the file that it names. */
async function withLinesInFiles(warnings: SpecWarning[], bundle: Bundle): Promise<SpecWarning[]> {
  let found = warnings
  for (const file of new Set(warnings.map((warning) => warning.file ?? ''))) {
    const bytes = await bundle.read(file)
    if (bytes !== null) found = withLines(found, bytes, file)
  }
  return found
}

function inFile(parsed: ParsedSpec, entry: string): ParsedSpec {
  return { ...parsed, warnings: parsed.warnings.map((one) => warningInFile(one, entry)) }
}

const SHOWN_ROOTS = 20
/** Of the names of other files. */
const SHOWN_CHARS = 300

function onlyRoot({ roots, others }: BundleListing): string {
  const [root] = roots
  if (root !== undefined && roots.length === 1) return root
  if (root === undefined) {
    const what =
      others.length === 0
        ? 'no JSON or YAML file'
        : `JSON or YAML (${others.length}: ${joinUpTo(others, SHOWN_CHARS)}), but nothing with an \`openapi\` or \`swagger\` field`
    throw new InputError(`NOT_OPENAPI: it holds ${what}. Give the directory or zip of one API.`)
  }
  const shown = roots.slice(0, SHOWN_ROOTS).join(', ')
  throw new InputError(
    `It holds ${roots.length} API documents, and one at a time is taken: ${shown}` +
      `${roots.length > SHOWN_ROOTS ? ', …' : ''}. Give a directory that holds one of them with ` +
      'the files it refers to, or run `api-catalog-mcp upload <path>`, which takes them all.',
  )
}
