import { posix } from 'node:path'
import { own } from './json-value.js'

/** What a `$ref` says: which file of the bundle, and what in it. */
export interface FileRef {
  /** By path within the bundle; several spellings are tried in this order. */
  names: string[]
  /** What follows the `#`: a pointer, the name of an anchor, or nothing for the whole file. */
  fragment: string
  /** It is a URL, so that where no such file is there, it leads out of the bundle. */
  isUrl: boolean
}

/** Files of a bundle by the URL that they say is theirs. */
export type OwnAddresses = ReadonlyMap<string, string>

/** The URL that a file says is its own (`$self`, since 3.2), as it is looked up; else null. */
export function ownAddress(value: unknown): string | null {
  const self = own(value, '$self')
  return typeof self === 'string' && URL.canParse(self) ? withoutHash(new URL(self)) : null
}

function withoutHash(url: URL): string {
  return url.href.replace(/#.*$/s, '')
}

/**
 * A `$ref` in the file `from` of a bundle that may name another of its files. Null for one that
 * stays in the file; `'outside'` for a URL that is none of theirs, an absolute path or one that
 * leaves the bundle.
 */
export function readFileRef(
  ref: string,
  from: string,
  addresses: OwnAddresses,
): FileRef | 'outside' | null {
  const hash = ref.indexOf('#')
  const address = hash === -1 ? ref : ref.slice(0, hash)
  const fragment = hash === -1 ? '' : ref.slice(hash + 1)
  if (address === '') return null
  if (addresses.size > 0 && /^https?:/i.test(address) && URL.canParse(address)) {
    const names = filesAt(new URL(address), addresses)
    return names.length === 0 ? 'outside' : { names, fragment, isUrl: true }
  }
  // A scheme (`file:`, `c:`), a host (`//`), an absolute path, in either spelling of slashes.
  if (/^(?:[a-z][a-z\d+.-]*:|[/\\])/i.test(address)) return 'outside'
  const names = [decoded(address), address]
    .map((path) => posix.join(posix.dirname(from), path.replaceAll('\\', '/'))) // as on Windows
    .filter((name) => isInside(name))
  return names.length === 0 ? 'outside' : { names: [...new Set(names)], fragment, isUrl: false }
}

/** The file that says so, else where one lies if files lie in the bundle as their URLs do. */
function filesAt(url: URL, addresses: OwnAddresses): string[] {
  const known = addresses.get(withoutHash(url))
  if (known !== undefined) return [known]
  const names = Array.from(addresses, ([address, name]) => {
    const { origin, pathname } = new URL(address)
    if (origin !== url.origin) return ''
    const path = posix.relative(posix.dirname(pathname), url.pathname)
    return posix.join(posix.dirname(name), decoded(path))
  })
  return [...new Set(names.filter((name) => isInside(name)))]
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
