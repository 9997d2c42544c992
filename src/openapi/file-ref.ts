import { posix } from 'node:path'

/** What a `$ref` says: which file of the bundle, and what in it. */
export interface FileRef {
  /** By path within the bundle; several spellings are tried in this order. */
  names: string[]
  /** What follows the `#`: a pointer, the name of an anchor, or nothing for the whole file. */
  fragment: string
}

/**
 * A `$ref` in the file `from` of a bundle that may name another of its files. Null for one that
 * stays in the file; `'outside'` for a URL, an absolute path or one that leaves the bundle.
 */
export function readFileRef(ref: string, from: string): FileRef | 'outside' | null {
  const hash = ref.indexOf('#')
  const address = hash === -1 ? ref : ref.slice(0, hash)
  const fragment = hash === -1 ? '' : ref.slice(hash + 1)
  if (address === '') return null
  // A scheme (`file:`, `c:`), a host (`//`), an absolute path, in either spelling of slashes.
  if (/^(?:[a-z][a-z\d+.-]*:|[/\\])/i.test(address)) return 'outside'
  const names = [decoded(address), address]
    .map((path) => posix.join(posix.dirname(from), path))
    .filter((name) => isInside(name))
  return names.length === 0 ? 'outside' : { names: [...new Set(names)], fragment }
}

/** Whether a path is one of a file below the root that it starts from, on any system. */
export function isInside(name: string): boolean {
  return (
    name !== '' &&
    !/[\0\\]/.test(name) &&
    !/^(?:\/|[a-z]:)/i.test(name) &&
    !name.split('/').some((part) => part === '..')
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
