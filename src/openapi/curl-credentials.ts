import { isHeaderName } from './header-name.js'
import type { Credential } from './request-security.js'
import { doubleQuoted, placeholder, type Piece } from './shell-words.js'

/** The user's own, in upper case; their names are never a document's. */
const TOKEN: Piece = { variable: 'TOKEN' }
const API_KEY: Piece = { variable: 'API_KEY' }
const SESSION: Piece = { variable: 'SESSION' }
const CLIENT_CERT: Piece = { variable: 'CLIENT_CERT' }
const CLIENT_KEY: Piece = { variable: 'CLIENT_KEY' }
/** `$USERNAME` is who is logged in, to zsh and on Windows. */
const USER_AND_PASSWORD: Piece[] = [{ variable: 'API_USER' }, ':', { variable: 'API_PASSWORD' }]

/** Where credentials go in a curl, each with a variable for the caller to set. */
export interface SentCredentials {
  /** Arguments: `-u "$API_USER:$API_PASSWORD"`, `-H "X-Api-Key: $API_KEY"`. */
  flags: string[]
  /** `name=value` of the query. */
  query: Piece[][]
  /** `name=value` of the `Cookie` header. */
  cookies: Piece[][]
}

export function sentCredentials(credentials: readonly Credential[]): SentCredentials {
  const keys = credentials.filter((one) => isKey(one))
  const keyOf = ({ name, place }: Credential) =>
    keys.length > 1 ? placeholder(name) : place === 'cookie' ? SESSION : API_KEY
  const pairsIn = (place: Credential['place']) =>
    keys.filter((one) => one.place === place).map((one) => [one, keyOf(one)] as const)
  return {
    flags: [...new Set(credentials.flatMap((one) => flagsOf(one, keyOf(one))))],
    query: pairsIn('query').map(([{ name }, key]) => [`${encodeURIComponent(name)}=`, key]),
    cookies: pairsIn('cookie').map(([{ name }, key]) => [`${name}=`, key]),
  }
}

/** A key of the API's own, and not a word of the `Authorization` header. */
function isKey({ place, scheme }: Credential): boolean {
  return place === 'query' || place === 'cookie' || (place === 'header' && scheme === '')
}

function flagsOf({ place, name, scheme }: Credential, key: Piece): string[] {
  const user = `-u ${doubleQuoted(USER_AND_PASSWORD)}`
  if (place === 'basic') return [user]
  if (place === 'digest') return ['--digest', user]
  if (place === 'certificate') {
    return [`--cert ${doubleQuoted([CLIENT_CERT])}`, `--key ${doubleQuoted([CLIENT_KEY])}`]
  }
  if (place !== 'header' || !isHeaderName(name)) return []
  const value = scheme === '' ? [`${name}: `, key] : [`${name}: ${scheme} `, TOKEN]
  return [`-H ${doubleQuoted(value)}`]
}
