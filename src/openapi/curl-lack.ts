/**
 * What a curl is without: `values`, since none have to be sent; for want of room what is `optional`,
 * the `body`, or all of the `curl`.
 */
export type CurlLack = 'values' | 'optional' | 'body' | 'curl'

/** How to see what a curl is without. */
export const LACK_NOTES: Readonly<Record<CurlLack, string>> = {
  values: 'Nothing has to be sent: to see a body with all that can be, include: ["curl"].',
  optional: 'No room for all that is optional in the curl: ask with a larger max_tokens.',
  body: "No room for the curl's body: ask with a larger max_tokens.",
  curl: 'No room for the curl: ask with a larger max_tokens.',
}

/** Arguments of curl that send a body, and what it is without. */
export interface CurlBody {
  args: string[]
  lack: CurlLack | null
}
