import { arrayOrEmpty, objectOrEmpty, own } from './json-value.js'
import { cleanedOrNull, cleanName } from './search-text.js'

const MAX_LINES = 6
const MAX_URL_CHARS = 120
const MAX_ABOUT_CHARS = 120

/** What a caller has been given and no document knows: its default is a picture of one. */
const SECRET = /(?:token|secret|password|passwd|api[ _-]?key|access[ _-]?key)$|^key$/i

/** Whether a variable holds the caller's own secret, by its name: a bot's `token` in an address. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name)
}

/**
 * A line for each variable that the caller may have to set to a value of his own, and whose choices
 * are not listed beside the servers: `server variable {port} of https://x:{port}: default 8043. …`
 */
export function serverVariableLines(servers: readonly unknown[]): string[] {
  const lines = new Set<string>()
  for (const server of servers) {
    const url = cleanName(own(server, 'url'), MAX_URL_CHARS)
    for (const [name, variable] of Object.entries(objectOrEmpty(own(server, 'variables')))) {
      const isUsed = url?.includes(`{${name}}`) === true
      if (isUsed && arrayOrEmpty(own(variable, 'enum')).length === 0) {
        lines.add(`server variable {${cleanName(name, 40)}} of ${url}: ${toldOf(name, variable)}`)
      }
    }
  }
  return [...lines].slice(0, MAX_LINES)
}

function toldOf(name: string, variable: unknown): string {
  const standard = isSecretName(name) ? null : cleanName(own(variable, 'default'), 80)
  const value = standard === null ? 'your own' : `default ${standard}`
  const about = cleanedOrNull(own(variable, 'description'), MAX_ABOUT_CHARS)
  return about === null ? value : `${value}. ${about}`
}
