/**
 * What a curl is without: `values`, since none have to be sent; for want of room what is `optional`,
 * the `body`, or all of the `curl`; or parts of a body that is too large to be made whole.
 */
export type CurlLack = 'values' | 'optional' | 'body' | 'curl' | LackingParts

export interface LackingParts {
  /** As `expand` takes them. */
  parts: string[]
}

/** Arguments of curl that send a body, and what it is without. */
export interface CurlBody {
  args: string[]
  lack: CurlLack | null
}

/** Parts that are told of. */
const MAX_PARTS = 100

/** A body that says which of its parts are left out while it is made. */
export function withLackingParts<T>(make: (onLeftOut: (path: string) => void) => T): {
  made: T
  lack: LackingParts | null
} {
  const parts: string[] = []
  const made = make((path) => {
    if (parts.length < MAX_PARTS) parts.push(`body.${path}`)
  })
  return { made, lack: parts.length === 0 ? null : { parts } }
}
