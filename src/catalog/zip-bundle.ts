import { buffer } from 'node:stream/consumers'
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl'
import { InputError, messageOf } from '../errors.js'
import { MAX_FILES, type Bundle } from './bundle.js'

/** Whether these bytes are a zip archive, by how they begin. */
export function isZip(bytes: Uint8Array): boolean {
  return ['504b0304', '504b0506'].includes(Buffer.from(bytes.subarray(0, 4)).toString('hex'))
}

/**
 * A zip archive as a bundle. It is never unpacked to disk; names that lead out of it, and sizes
 * that are not as declared, are refused by the library. Together its files may unpack to
 * `maxBytes`. Throws InputError for an archive that is broken or over a limit.
 */
export async function zipBundle(bytes: Uint8Array, maxBytes: number): Promise<Bundle> {
  const { zip, entries } = await open(bytes)
  const unpacked = new Set<string>()
  let bytesUnpacked = 0
  return {
    names: [...entries.keys()].toSorted(),
    read: async (name) => {
      const entry = entries.get(name)
      if (entry === undefined) return null
      if (entry.isEncrypted()) {
        throw new InputError(`NOT_TEXT: ${name} is encrypted; make the zip without a password.`)
      }
      if (!unpacked.has(name)) bytesUnpacked += entry.uncompressedSize
      unpacked.add(name)
      if (bytesUnpacked > maxBytes) throw tooLarge(maxBytes)
      try {
        return await buffer(await zip.openReadStreamPromise(entry))
      } catch (error) {
        throw broken(error, name)
      }
    },
  }
}

async function open(bytes: Uint8Array): Promise<{ zip: ZipFile; entries: Map<string, Entry> }> {
  const entries = new Map<string, Entry>()
  try {
    const zip = await fromBufferPromise(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    if (zip.entryCount > MAX_FILES) {
      throw new InputError(`TOO_LARGE: the zip holds more than ${MAX_FILES} files.`)
    }
    for await (const entry of zip.eachEntry()) {
      const name = entry.fileName.replace(/^(?:\.\/)+/, '') // as some tools begin all names
      if (!isHidden(name)) entries.set(name, entry)
    }
    return { zip, entries }
  } catch (error) {
    if (error instanceof InputError) throw error
    throw broken(error)
  }
}

/** Directories, and what systems put beside the files of an archive. */
function isHidden(name: string): boolean {
  return name.endsWith('/') || /(?:^|\/)(?:\.|__MACOSX\/|node_modules\/)/.test(name)
}

function broken(error: unknown, name?: string): InputError {
  const what = name === undefined ? 'the zip' : `${name} in the zip`
  return new InputError(
    `NOT_PARSABLE: ${what} cannot be read: ${messageOf(error).replace(/\.+$/, '')}. Make it anew.`,
    {
      cause: error,
    },
  )
}

function tooLarge(maxBytes: number): InputError {
  return new InputError(
    `TOO_LARGE: the files of the zip unpack to more than ${maxBytes} bytes. ` +
      'Leave out what is no part of the API, or raise API_CATALOG_MAX_BYTES.',
  )
}
