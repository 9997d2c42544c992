import { isObject, own, scalarText, type JsonObject } from './json-value.js'
import { cleanName } from './search-text.js'

/** Stands for the host where the document gives none. */
const PLACEHOLDER_HOST = 'https://HOST'
const MAX_URL_CHARS = 500

/** The servers' addresses, variables filled with their defaults, without a slash at the end. */
export function serverUrls(servers: readonly unknown[]): string[] {
  const urls = servers.map((server) => serverUrl(server)).filter((url) => url !== null)
  return [...new Set(urls)]
}

/** The first server, or the placeholder: what a path is added to. */
export function baseUrl(servers: readonly unknown[]): string {
  return serverUrls(servers)[0] ?? PLACEHOLDER_HOST
}

function serverUrl(server: unknown): string | null {
  if (!isObject(server) || typeof server['url'] !== 'string') return null
  const written = cleanName(server['url'], MAX_URL_CHARS)
  if (written === null) return null
  const url = withVariables(written, server)
    .replace(/\s/g, '%20')
    .replace(/[?#].*$/, '')
  return absolute(url).replace(/\/+$/, '')
}

function withVariables(url: string, server: JsonObject): string {
  return url.replace(/\{([^{}]{1,100})\}/g, (whole, name: string) => {
    const variable = own(server['variables'], name)
    const choices = isObject(variable) ? variable['enum'] : undefined
    const first = isObject(variable)
      ? (scalarText(variable['default']) ??
        (Array.isArray(choices) ? scalarText(choices[0]) : null))
      : null
    return cleanName(first, 100) ?? whole
  })
}

function absolute(url: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url
  if (url.startsWith('//')) return `https:${url}`
  // `api.example.com/v1` is written by people who mean a host; `./v1` and `/v1` are paths.
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:\/|$)/i.test(url)) return `https://${url}`
  return `${PLACEHOLDER_HOST}/${url.replace(/^[./]+/, '')}`
}
