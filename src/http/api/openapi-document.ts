import { STATUS_CODES } from 'node:http'
import * as z from 'zod'
import { version } from '../../app/version.js'
import { TAGS, type AnswerDescription, type BodyKind, type Route } from './route.js'

const TITLE = 'API catalog'

const DESCRIPTION =
  'A catalog of API operations from uploaded OpenAPI documents: search them in your own words, get ' +
  'the contract and a curl of each. Specs are searchable once uploaded; embedding goes on in the ' +
  'background. Errors are problem+json (RFC 9457) whose `detail` says what to do.'

/** What `problem` (problem.ts) sends. */
const PROBLEM = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().describe('a sentence that says what to do next'),
  request_id: z.string().describe('to be found again in the log of the server'),
})

/** Problems of more than one route, by status. */
const PROBLEMS: Readonly<Record<number, string>> = {
  400: 'A name, a parameter or the body is wrong; each wrong one is named.',
  401: 'There is no key, or none that this server knows.',
  403: 'The key may only read, or this server does not do that for callers over HTTP.',
  404: 'There is no such catalog, spec or revision.',
  413: 'The body is larger than may be (API_CATALOG_MAX_BYTES).',
  415: 'The body has a Content-Encoding.',
  500: 'Something went wrong inside the server.',
  503: 'The database cannot be used now, or the server stops; ask again later.',
}

const NAMES: Readonly<Record<string, string>> = {
  catalog: 'name of a catalog; `default` is always there',
  spec: 'name of a spec in that catalog',
}
/** What `checkedName` (catalog/names.ts) lets pass. */
const NAME = { type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' }

/** The OpenAPI 3.1 document of these routes, served at `origin`. */
export function openApiDocument(
  routes: readonly Route[],
  { origin, hasKeys }: { origin: string; hasKeys: boolean },
): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const route of routes) {
    const item = (paths[route.path] ??= {})
    item[route.method.toLowerCase()] = operationOf(route)
  }
  return {
    openapi: '3.1.0',
    info: { title: TITLE, version, description: DESCRIPTION, license: { name: 'MIT' } },
    servers: [{ url: origin }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    // A server on loopback may need no key.
    security: hasKeys ? [{ key: [] }] : [{}, { key: [] }],
    paths,
    components: {
      schemas: schemasOf(routes),
      responses: Object.fromEntries(
        Object.entries(PROBLEMS).map(([status, text]) => [nameOf(status), problemAnswer(text)]),
      ),
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key of API_CATALOG_KEYS.' },
      },
    },
  }
}

function operationOf(route: Route): object {
  const { operationId, summary, description, tag, path, body, method } = route
  const hasBody = method === 'PUT' || method === 'POST'
  const isScoped = path.includes('{') || route.query?.shape['catalog'] !== undefined
  const statuses = [
    400,
    401,
    500,
    503,
    ...(method === 'GET' ? [] : [403]),
    ...(isScoped ? [404] : []),
    ...(hasBody ? [413, 415] : []),
  ]
  const responses = {
    ...Object.fromEntries(
      Object.entries(route.answers).map(([status, answer]) => [status, answerOf(answer, route)]),
    ),
    ...Object.fromEntries(
      statuses.map((status) => [status, { $ref: `#/components/responses/${nameOf(status)}` }]),
    ),
    ...Object.fromEntries(
      Object.entries(route.problems ?? {}).map(([status, text]) => [status, problemAnswer(text)]),
    ),
  }
  return {
    operationId,
    summary,
    description,
    tags: [tag],
    parameters: [...pathParameters(path), ...queryParameters(route.query)],
    ...(body === undefined ? {} : { requestBody: bodyOf(body) }),
    responses,
  }
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: NAMES[name],
    schema: NAME,
  }))
}

function queryParameters(query: z.ZodObject | undefined): object[] {
  if (!query) return []
  const { properties = {}, required = [] } = jsonSchema(query, 'input')
  return Object.entries(properties as Record<string, { description?: string }>).map(
    ([name, { description, ...schema }]) => ({
      name,
      in: 'query',
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
    }),
  )
}

function bodyOf(body: BodyKind): object {
  if (body !== 'document') {
    return {
      required: true,
      content: { 'application/json': { schema: jsonSchema(body, 'input') } },
    }
  }
  const file = { type: 'string', contentMediaType: 'application/octet-stream' }
  const form = { type: 'object', properties: { file }, required: ['file'] }
  return {
    required: true,
    description: 'The document itself, whatever type it is said to have, or a form with a file.',
    content: {
      'application/json': { schema: { type: 'object' } },
      'application/yaml': { schema: { type: 'string' } },
      'application/zip': { schema: file },
      'multipart/form-data': { schema: form },
    },
  }
}

function answerOf(answer: AnswerDescription, { hasDocument }: Route): object {
  const { description, name, hasLocation } = answer
  const location = { description: 'Where it is found.', schema: { type: 'string' } }
  const document = { schema: { type: 'string', description: 'the document as it was uploaded' } }
  return {
    description,
    ...(hasLocation ? { headers: { Location: location } } : {}),
    content: {
      'application/json': { schema: { $ref: `#/components/schemas/${name}` } },
      ...(hasDocument ? { 'application/yaml': document } : {}),
    },
  }
}

function problemAnswer(description: string): object {
  const schema = { $ref: '#/components/schemas/Problem' }
  return { description, content: { 'application/problem+json': { schema } } }
}

/** `413` → `PayloadTooLarge`. */
function nameOf(status: number | string): string {
  return (STATUS_CODES[status] ?? '').replaceAll(/\W/g, '')
}

function schemasOf(routes: readonly Route[]): Record<string, object> {
  const answers = routes.flatMap((route) => Object.values(route.answers))
  const schemas = answers.map(({ name, schema }) => [name, jsonSchema(schema, 'output')])
  return { ...Object.fromEntries(schemas), Problem: jsonSchema(PROBLEM, 'output') }
}

/** Without the name of JSON Schema's version, which OpenAPI 3.1 says by itself. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...told } = z.toJSONSchema(schema, { io })
  return told
}
