import { objectOrEmpty, scalarText, type JsonObject } from './json-value.js'
import { joinPointer } from './json-pointer.js'
import type { ParsedOperation } from './parsed-spec.js'
import { addressOf } from './server-urls.js'
import type { WarningList } from './warning-list.js'
import type { OpenOperation, WrittenOperation } from './written-operation.js'

/** NO_SERVERS, where no operation says on which host it is. */
export function warnAboutServers(
  root: JsonObject,
  written: readonly WrittenOperation[],
  open: (one: WrittenOperation) => OpenOperation,
  warnings: WarningList,
): void {
  const hasServers = ({ servers }: JsonObject) =>
    [servers].flat().some((server) => addressOf(server) !== null)
  // To a webhook's address the API comes by itself.
  const calls = written.filter(({ path }) => !path.startsWith('webhook:'))
  if (calls.length === 0 || hasServers(root) || scalarText(root['host']) !== null) return
  const isOnServer = ({ pathItem, operation }: OpenOperation) =>
    hasServers(pathItem) || hasServers(operation)
  if (calls.some((one) => isOnServer(open(one)))) return
  const message =
    'No server is named; a curl will have the host that the document was fetched from, or the ' +
    'placeholder https://HOST.'
  warnings.add('NO_SERVERS', '', message)
}

/** BAD_TYPE, where a document holds none of the three things that it may describe. */
export function warnAboutNothing(root: JsonObject, warnings: WarningList): void {
  if (['paths', 'webhooks', 'components', 'definitions'].some((key) => Object.hasOwn(root, key)))
    return
  const message =
    'The document has no `paths`, `webhooks` or `components`, so it describes nothing. ' +
    'Check that it is the whole document.'
  warnings.add('BAD_TYPE', '', message)
}

/** DUP_OPERATION_ID: an id does not tell these operations apart. */
export function warnAboutIds(
  operations: readonly ParsedOperation[],
  written: readonly WrittenOperation[],
  warnings: WarningList,
): void {
  const first = new Map<string, ParsedOperation>()
  operations.forEach((operation, index) => {
    const { operationId } = operation
    if (operationId === null) return
    const other = first.get(operationId)
    if (other === undefined) {
      first.set(operationId, operation)
      return
    }
    const pointer = joinPointer(written[index]?.pointer ?? '', 'operationId')
    const message = `"${operationId}" is also the id of ${other.method} ${other.path}. Both are kept.`
    warnings.add('DUP_OPERATION_ID', pointer, message)
  })
}

/** SAME_TEMPLATE: paths that differ in the names of their parameters only. */
export function warnAboutTemplates(paths: unknown, warnings: WarningList): void {
  const first = new Map<string, string>()
  for (const path of Object.keys(objectOrEmpty(paths))) {
    if (!path.includes('{')) continue
    const template = path.replace(/\{[^{}]*\}/g, '{}')
    const twin = first.get(template)
    if (twin === undefined) {
      first.set(template, path)
      continue
    }
    const message = `${path.slice(0, 200)} and ${twin.slice(0, 200)} differ only in names of parameters.`
    warnings.add('SAME_TEMPLATE', joinPointer('/paths', path), `${message} Both are kept.`)
  }
}
