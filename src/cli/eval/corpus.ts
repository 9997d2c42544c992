import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { glob } from 'tinyglobby'
import { InputError, messageOf, readingProblem } from '../../errors.js'

/** A document to be indexed. */
export interface CorpusDocument {
  /** As questions name it: the path under its folder, `/` written `__`. */
  file: string
  path: string
}

export interface CorpusFolders {
  /** The documents that are asked about. */
  specs: string
  /** Documents to bury them in. */
  buried?: string | undefined
  /** A file of regular expressions on file names: which documents of `buried` are left out. */
  exclude?: string | undefined
}

/**
 * The documents of both folders in the order of their names. A document of `specs` takes the place
 * of one of `buried` with its name; where both are one folder, it is the buried one.
 */
export async function corpusDocuments(folders: CorpusFolders): Promise<CorpusDocument[]> {
  const isExcluded = folders.exclude ? await readExclusions(folders.exclude) : () => false
  const around = folders.buried ? await documentsIn(folders.buried) : []
  const own = (await isOneFolder(folders)) ? [] : await documentsIn(folders.specs)
  const kept = new Map(
    around.filter(({ file }) => !isExcluded(file)).map((document) => [document.file, document]),
  )
  for (const document of own) kept.set(document.file, document)
  if (kept.size === 0) throw noDocument(folders.specs)
  return [...kept.values()].toSorted((a, b) => (a.file < b.file ? -1 : 1))
}

/** The refusal of a folder without documents. */
export function noDocument(folder: string): InputError {
  return new InputError(`${folder} has no OpenAPI document in it.`)
}

async function documentsIn(folder: string): Promise<CorpusDocument[]> {
  const paths = await glob('**/*.{json,yaml,yml}', { cwd: folder, absolute: false })
  return paths.map((path) => ({ file: path.replaceAll('/', '__'), path: join(folder, path) }))
}

async function isOneFolder({ specs, buried }: CorpusFolders): Promise<boolean> {
  if (buried === undefined) return false
  const real = (folder: string) => realpath(folder).catch(() => folder)
  return (await real(specs)) === (await real(buried))
}

/** One regular expression a line; empty lines and those with `#` in front say nothing. */
async function readExclusions(file: string): Promise<(name: string) => boolean> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(`${file} cannot be read: ${readingProblem(error)}`, { cause: error })
  })
  const patterns = text.split('\n').flatMap((raw, index) => {
    const line = raw.trim()
    return line === '' || line.startsWith('#') ? [] : [asPattern(line, `${file}:${index + 1}`)]
  })
  return (name) => patterns.some((pattern) => pattern.test(name))
}

function asPattern(text: string, place: string): RegExp {
  try {
    return new RegExp(text)
  } catch (error) {
    throw new InputError(`${place} is no regular expression: ${messageOf(error)}.`, {
      cause: error,
    })
  }
}
