import { isTrue } from './json-value.js'
import type { NamedDefinition } from './parsed-spec.js'
import { cleanedOrNull, cleanName } from './search-text.js'
import { serverLine } from './server-urls.js'
import { serverVariableLines } from './server-variables.js'

export interface HeadOptions {
  /** Of the operation's description. */
  aboutChars: number
  /** Where the operation is served; none for what is left out, and for a webhook. */
  servers: readonly unknown[]
}

/** What an operation is for, and what must be known before anything is sent. */
export function printHead(
  { operation, method, path, documentUrl, security }: NamedDefinition,
  { aboutChars, servers }: HeadOptions,
): string {
  const summary = cleanedOrNull(operation['summary'], 200)
  const about = cleanedOrNull(operation['description'], aboutChars)
  const lines = [`${method} ${path}`]
  if (isTrue(operation['deprecated'])) lines.push('DEPRECATED')
  if (isWebhook(path)) {
    lines.push(
      'Webhook: a call that the API makes to an address of yours; the curl is such a call.',
    )
  }
  if (summary !== null) lines.push(summary)
  if (about !== null && about !== summary) lines.push(about)
  if (typeof operation['$ref'] === 'string') {
    lines.push(`Described outside of the document, in ${cleanName(operation['$ref'], 200) ?? ''}`)
  }
  const served = serverLine(servers, documentUrl)
  if (served !== null) lines.push(served)
  lines.push(...serverVariableLines(servers))
  // `security: []` says that none is needed; many documents just leave out what is.
  if (security === null && !isWebhook(path)) lines.push('security: none named')
  return lines.join('\n')
}

export function isWebhook(path: string): boolean {
  return path.startsWith('webhook:')
}
