import type { OperationText } from '../src/embedding/embedder.js'
import type { Json } from './directory.js'

const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace', 'query']

/** Longer descriptions are cut, as the catalog cuts them. */
const DESCRIPTION_CHARACTERS = 2000

/** A property, parameter or tag, and what the document says about it. */
export interface DescribedName {
  name: string
  description: string
}

/** The operations of an OpenAPI 3 or Swagger 2 document, in its order. */
export function operationsOf(document: Json): OperationText[] {
  const operations: OperationText[] = []
  for (const [path, item] of Object.entries<Json>(document?.paths ?? {})) {
    for (const method of METHODS) {
      const operation = item?.[method]
      if (!isObject(operation)) continue
      const parameters = [...list(item.parameters), ...list(operation.parameters)]
        .map((parameter) => resolved(document, parameter))
        .filter(isObject)
      operations.push({
        method: method.toUpperCase(),
        path,
        operationId: textOrNull(operation.operationId),
        summary: textOrNull(operation.summary),
        description: textOrNull(operation.description)?.slice(0, DESCRIPTION_CHARACTERS) ?? null,
        tags: list(operation.tags).filter((tag) => typeof tag === 'string'),
        parameters: parameters.filter((p) => p.in !== 'body').map((p) => String(p.name ?? '')),
        bodyProperties: Object.keys(bodySchema(document, operation, parameters)?.properties ?? {}),
      })
    }
  }
  return operations
}

/** Everything with a name and a description: schema properties, parameters, tags. */
export function describedNamesOf(document: Json): DescribedName[] {
  const names: DescribedName[] = []
  const add = (name: unknown, description: unknown): void => {
    const cleaned = textOrNull(description)
    if (typeof name === 'string' && cleaned) names.push({ name, description: cleaned })
  }
  const schemas = { ...document?.definitions, ...document?.components?.schemas }
  for (const [schemaName, schema] of Object.entries<Json>(schemas)) {
    add(schemaName, schema?.description)
    for (const [name, property] of Object.entries<Json>(schema?.properties ?? {})) {
      add(name, property?.description)
    }
  }
  for (const parameter of Object.values<Json>(document?.components?.parameters ?? {})) {
    add(parameter?.name, parameter?.description)
  }
  for (const item of Object.values<Json>(document?.paths ?? {})) {
    const operations = METHODS.map((method) => item?.[method]).filter(isObject)
    for (const holder of [item, ...operations]) {
      for (const parameter of list(holder?.parameters)) add(parameter?.name, parameter?.description)
    }
  }
  for (const tag of list(document?.tags)) add(tag?.name, tag?.description)
  return names
}

function bodySchema(document: Json, operation: Json, parameters: readonly Json[]): Json {
  const body = resolved(document, operation.requestBody)
  const content = Object.values<Json>(body?.content ?? {})[0]?.schema
  const schema = content ?? parameters.find((parameter) => parameter.in === 'body')?.schema
  const whole = resolved(document, schema)
  if (whole?.properties) return whole
  const parts = list(whole?.allOf).map((part) => resolved(document, part)?.properties)
  return { properties: Object.assign({}, ...parts) }
}

/** The value, or what its `$ref` into the same document points at. */
function resolved(document: Json, value: Json): Json {
  let found = value
  // Chains of references are short; eight steps also end a circle.
  for (let step = 0; step < 8 && typeof found?.$ref === 'string'; step++) {
    const keys = found.$ref.replace(/^#\//, '').split('/')
    found = keys.reduce(
      (node: Json, key: string) => node?.[key.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    )
  }
  return found
}

/** Text without markup and line noise; null where nothing is left. */
function textOrNull(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const cleaned = value
    .replace(/<[^>]{1,300}>/g, ' ')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/https?:\/\/\S+/g, ' ')
    .replace(/[ \t]+/g, ' ')
    .trim()
  return cleaned === '' ? null : cleaned
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? value : []
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}
