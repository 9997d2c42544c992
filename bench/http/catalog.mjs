// The catalog of a server under test, over HTTP like everything else.
import { request } from 'undici'
import { pause } from './processes.mjs'
import { ERAS, resultOf, toolCall } from './requests.mjs'
import { makeSpec } from './specs.mjs'

export const OPERATIONS_PER_SPEC = 1_000

/** Calls a tool of the server at this URL. Throws where it fails. */
export async function call(url, name, args) {
  const { path, ...options } = toolCall(ERAS[0], name, args)
  return resultOf(await request(url + path, options))
}

export async function fill(url, specs) {
  for (let n = 0; n < specs; n++) await upload(url, `spec-${n}`)
}

export function upload(url, name) {
  return call(url, 'upload_spec', { content: makeSpec(name, OPERATIONS_PER_SPEC), name })
}

export function reembed(url, name) {
  return call(url, 'reembed_spec', { spec: name })
}

export async function untilEmbedded(url) {
  while ((await summaryOf(url)).isUnfinished) await pause(100)
}

/** Counts of all specs, and whether any still waits or is at work. */
export async function summaryOf(url) {
  const { summary } = await call(url, 'embedding_status', {})
  return { ...summary, isUnfinished: summary.specs_pending + summary.specs_running > 0 }
}
