/**
 * What a curl is without: `values`, since none have to be sent; for want of room what is `optional`,
 * the `body`, or all of the `curl`.
 */
export type CurlLack = 'values' | 'optional' | 'body' | 'curl'

/** Arguments of curl that send a body, and what it is without. */
export interface CurlBody {
  args: string[]
  lack: CurlLack | null
}
