import type { DirectorySpec, Json } from './directory.js'

/**
 * Licences that allow a model made from the text to be given on under MIT, some against a notice
 * (docs/model-card.md has it). No match: share-alike, non-commercial, no-derivatives, copyleft, and
 * every vendor's own terms.
 */
const PERMISSIVE: [licence: string, named: RegExp][] = [
  ['Apache-2.0', /\bapache\b/i],
  ['MIT', /\bMIT\b|licenses\/mit\b/i],
  ['BSD', /\bBSD/],
  ['ISC', /\bISC\b/],
  ['CC0-1.0', /\bCC0\b|publicdomain\/zero/i],
  ['CC-BY', /^CC-BY(?: \d\.\d)?$|creativecommons\.org\/licenses\/by\/|commons attribution \d/i],
  ['public domain', /public domain/i],
]

const NOT_PERMISSIVE = /by-nc|by-nd|by-sa|noncommercial|sharealike|noderiv|\bA?L?GPL|GNU /i

/** Specs that vendors publish in their own repositories; the licence stands there, not in `info`. */
const LICENSED_REPOSITORIES: [origin: string, licence: string][] = [
  ['https://raw.githubusercontent.com/Azure/azure-rest-api-specs/', 'MIT'],
  ['https://raw.githubusercontent.com/kubernetes/kubernetes/', 'Apache-2.0'],
  ['https://raw.githubusercontent.com/Adyen/adyen-openapi/', 'MIT'],
  ['https://raw.githubusercontent.com/XeroAPI/Xero-OpenAPI/', 'MIT'],
  ['https://raw.githubusercontent.com/adafruit/io-api/', 'MIT'],
  ['https://raw.githubusercontent.com/ccouzens/keycloak-openapi/', 'Apache-2.0'],
  ['https://raw.githubusercontent.com/meilisearch/documentation/', 'MIT'],
  ['https://raw.githubusercontent.com/apache/superset/', 'Apache-2.0'],
]

/** The permissive licence that a spec stands under; null where it says none, or another. */
export function permissiveLicence(spec: DirectorySpec): string | null {
  const license: Json = spec.document.info?.license
  if (license) {
    const said = `${license.name ?? ''}\n${license.url ?? ''}`
    if (NOT_PERMISSIVE.test(said)) return null
    const lines = said.split('\n')
    return PERMISSIVE.find(([, named]) => lines.some((line) => named.test(line)))?.[0] ?? null
  }
  const origins: Json[] = spec.document.info?.['x-origin'] ?? []
  const urls = origins.map((origin) => String(origin?.url))
  const repository = LICENSED_REPOSITORIES.find(([origin]) =>
    urls.some((url) => url.startsWith(origin)),
  )
  return repository?.[1] ?? null
}
