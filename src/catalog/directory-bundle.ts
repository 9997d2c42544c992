import { readdirSync, realpathSync } from 'node:fs'
import { join, sep } from 'node:path'
import { InputError, messageOf } from '../errors.js'
import { isInside } from '../openapi/file-ref.js'
import { MAX_FILES, type Bundle } from './bundle.js'
import { readRegularFile } from './read-file.js'

/**
 * A directory as a bundle. Links are followed only to what lies in the directory too. Of a file at
 * most `maxBytes` and one are read. Throws InputError where it cannot be read or has too many files.
 */
export function directoryBundle(path: string, maxBytes: number): Bundle {
  const root = realpathSync(path)
  const read = (name: string): Uint8Array | null => {
    const file = isInside(name) ? realPath(join(root, ...name.split('/'))) : null
    if (file === null || !file.startsWith(root.endsWith(sep) ? root : root + sep)) return null
    try {
      return readRegularFile(file, maxBytes + 1)
    } catch (error) {
      throw new InputError(`${join(path, name)} cannot be read: ${messageOf(error)}`, {
        cause: error,
      })
    }
  }
  return { names: filesBelow(root, path), read: async (name) => read(name) }
}

/** Null where there is nothing. */
function realPath(path: string): string | null {
  try {
    return realpathSync(path)
  } catch {
    return null
  }
}

/** Files below a directory, by name; not those of packages, nor hidden ones such as Git's. */
function filesBelow(root: string, shown: string): string[] {
  const files: string[] = []
  const open = ['']
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of entriesOf(join(root, folder), shown)) {
      const name = folder === '' ? entry.name : `${folder}/${entry.name}`
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue
      if (entry.isDirectory()) open.push(name)
      else if (entry.isFile() || entry.isSymbolicLink()) files.push(name)
      if (files.length + open.length > MAX_FILES) throw tooMany(shown)
    }
  }
  return files.toSorted()
}

function entriesOf(folder: string, shown: string) {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    throw new InputError(`${shown} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

function tooMany(path: string): InputError {
  return new InputError(
    `TOO_LARGE: ${path} holds more than ${MAX_FILES} files. Give the directory of one API.`,
  )
}
