/**
 * A directory or a zip whose files may refer to each other. Nothing outside of it can be read
 * through it, by any name or link.
 */
export interface Bundle {
  /** All files in it, by their paths from its root, with `/`. */
  names: readonly string[]
  /** Null where it has no such file. Throws InputError for one that is there and cannot be read. */
  read: (name: string) => Promise<Uint8Array | null>
}

/** Beyond this a directory is rather a disk than a bundle. The largest collections have 10,000. */
export const MAX_FILES = 50_000

/** Files that may be an API document, or a part of one. */
export function isDocumentName(name: string): boolean {
  return /\.(?:json|ya?ml)$/i.test(name)
}
