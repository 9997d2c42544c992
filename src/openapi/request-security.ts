import type { ComponentLookup } from './component-lookup.js'
import { schemePointer } from './find-refs.js'
import { arrayOrEmpty, isObject, type JsonObject } from './json-value.js'
import { cleanName } from './search-text.js'

/** What one security scheme asks of a request. */
export interface Credential {
  /** `ApiKeyAuth: header X-Api-Key`. */
  label: string
  /** Where it goes; `none` for a client certificate and for what is not described. */
  place: 'basic' | 'header' | 'query' | 'cookie' | 'none'
  /** Of the header, query parameter or cookie. */
  name: string
  /** The word before it in the header, `Bearer`; `` for a bare key. */
  scheme: string
}

const MAX_ALTERNATIVES = 10
const MAX_SCOPES = 6

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

/** One text for each way; `none` where a call without credentials is one of several ways. */
export function securityLabels(choices: readonly Credential[][]): string[] {
  const labels = choices.map((needed) => needed.map(({ label }) => label).join(' + ') || 'none')
  return labels.length === 1 && labels[0] === 'none' ? [] : [...new Set(labels)]
}

function credential(name: string, scopes: unknown, lookup: ComponentLookup): Credential {
  const scheme = lookup.follow(lookup.find(schemePointer(name)))
  const title = cleanName(name, 80) ?? 'security'
  if (!isObject(scheme)) return { ...NOWHERE, label: `${title}: not described in the spec` }
  const { where, ...rest } = placeOf(scheme)
  return { ...rest, label: `${title}: ${where}${scopeList(scopes)}` }
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
  if (type === 'http') return authorization(cleanName(scheme['scheme'], 40) ?? 'Bearer', '')
  if (type === 'basic') return authorization('Basic', '')
  if (type === 'oauth2') return authorization('Bearer', ', OAuth 2')
  if (type === 'openidconnect') return authorization('Bearer', ', OpenID Connect')
  if (type === 'mutualtls') return { ...NOWHERE, where: 'client certificate' }
  return { ...NOWHERE, where: cleanName(scheme['type'], 40) ?? 'unknown' }
}

function authorization(word: string, how: string): Place {
  const scheme = word.charAt(0).toUpperCase() + word.slice(1)
  const where = `header Authorization: ${scheme}${how}`
  return { where, place: scheme === 'Basic' ? 'basic' : 'header', name: 'Authorization', scheme }
}

function apiKeyPlace(scheme: JsonObject): Place {
  const name = cleanName(scheme['name'], 100) ?? 'X-Api-Key'
  const written = String(scheme['in']).toLowerCase()
  const place = written === 'query' || written === 'cookie' ? written : 'header'
  return { where: `${place} ${name}`, place, name, scheme: '' }
}
