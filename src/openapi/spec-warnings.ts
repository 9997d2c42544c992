import { isObject, scalarText, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import type { WrittenOperation } from './list-operations.js'
import type { ParsedOperation } from './parsed-spec.js'
import type { WarningList } from './warning-list.js'

/** NO_SERVERS, where no operation says on which host it is. */
export function warnAboutServers(
  root: JsonObject,
  written: readonly WrittenOperation[],
  warnings: WarningList,
): void {
  const hasServers = (value: JsonObject) =>
    Array.isArray(value['servers']) && value['servers'].some((server) => isObject(server))
  if (written.length === 0 || hasServers(root) || scalarText(root['host']) !== null) return
  if (written.some(({ operation, pathItem }) => hasServers(operation) || hasServers(pathItem)))
    return
  const message = 'No server is named; a curl will have the placeholder https://HOST.'
  warnings.add('NO_SERVERS', '', message)
}

/** DUP_OPERATION_ID, and SAME_TEMPLATE: paths that differ in the names of their parameters only. */
export function warnAboutDuplicates(
  operations: readonly ParsedOperation[],
  written: readonly WrittenOperation[],
  warnings: WarningList,
): void {
  const ids = new Map<string, string>()
  const templates = new Map<string, string>()
  for (const [index, { method, path, operationId }] of operations.entries()) {
    const pointer = written[index]?.pointer ?? ''
    if (operationId !== null) {
      const first = ids.get(operationId)
      if (first === undefined) ids.set(operationId, `${method} ${path}`)
      else {
        const message = `operationId "${operationId}" is also that of ${first}. Both are kept.`
        warnings.add('DUP_OPERATION_ID', joinPointer(pointer, 'operationId'), message)
      }
    }
    if (!path.includes('{')) continue
    const template = `${method} ${path.replace(/\{[^{}]*\}/g, '{}')}`
    const twin = templates.get(template)
    if (twin === undefined) templates.set(template, path)
    else {
      const message = `${path} and ${twin} differ only in names of parameters. Both are kept.`
      warnings.add('SAME_TEMPLATE', pointer, message)
    }
  }
}
