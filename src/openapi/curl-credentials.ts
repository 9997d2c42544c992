import type { Credential } from './request-security.js'
import { doubleQuoted, placeholder, type Piece } from './shell-words.js'

/** Where credentials go in a curl, each with a variable for the caller to set. */
export interface SentCredentials {
  /** Arguments: `-u "$USERNAME:$PASSWORD"`, `-H "X-Api-Key: $API_KEY"`. */
  flags: string[]
  /** `name=value` of the query. */
  query: Piece[][]
  /** `name=value` of the `Cookie` header. */
  cookies: Piece[][]
}

export function sentCredentials(credentials: readonly Credential[]): SentCredentials {
  const keys = credentials.filter((one) => isKey(one))
  const keyOf = ({ name, place }: Credential) =>
    placeholder(keys.length > 1 ? name : place === 'cookie' ? 'SESSION' : 'API_KEY')
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
  const user = `-u ${doubleQuoted([placeholder('USERNAME'), ':', placeholder('PASSWORD')])}`
  if (place === 'basic') return [user]
  if (place === 'digest') return ['--digest', user]
  if (place === 'certificate') {
    const [cert, secret] = [placeholder('CLIENT_CERT'), placeholder('CLIENT_KEY')]
    return [`--cert ${doubleQuoted([cert])}`, `--key ${doubleQuoted([secret])}`]
  }
  if (place !== 'header') return []
  const value = scheme === '' ? [`${name}: `, key] : [`${name}: ${scheme} `, placeholder('TOKEN')]
  return [`-H ${doubleQuoted(value)}`]
}
