import type { ComponentLookup } from './component-lookup.js'
import { schemePointer } from './find-refs.js'
import { arrayOrEmpty, isObject, isTrue, own, type JsonObject } from './json-value.js'
import { cleanName, cutText } from './search-text.js'

/** What one security scheme asks of a request. */
export interface Credential {
  /** `ApiKeyAuth: header X-Api-Key`. */
  label: string
  /** Where it goes; `none` for what is not described. */
  place: 'basic' | 'digest' | 'header' | 'query' | 'cookie' | 'certificate' | 'none'
  /** Of the header, query parameter or cookie. */
  name: string
  /** The word before it in the header, `Bearer`; `` for a bare key. */
  scheme: string
}

const MAX_ALTERNATIVES = 10
const MAX_SCOPES = 6
const MAX_LABEL_CHARS = 240
/** Of the marks and the word between two labels where they are shown. */
const BETWEEN_CHARS = 6

/** The ways to be let in, each a list of what is needed together; an empty list needs nothing. */
export function credentialChoices(
  security: readonly unknown[] | null,
  lookup: ComponentLookup,
): Credential[][] {
  return (security ?? [])
    .filter(isObject)
    .slice(0, MAX_ALTERNATIVES)
    .map((requirement) =>
      Object.entries(requirement).map(([name, scopes]) => credential(name, scopes, lookup)),
    )
}

/** The way that a curl takes: the first that needs something and whose parts are all described. */
export function chosenCredentials(choices: readonly Credential[][]): Credential[] {
  const needy = choices.filter((needed) => needed.length > 0)
  const isDescribed = (needed: Credential[]) => needed.every(({ place }) => place !== 'none')
  return needy.find(isDescribed) ?? needy[0] ?? []
}

/**
 * One text for each way; `none` where a call without credentials is one of several ways. Together
 * at most `maxChars` long, what stands between them included: of more, the last are left out.
 */
export function securityLabels(choices: readonly Credential[][], maxChars: number): string[] {
  const all = choices.map((needed) => needed.map(({ label }) => label).join(' + ') || 'none')
  if (all.length === 1 && all[0] === 'none') return []
  const labels: string[] = []
  let room = maxChars
  for (const label of new Set(all)) {
    const text = cutText(label, Math.min(MAX_LABEL_CHARS, Math.max(room, 1)))
    if (text.length > room) break
    labels.push(text)
    room -= text.length + BETWEEN_CHARS
  }
  return labels
}

function credential(name: string, scopes: unknown, lookup: ComponentLookup): Credential {
  const written = lookup.find(schemePointer(name))
  const scheme = lookup.follow(written)
  const title = cleanName(name, 80) ?? 'security'
  if (!isObject(scheme)) return { ...NOWHERE, label: `${title}: ${elsewhere(written)}` }
  const { where, ...rest } = placeOf(scheme)
  const deprecated = isTrue(scheme['deprecated']) ? ' (deprecated)' : ''
  return { ...rest, label: `${title}: ${where}${scopeList(scopes)}${deprecated}` }
}

function elsewhere(written: unknown): string {
  const ref = cleanName(own(written, '$ref'), 120)
  return ref === null ? 'not described in the spec' : `described elsewhere, in ${ref}`
}

const NOWHERE = { place: 'none', name: '', scheme: '' } as const

function scopeList(scopes: unknown): string {
  const all = arrayOrEmpty(scopes)
  const shown = all.slice(0, MAX_SCOPES).map((scope) => cleanName(scope, 80))
  const names = shown.filter((scope) => scope !== null)
  if (names.length === 0) return ''
  return ` (scopes: ${names.join(', ')}${all.length > MAX_SCOPES ? ', …' : ''})`
}

type Place = Omit<Credential, 'label'> & { where: string }

function placeOf(scheme: JsonObject): Place {
  const type = String(scheme['type']).toLowerCase()
  if (type === 'apikey') return apiKeyPlace(scheme)
  if (type === 'http') return httpPlace(scheme)
  if (type === 'basic') return authorization('Basic', '')
  if (type === 'oauth2') return authorization('Bearer', `, OAuth 2${flowList(scheme['flows'])}`)
  if (type === 'openidconnect') return authorization('Bearer', openIdConnect(scheme))
  if (type === 'mutualtls') {
    return { ...NOWHERE, place: 'certificate', where: 'client certificate (mutual TLS)' }
  }
  return { ...NOWHERE, where: cleanName(scheme['type'], 40) ?? 'unknown' }
}

function httpPlace(scheme: JsonObject): Place {
  const format = cleanName(scheme['bearerFormat'], 40)
  return authorization(
    cleanName(scheme['scheme'], 40) ?? 'Bearer',
    format === null ? '' : ` (${format})`,
  )
}

function authorization(word: string, how: string): Place {
  const scheme = word.charAt(0).toUpperCase() + word.slice(1)
  const where = `header Authorization: ${scheme}${how}`
  const place = scheme === 'Basic' ? 'basic' : scheme === 'Digest' ? 'digest' : 'header'
  return { where, place, name: 'Authorization', scheme }
}

const FLOW_NAMES = new Map([
  ['authorizationCode', 'authorization code'],
  ['clientCredentials', 'client credentials'],
  ['deviceAuthorization', 'device authorization'],
  ['implicit', 'implicit'],
  ['password', 'password'],
])

/** ` client credentials, token from https://x.com/token`: each flow with where its token is had. */
function flowList(flows: unknown): string {
  if (!isObject(flows)) return ''
  const told = [...FLOW_NAMES].flatMap(([key, name]) => {
    const flow = flows[key]
    if (!isObject(flow)) return []
    const url = cleanName(flow['tokenUrl'] ?? flow['authorizationUrl'], 120)
    return url === null ? [name] : [`${name}, token from ${url}`]
  })
  return told.length === 0 ? '' : `: ${told.join('; ')}`
}

function openIdConnect(scheme: JsonObject): string {
  const url = cleanName(scheme['openIdConnectUrl'], 120)
  return `, OpenID Connect${url === null ? '' : `: ${url}`}`
}

function apiKeyPlace(scheme: JsonObject): Place {
  const name = cleanName(scheme['name'], 100) ?? 'X-Api-Key'
  const written = String(scheme['in']).toLowerCase()
  const place = written === 'query' || written === 'cookie' ? written : 'header'
  return { where: `${place} ${name}`, place, name, scheme: '' }
}
