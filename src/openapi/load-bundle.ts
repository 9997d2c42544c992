import { decodeText } from './decode-text.js'
import { keepWrittenVersions } from './dialect.js'
import { ownAddress, readFileRef, type OwnAddresses } from './file-ref.js'
import { findRefs } from './find-refs.js'
import { isObject } from './json-value.js'
import type { SpecWarning } from './parsed-spec.js'
import { parseValue } from './parse-document.js'
import { SpecError, tooManyBytes, type ParseLimits } from './spec-error.js'
import { TreeRoom } from './tree-size.js'
import { WarningList } from './warning-list.js'

/** The bytes of a file of a bundle by its path from the root, with `/`; null where there is none. */
export type ReadBundled = (name: string) => Promise<Uint8Array | null>

/** The files of a bundle that a document reaches. */
export interface LoadedBundle {
  /** Their values by path; of one that cannot be read, null. The document itself is first. */
  files: Map<string, unknown>
  addresses: OwnAddresses
  warnings: SpecWarning[]
}

/** What descriptions are moved to; a `$ref` to such a file stands for its text. */
const TEXT_FILE = /\.(?:md|markdown|txt)$/i

/**
 * Files may take so much of the memory: their values are there while the one document that is made of
 * them is read. What is counted of them is a third more than they take at most.
 */
const SHARE_OF_FILES = 2 / 3

/**
 * Reads the file `entry` of a bundle, and all that its references reach in the bundle. Throws
 * SpecError when `entry` is refused, or the files together are too large; another file that cannot
 * be read is a warning.
 */
export async function loadBundle(
  entry: string,
  read: ReadBundled,
  limits: ParseLimits,
): Promise<LoadedBundle> {
  const files = new Map<string, unknown>()
  const absent = new Set<string>()
  const addresses = new Map<string, string>()
  const warnings: SpecWarning[] = []
  const room = new TreeRoom(limits, SHARE_OF_FILES)
  let bytesRead = 0

  /** Whether there is such a file; it is read the first time. */
  async function load(name: string): Promise<boolean> {
    if (files.has(name)) return true
    if (absent.has(name)) return false
    const bytes = await read(name)
    if (bytes === null) {
      absent.add(name)
      return false
    }
    bytesRead += bytes.length
    if (bytesRead > limits.maxBytes)
      throw tooManyBytes(`${entry} with its files`, bytesRead, limits)
    room.take(bytes)
    const noted = new WarningList()
    const value = name === entry ? parse(name, bytes, noted) : parseOrWarn(name, bytes, noted)
    files.set(name, value)
    const address = ownAddress(value)
    if (address !== null) addresses.set(address, name)
    warnings.push(...noted.all().map((warning) => ({ ...warning, file: name })))
    return true
  }

  function parse(name: string, bytes: Uint8Array, noted: WarningList): unknown {
    const text = decodeText(bytes, noted)
    if (TEXT_FILE.test(name)) return text
    const { value } = parseValue(text, limits, noted)
    if (isObject(value)) keepWrittenVersions(value, text, noted)
    return value
  }

  function parseOrWarn(name: string, bytes: Uint8Array, noted: WarningList): unknown {
    try {
      return parse(name, bytes, noted)
    } catch (error) {
      if (!(error instanceof SpecError)) throw error
      noted.add('BROKEN_FILE', '', error.message, error.line)
      return null
    }
  }

  if (!(await load(entry))) throw new SpecError('EMPTY', `there is no file ${entry} in the bundle.`)
  // A map's entries that are added meanwhile are visited too.
  for (const [name, value] of files) {
    for (const { ref } of findRefs(value)) {
      const target = readFileRef(ref, name, addresses)
      if (target === null || target === 'outside') continue
      for (const spelling of target.names) if (await load(spelling)) break
    }
  }
  return { files, addresses, warnings }
}

/**
 * Whether a document reaches no file, not even itself by its name: it then reads, and is kept, as
 * the same document uploaded without its folder.
 */
export function standsAlone({ files, addresses }: LoadedBundle): boolean {
  const [entry, ...others] = files
  if (entry === undefined || others.length > 0) return false
  const [name, root] = entry
  return !findRefs(root).some(({ ref }) => {
    const target = readFileRef(ref, name, addresses)
    return target !== null && target !== 'outside' && !target.isUrl && target.names.includes(name)
  })
}
