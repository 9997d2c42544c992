import type { ComponentLookup } from '../component-lookup.js'
import { isObject, isTrue, objectOrEmpty, scalarText, type JsonObject } from '../json-value.js'
import type { OperationDefinition } from '../parsed-spec.js'
import { isSuccess } from '../print-bodies.js'
import { requestParameters, type RequestParameter } from '../request-parameters.js'
import { credentialChoices, securityLabels } from '../request-security.js'
import { serverUrls } from '../server-urls.js'
import { compareSchemas, MAX_PAIRS, type SchemaContext } from './compare-schemas.js'
import { changeOf, type Change, type Direction } from './rules.js'

/** What two revisions of an operation need to be compared. */
export type CompareContext = Pick<SchemaContext, 'before' | 'after' | 'isSame'>

/** How an operation differs between two revisions, what breaks first; empty where nothing does. */
export function compareOperations(
  before: OperationDefinition,
  after: OperationDefinition,
  context: CompareContext,
): Change[] {
  // What is compared as sent is compared again as received: other rules hold.
  const request: SchemaContext = { ...context, visited: new Map(), budget: { pairs: MAX_PAIRS } }
  const response: SchemaContext = { ...context, visited: new Map(), budget: { pairs: MAX_PAIRS } }
  const [a, b] = [before.operation, after.operation]
  const changes = [
    ...compareHeads(a, b),
    ...compareServers(before, after),
    ...compareSecurity(before, after, context),
    ...compareParameters(a, b, request),
    ...compareBodies(a['requestBody'], b['requestBody'], request),
    ...compareResponses(objectOrEmpty(a['responses']), objectOrEmpty(b['responses']), response),
  ]
  const isWhole = request.budget.pairs >= 0 && response.budget.pairs >= 0
  if (!isWhole) changes.push(changeOf('not-compared', ''))
  return changes.toSorted((x, y) => Number(y.isBreaking) - Number(x.isBreaking))
}

function compareHeads(a: JsonObject, b: JsonObject): Change[] {
  const [wasDeprecated, isDeprecated] = [isTrue(a['deprecated']), isTrue(b['deprecated'])]
  const texts = ['summary', 'description', 'tags'].filter(
    (key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]),
  )
  const id = (operation: JsonObject) => scalarText(operation['operationId']) ?? 'none'
  return [
    ...(isDeprecated && !wasDeprecated ? [changeOf('operation-deprecated', '')] : []),
    ...(wasDeprecated && !isDeprecated ? [changeOf('operation-undeprecated', '')] : []),
    ...(id(a) === id(b) ? [] : [changeOf('operation-id-changed', '', `${id(a)} → ${id(b)}`)]),
    ...(texts.length > 0 ? [changeOf('text-changed', '', texts.join(', '))] : []),
  ]
}

function compareServers(before: OperationDefinition, after: OperationDefinition): Change[] {
  return compareLists(serversOf(before), serversOf(after), '', 'server-removed', 'server-added')
}

function serversOf({ operation, servers }: OperationDefinition): string[] {
  const own = operation['servers']
  return serverUrls(Array.isArray(own) && own.length > 0 ? own : servers)
}

function compareSecurity(
  before: OperationDefinition,
  after: OperationDefinition,
  context: CompareContext,
): Change[] {
  return compareLists(
    waysIn(before, context.before),
    waysIn(after, context.after),
    'security',
    'security-removed',
    'security-added',
  )
}

/** The ways to be let in, of which a client uses one. */
function waysIn({ security }: OperationDefinition, lookup: ComponentLookup): string[] {
  const labels = securityLabels(credentialChoices(security, lookup), Infinity)
  return labels.length === 0 ? ['none'] : labels
}

/** A change for each text that only one of the lists has. */
function compareLists(
  old: readonly string[],
  now: readonly string[],
  where: string,
  removed: Change['rule'],
  added: Change['rule'],
): Change[] {
  return [
    ...old.filter((one) => !now.includes(one)).map((one) => changeOf(removed, where, one)),
    ...now.filter((one) => !old.includes(one)).map((one) => changeOf(added, where, one)),
  ]
}

function compareParameters(a: JsonObject, b: JsonObject, context: SchemaContext): Change[] {
  const old = byPlace(requestParameters(a, context.before))
  const now = byPlace(requestParameters(b, context.after))
  const removed = [...old.keys()].filter((where) => !now.has(where))
  const added = [...now].filter(([where]) => !old.has(where))
  return [
    ...removed.map((where) => changeOf('parameter-removed', where)),
    ...added.map(([where, { isRequired }]) =>
      changeOf(isRequired ? 'parameter-added-required' : 'parameter-added', where),
    ),
    ...[...old].flatMap(([where, parameter]) => {
      const other = now.get(where)
      return other ? compareParameter(parameter, other, where, context) : []
    }),
  ]
}

function byPlace(parameters: readonly RequestParameter[]): Map<string, RequestParameter> {
  return new Map(parameters.map((parameter) => [`${parameter.place}.${parameter.name}`, parameter]))
}

function compareParameter(
  old: RequestParameter,
  now: RequestParameter,
  where: string,
  context: SchemaContext,
): Change[] {
  const becameDeprecated = isTrue(now.written['deprecated']) && !isTrue(old.written['deprecated'])
  return [
    ...(now.isRequired && !old.isRequired ? [changeOf('parameter-required', where)] : []),
    ...(old.isRequired && !now.isRequired ? [changeOf('parameter-optional', where)] : []),
    ...(becameDeprecated ? [changeOf('parameter-deprecated', where)] : []),
    ...compareSchemas(old.schema, now.schema, where, 'request', context),
  ]
}

function compareBodies(before: unknown, after: unknown, context: SchemaContext): Change[] {
  const [old, now] = [context.before.follow(before), context.after.follow(after)]
  if (!isObject(old) && !isObject(now)) return []
  if (!isObject(now)) return [changeOf('body-removed', 'body')]
  const isRequired = now['required'] === true
  if (!isObject(old)) return [changeOf(isRequired ? 'body-added-required' : 'body-added', 'body')]
  const wasRequired = old['required'] === true
  return [
    ...(isRequired && !wasRequired ? [changeOf('body-required', 'body')] : []),
    ...(wasRequired && !isRequired ? [changeOf('body-optional', 'body')] : []),
    ...compareContents(old['content'], now['content'], 'body', 'request', context),
  ]
}

/** Media types by name, without their parameters; the schemas of those that both have. */
function compareContents(
  before: unknown,
  after: unknown,
  where: string,
  direction: Direction,
  context: SchemaContext,
): Change[] {
  const [old, now] = [mediaByName(before), mediaByName(after)]
  return [
    ...compareLists(
      [...old.keys()],
      [...now.keys()],
      where,
      `${direction}-media-removed`,
      `${direction}-media-added`,
    ),
    ...[...old].flatMap(([name, media]) => {
      const other = now.get(name)
      if (other === undefined) return []
      const [a, b] = [schemaOf(media), schemaOf(other)]
      return compareSchemas(a, b, where, direction, context)
    }),
  ]
}

function mediaByName(content: unknown): Map<string, JsonObject> {
  return new Map(
    Object.entries(objectOrEmpty(content)).map(([name, media]) => [
      (name.split(';')[0] ?? '').trim().toLowerCase(),
      objectOrEmpty(media),
    ]),
  )
}

function schemaOf(media: JsonObject): unknown {
  return media['schema'] ?? media['itemSchema']
}

function compareResponses(a: JsonObject, b: JsonObject, context: SchemaContext): Change[] {
  const codes = (responses: JsonObject) =>
    Object.keys(responses).filter((code) => !code.startsWith('x-'))
  const rule = (code: string, change: 'added' | 'removed') =>
    isSuccess(code) ? (`response-${change}` as const) : (`error-${change}` as const)
  return [
    ...codes(a)
      .filter((code) => !Object.hasOwn(b, code))
      .map((code) => changeOf(rule(code, 'removed'), `response.${code}`)),
    ...codes(b)
      .filter((code) => !Object.hasOwn(a, code))
      .map((code) => changeOf(rule(code, 'added'), `response.${code}`)),
    ...codes(a)
      .filter((code) => Object.hasOwn(b, code))
      .flatMap((code) => compareResponse(a[code], b[code], `response.${code}`, context)),
  ]
}

function compareResponse(
  before: unknown,
  after: unknown,
  where: string,
  context: SchemaContext,
): Change[] {
  const old = objectOrEmpty(context.before.follow(before))
  const now = objectOrEmpty(context.after.follow(after))
  const headers = (response: JsonObject) =>
    Object.keys(objectOrEmpty(response['headers'])).map((name) => name.toLowerCase())
  return [
    ...compareLists(
      headers(old),
      headers(now),
      `${where}.headers`,
      'response-header-removed',
      'response-header-added',
    ),
    ...compareContents(old['content'], now['content'], where, 'response', context),
  ]
}
