import { arrayOrEmpty, objectOrEmpty, own } from './json-value.js'
import { cleanName } from './search-text.js'
import { isSecretName } from './server-variables.js'
import { joinUpTo } from './short-names.js'

/** Stands for the host where the document gives none. */
const PLACEHOLDER_HOST = 'https://HOST'
const MAX_URL_CHARS = 500
const MAX_LINE_CHARS = 300

/**
 * The servers' addresses, variables but secrets filled with their defaults, without a slash at the
 * end. Relative ones begin at the address that the document came from, where it is known.
 */
export function serverUrls(servers: readonly unknown[], documentUrl?: string): string[] {
  const urls = servers.map((server) => serverUrl(server, documentUrl))
  return [...new Set(urls.filter((url) => url !== null))]
}

/**
 * What a curl adds a path to: the first server that it may call, else where the document came from,
 * else the placeholder.
 */
export function baseUrl(servers: readonly unknown[], documentUrl?: string): string {
  const urls = serverUrls([...servers, { url: '/' }], documentUrl)
  return urls.find((url) => isForCurl(url)) ?? PLACEHOLDER_HOST
}

/** curl reads local files by other schemes, and writes to any port what it is given. */
function isForCurl(url: string): boolean {
  // What follows a variable begins the address where that is left empty.
  const filled = url.replace(/\{[^{}]*\}/g, '')
  return url.startsWith('{')
    ? !/^(?!https?:|wss?:)[a-z][a-z0-9+.-]*:\//i.test(filled)
    : /^(?:https?|wss?):\/\//i.test(url)
}

/**
 * `servers: live https://eu.x.com (region: eu | us), https://test.x.com`; null where the curl says it all:
 * there is one server, and nothing about it can be chosen.
 */
export function serverLine(servers: readonly unknown[], documentUrl?: string): string | null {
  const told = new Set<string>()
  for (const server of servers) {
    const url = serverUrl(server, documentUrl)
    const { name, variables } = objectOrEmpty(server)
    if (url !== null) told.add(`${named(name)}${url}${variableList(variables)}`)
  }
  const [first = ''] = told
  const isInCurl = serverUrls(servers, documentUrl).every((url) => isForCurl(url))
  if (told.size < 2 && !first.endsWith(')') && isInCurl) return null
  return `servers: ${joinUpTo([...told], MAX_LINE_CHARS)}`
}

/** Since 3.2 a server may have a name, which says what it is for. */
function named(name: unknown): string {
  const label = cleanName(name, 40)
  return label === null ? '' : `${label} `
}

/** ` (region: eu | us)`, with the values that can be chosen. */
function variableList(variables: unknown): string {
  const told = Object.entries(objectOrEmpty(variables)).flatMap(([name, variable]) => {
    const choices = arrayOrEmpty(own(variable, 'enum')).map((value) => cleanName(value, 40))
    const shown = choices.filter((value) => value !== null)
    const label = cleanName(name, 40)
    return label === null || shown.length < 2 ? [] : [`${label}: ${shown.slice(0, 8).join(' | ')}`]
  })
  return told.length === 0 ? '' : ` (${told.join('; ')})`
}

/** A server's address as it is written: in an object by the rules, but some write it alone. */
export function addressOf(server: unknown): string | null {
  const url = typeof server === 'string' ? server : own(server, 'url')
  return typeof url === 'string' && url.trim() !== '' ? url : null
}

function serverUrl(server: unknown, documentUrl: string | undefined): string | null {
  const address = addressOf(server)
  const written = address === null ? null : cleanName(address, MAX_URL_CHARS)
  if (written === null) return null
  const url = withVariables(written, server)
    .replace(/\s/g, '%20')
    .replace(/[?#].*$/, '')
  return withoutUser(absolute(url, documentUrl)).replace(/\/+$/, '')
}

/** `https://api.example.com@evil.example` is at evil.example. */
function withoutUser(url: string): string {
  return url.replace(/^([^/]*:\/\/)?[^/]*@/, '$1')
}

function withVariables(url: string, server: unknown): string {
  return url.replace(/\{([^{}]{1,100})\}/g, (whole, name: string) => {
    if (isSecretName(name)) return whole
    const variable = own(own(server, 'variables'), name)
    const standard = own(variable, 'default')
    if (standard === '') return ''
    return cleanName(standard ?? arrayOrEmpty(own(variable, 'enum'))[0], 100) ?? whole
  })
}

function absolute(url: string, documentUrl: string | undefined): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url
  if (url.startsWith('{')) return url // All of it is for the caller to fill.
  if (url.startsWith('//')) return `https:${url}`
  // `api.example.com/v1` is written by people who mean a host; `./v1` and `/v1` are paths.
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)+(?::\d+)?(?:\/|$)/i.test(url)) return `https://${url}`
  return besideDocument(url, documentUrl) ?? `${PLACEHOLDER_HOST}/${url.replace(/^[./]+/, '')}`
}

/** Without the user and the query that the document's address may have; null for `file:/x`. */
function besideDocument(url: string, documentUrl: string | undefined): string | null {
  if (documentUrl === undefined || !URL.canParse(url, documentUrl)) return null
  const { origin, pathname } = new URL(url, documentUrl)
  if (origin === 'null') return null
  return origin + pathname.replaceAll('%7B', '{').replaceAll('%7D', '}')
}
