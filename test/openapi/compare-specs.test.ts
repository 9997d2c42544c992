import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareSpecs } from '../../src/openapi/compare/compare-specs.js'
import { RULES, type Change, type Rule } from '../../src/openapi/compare/rules.js'
import { parseSpec } from '../../src/openapi/parse-spec.js'

type Json = Record<string, unknown>

const schemes = {
  Key: { type: 'apiKey', in: 'header', name: 'X-Key' },
  Token: { type: 'http', scheme: 'bearer' },
}

/** A document of one operation, `POST /things`. */
function document(operation: Json, schemas: Json = {}): string {
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'Things', version: '1' },
    paths: { '/things': { post: { responses: {}, ...operation } } },
    components: { schemas, securitySchemes: schemes },
  })
}

function changesBetween(before: string, after: string) {
  const { changed, ...rest } = compareSpecs(parseSpec(before), parseSpec(after))
  return { ...rest, changes: changed.flatMap(({ changes }) => changes) }
}

const query = (parameter: Json) => ({ parameters: [{ name: 'q', in: 'query', ...parameter }] })
const body = (schema: Json, rest: Json = {}) => ({
  requestBody: { ...rest, content: { 'application/json': { schema } } },
})
const answer = (schema: Json) => ({
  responses: { 200: { description: '', content: { 'application/json': { schema } } } },
})
const object = (properties: Json, required: string[] = []) => ({
  type: 'object',
  properties,
  required,
})
const text = { type: 'string' }
const cat = { title: 'Cat', type: 'object' }
const dog = { title: 'Dog', type: 'object' }

const wide = Object.fromEntries(Array.from({ length: 21_000 }, (_, n) => [`p${n}`, text]))

/** Rule, operation before, operation after, where. */
const CASES: [Rule, Json, Json, string][] = [
  ['operation-id-changed', { operationId: 'a' }, { operationId: 'b' }, ''],
  ['operation-deprecated', {}, { deprecated: true }, ''],
  ['operation-undeprecated', { deprecated: true }, {}, ''],
  ['text-changed', { summary: 'a' }, { summary: 'b' }, ''],
  [
    'not-compared',
    body(object(wide)),
    body(object({ ...wide, p0: { ...text, description: 'new' } })),
    '',
  ],
  [
    'server-removed',
    { servers: [{ url: 'https://a.io' }, { url: 'https://b.io' }] },
    { servers: [{ url: 'https://a.io' }] },
    '',
  ],
  [
    'server-added',
    { servers: [{ url: 'https://a.io' }] },
    { servers: [{ url: 'https://a.io' }, { url: 'https://b.io' }] },
    '',
  ],
  ['parameter-added', {}, query({ schema: text }), 'query.q'],
  ['parameter-added-required', {}, query({ required: true, schema: text }), 'query.q'],
  ['parameter-removed', query({ schema: text }), {}, 'query.q'],
  [
    'parameter-required',
    query({ schema: text }),
    query({ required: true, schema: text }),
    'query.q',
  ],
  [
    'parameter-optional',
    query({ required: true, schema: text }),
    query({ schema: text }),
    'query.q',
  ],
  [
    'parameter-deprecated',
    query({ schema: text }),
    query({ deprecated: true, schema: text }),
    'query.q',
  ],
  ['body-added', {}, body(text), 'body'],
  ['body-added-required', {}, body(text, { required: true }), 'body'],
  ['body-removed', body(text), {}, 'body'],
  ['body-required', body(text), body(text, { required: true }), 'body'],
  ['body-optional', body(text, { required: true }), body(text), 'body'],
  [
    'request-media-added',
    { requestBody: { content: { 'text/plain': {} } } },
    { requestBody: { content: { 'text/plain': {}, 'text/csv': {} } } },
    'body',
  ],
  [
    'request-media-removed',
    { requestBody: { content: { 'text/plain': {}, 'text/csv': {} } } },
    { requestBody: { content: { 'text/plain': {} } } },
    'body',
  ],
  ['response-added', {}, { responses: { 201: { description: '' } } }, 'response.201'],
  ['response-removed', { responses: { 201: { description: '' } } }, {}, 'response.201'],
  ['error-added', {}, { responses: { 404: { description: '' } } }, 'response.404'],
  ['error-removed', { responses: { 404: { description: '' } } }, {}, 'response.404'],
  [
    'response-media-added',
    { responses: { 200: { content: { 'text/plain': {} } } } },
    { responses: { 200: { content: { 'text/plain': {}, 'text/csv': {} } } } },
    'response.200',
  ],
  [
    'response-media-removed',
    { responses: { 200: { content: { 'text/plain': {}, 'text/csv': {} } } } },
    { responses: { 200: { content: { 'text/plain': {} } } } },
    'response.200',
  ],
  [
    'response-header-added',
    { responses: { 200: {} } },
    { responses: { 200: { headers: { ETag: {} } } } },
    'response.200.headers',
  ],
  [
    'response-header-removed',
    { responses: { 200: { headers: { ETag: {} } } } },
    { responses: { 200: {} } },
    'response.200.headers',
  ],
  [
    'security-added',
    { security: [{ Key: [] }] },
    { security: [{ Key: [] }, { Token: [] }] },
    'security',
  ],
  [
    'security-removed',
    { security: [{ Key: [] }, { Token: [] }] },
    { security: [{ Key: [] }] },
    'security',
  ],
  ['request-property-added', body(object({})), body(object({ a: text })), 'body.a'],
  ['request-property-added-required', body(object({})), body(object({ a: text }, ['a'])), 'body.a'],
  ['request-property-removed', body(object({ a: text })), body(object({})), 'body.a'],
  [
    'request-property-required',
    body(object({ a: text })),
    body(object({ a: text }, ['a'])),
    'body.a',
  ],
  [
    'request-property-optional',
    body(object({ a: text }, ['a'])),
    body(object({ a: text })),
    'body.a',
  ],
  [
    'request-type-narrowed',
    query({ schema: { type: 'number' } }),
    query({ schema: { type: 'integer' } }),
    'query.q',
  ],
  [
    'request-type-widened',
    query({ schema: { type: 'integer' } }),
    query({ schema: { type: 'number' } }),
    'query.q',
  ],
  [
    'request-type-changed',
    query({ schema: text }),
    query({ schema: { type: 'boolean' } }),
    'query.q',
  ],
  [
    'request-enum-narrowed',
    query({ schema: { enum: ['a', 'b'] } }),
    query({ schema: { enum: ['a'] } }),
    'query.q',
  ],
  [
    'request-enum-widened',
    query({ schema: { enum: ['a'] } }),
    query({ schema: { enum: ['a', 'b'] } }),
    'query.q',
  ],
  [
    'request-format-changed',
    query({ schema: { ...text, format: 'date' } }),
    query({ schema: { ...text, format: 'uuid' } }),
    'query.q',
  ],
  [
    'request-limit-tightened',
    query({ schema: { ...text, maxLength: 9 } }),
    query({ schema: { ...text, maxLength: 8 } }),
    'query.q',
  ],
  [
    'request-limit-loosened',
    query({ schema: { ...text, minLength: 2 } }),
    query({ schema: text }),
    'query.q',
  ],
  ['request-variant-added', body({ oneOf: [cat] }), body({ oneOf: [cat, dog] }), 'body'],
  ['request-variant-removed', body({ oneOf: [cat, dog] }), body({ oneOf: [cat] }), 'body'],
  [
    'request-closed',
    body(object({})),
    body({ ...object({}), additionalProperties: false }),
    'body',
  ],
  [
    'request-opened',
    body({ ...object({}), additionalProperties: false }),
    body(object({})),
    'body',
  ],
  [
    'request-default-changed',
    query({ schema: { ...text, default: 'a' } }),
    query({ schema: { ...text, default: 'b' } }),
    'query.q',
  ],
  ['response-property-added', answer(object({})), answer(object({ a: text })), 'response.200.a'],
  ['response-property-removed', answer(object({ a: text })), answer(object({})), 'response.200.a'],
  [
    'response-property-required',
    answer(object({ a: text })),
    answer(object({ a: text }, ['a'])),
    'response.200.a',
  ],
  [
    'response-property-optional',
    answer(object({ a: text }, ['a'])),
    answer(object({ a: text })),
    'response.200.a',
  ],
  ['response-type-narrowed', answer({ type: ['string', 'null'] }), answer(text), 'response.200'],
  ['response-type-widened', answer(text), answer({ ...text, nullable: true }), 'response.200'],
  ['response-type-changed', answer(text), answer({ type: 'integer' }), 'response.200'],
  ['response-enum-narrowed', answer({ enum: ['a', 'b'] }), answer({ enum: ['a'] }), 'response.200'],
  ['response-enum-widened', answer({ enum: ['a'] }), answer({ enum: ['a', 'b'] }), 'response.200'],
  ['response-format-changed', answer({ ...text, format: 'date' }), answer(text), 'response.200'],
  [
    'response-variant-added',
    answer({ anyOf: [cat] }),
    answer({ anyOf: [cat, dog] }),
    'response.200',
  ],
  [
    'response-variant-removed',
    answer({ anyOf: [cat, dog] }),
    answer({ anyOf: [cat] }),
    'response.200',
  ],
]

describe('each rule', () => {
  test.each(CASES)('%s is found, alone and with its place', (rule, before, after, where) => {
    const { changes } = changesBetween(document(before), document(after))
    expect(changes.map((change) => [change.rule, change.where])).toEqual([[rule, where]])
    expect(changes[0]?.isBreaking).toBe(RULES[rule])
  })

  test('has a case here and a line in the documentation', async () => {
    const rules = Object.keys(RULES)
    expect(CASES.map(([rule]) => rule).toSorted()).toEqual(rules.toSorted())
    const docs = await readFile(new URL('../../docs/revisions.md', import.meta.url), 'utf8')
    const rows = docs.matchAll(/^\| `([a-z-]+)` \| (breaks|safe) \|/gm)
    const documented = [...rows].map(([, rule, verdict]) => [rule, verdict === 'breaks'])
    expect(Object.fromEntries(documented)).toEqual(RULES)
  })
})

test('a document compared with itself has no changes', async () => {
  const path = createRequire(import.meta.url).resolve('@blockfrost/openapi/openapi.yaml')
  const spec = parseSpec(await readFile(path))
  const { added, removed, changed, unchanged } = compareSpecs(spec, spec)
  expect([added, removed, changed]).toEqual([[], [], []])
  expect(unchanged).toBe(spec.operations.length)
})

test('operations that are gone or new are named by their keys', () => {
  const paths = (...names: string[]) =>
    JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'T', version: '1' },
      paths: Object.fromEntries(names.map((name) => [name, { get: {} }])),
    })
  const { added, removed, unchanged } = changesBetween(paths('/a', '/b'), paths('/b', '/c'))
  expect(added).toMatchObject([{ method: 'GET', path: '/c' }])
  expect(removed).toMatchObject([{ method: 'GET', path: '/a' }])
  expect(unchanged).toBe(1)
})

test('both ends of a move are named by their keys, though they have one operationId', () => {
  const paths = (...names: string[]) =>
    JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'T', version: '1' },
      paths: Object.fromEntries(names.map((name, n) => [name, { get: { operationId: `id${n}` } }])),
    })
  const { added, removed } = changesBetween(paths('/a', '/b'), paths('/v2/a', '/b', '/c'))
  expect(removed).toEqual([{ method: 'GET', path: '/a', operationId: null }])
  expect(added).toEqual([
    { method: 'GET', path: '/v2/a', operationId: null },
    { method: 'GET', path: '/c', operationId: 'id2' },
  ])
})

test('a change deep in a shared, recursive schema is found from every operation that reaches it', () => {
  const schemas = (leaf: Json) => ({
    Node: object({
      children: { type: 'array', items: { $ref: '#/components/schemas/Node' } },
      leaf: { $ref: '#/components/schemas/Leaf' },
    }),
    Leaf: object(leaf),
  })
  const operation = answer({ $ref: '#/components/schemas/Node' })
  const before = document(operation, schemas({ a: text, b: text }))
  const { changes } = changesBetween(before, document(operation, schemas({ a: text })))
  expect(changes).toMatchObject([
    { rule: 'response-property-removed', where: 'response.200.leaf.b' },
  ])
})

test('what only the server sends is no part of a request, and what only it reads none of an answer', () => {
  const before = object({ id: { ...text, readOnly: true }, secret: { ...text, writeOnly: true } })
  const sent = changesBetween(document(body(before)), document(body(object({ secret: text }))))
  expect(sent.changes).toEqual([])
  const read = changesBetween(document(answer(before)), document(answer(object({ id: text }))))
  expect(read.changes).toEqual([])
})

test('a server that changed for all operations is said once', () => {
  const served = (url: string) =>
    JSON.stringify({
      openapi: '3.0.0',
      info: { title: 'T', version: '1' },
      servers: [{ url }],
      paths: { '/a': { get: {} }, '/b': { get: {} } },
    })
  const { everywhere, changes } = changesBetween(
    served('https://a.io/v1'),
    served('https://a.io/v2'),
  )
  expect(everywhere.map(({ rule }) => rule)).toEqual(['server-removed', 'server-added'])
  expect(changes).toEqual([])
})

test('a change that breaks stands before one that does not', () => {
  const before = document({ ...query({ schema: text }), summary: 'a' })
  const { changes } = changesBetween(before, document({ summary: 'b' }))
  expect(changes.map(({ rule }) => rule)).toEqual(['parameter-removed', 'text-changed'])
})

const leaf: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(text, { type: 'integer' }, {}, { enum: ['a', 'b'] }, { $ref: '#/nowhere' }),
  fc.constantFrom<Json>({ $ref: '#/components/schemas/A' }, { $ref: '#/components/schemas/B' }),
)
const { schema: anySchema } = fc.letrec<{ schema: Json }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc
      .dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'))
      .map((properties) => ({ properties, required: Object.keys(properties).slice(1) })),
    tie('schema').map((items) => ({ type: 'array', items })),
    fc.array(tie('schema'), { maxLength: 3 }).map((anyOf) => ({ anyOf })),
    fc.array(tie('schema'), { maxLength: 3 }).map((allOf) => ({ allOf })),
  ),
}))
const anySchemas = fc.record({ A: anySchema, B: anySchema })

test('whatever is compared, it ends; nothing differs from itself, and what one way adds the other removes', () => {
  fc.assert(
    fc.property(anySchema, anySchemas, anySchema, anySchemas, (one, ones, other, others) => {
      const operation = (schema: Json) => ({ ...body(schema), ...answer(schema) })
      const [before, after] = [document(operation(one), ones), document(operation(other), others)]
      expect(changesBetween(before, before).changes).toEqual([])
      // By name: two schemas that meet in several places are compared in the first, which goes by the
      // order of the properties before.
      const namesOf = (rule: string, changes: readonly Change[]) =>
        changes.filter((change) => change.rule === rule).map(({ where }) => where.split('.').at(-1))
      const removed = (changes: readonly Change[]) => namesOf('response-property-removed', changes)
      const added = (changes: readonly Change[]) => namesOf('response-property-added', changes)
      const [forth, back] = [changesBetween(before, after), changesBetween(after, before)]
      expect(removed(forth.changes).toSorted()).toEqual(added(back.changes).toSorted())
    }),
  )
})
