import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS } from '../../src/openapi/spec-error.js'
import { validateDocument } from '../../src/openapi/validate-document.js'

const validated = async (document: object) =>
  (await validateDocument(JSON.stringify(document), DEFAULT_LIMITS)).map(
    ({ code, pointer, message }) => {
      expect(code).toBe('SCHEMA_INVALID')
      return `${pointer} ${message}`
    },
  )

const INFO = { title: 't', version: '1' }
const OK = { 200: { description: 'ok' } }

describe('a document that is as its version says has nothing wrong with it', () => {
  test.each([
    { swagger: '2.0', info: INFO, paths: { '/a': { get: { responses: OK } } } },
    { openapi: '3.0.3', info: INFO, paths: { '/a': { get: { responses: OK } } } },
    { openapi: '3.1.1', info: INFO, webhooks: { a: { post: { responses: OK } } } },
    { openapi: '3.2.0', info: INFO, paths: { '/a': { query: { responses: OK } } } },
    { openapi: '3.9.0', anything: 'goes, for nobody knows' },
  ])('%j', async (document) => {
    expect(await validated(document)).toEqual([])
  })
})

test('what is missing, wrong or too much is said once, at the place where it is', async () => {
  const parameters = [
    { name: 'x', in: 'nowhere' },
    { name: 'y', in: 'query', schema: { type: 'sting' } },
  ]
  const found = await validated({
    openapi: '3.0.3',
    info: { title: 't' },
    paths: { '/a': { get: { responses: { 200: { description: 1 } }, parameters }, bogus: {} } },
  })
  expect(found).toEqual([
    '/info By its schema this needs `version`.',
    '/paths/~1a By its schema this must not have `bogus`.',
    '/paths/~1a/get/parameters/0 By its schema this needs `schema` or `content` or `required`.',
    '/paths/~1a/get/parameters/0/in By its schema this must be one of `path`, `query`, `header`, `cookie`.',
    '/paths/~1a/get/parameters/1/schema/type By its schema this must be one of `array`, `boolean`, `integer`, `number`, `object`, `string`.',
    '/paths/~1a/get/responses/200/description By its schema this must be string.',
  ])
})

test.each(['2.0', '3.1.0', '3.2.0'])('a parameter without a type in %s', async (version) => {
  const get = { parameters: [{ name: 'x', in: 'query' }], responses: OK }
  const field = version === '2.0' ? 'swagger' : 'openapi'
  const found = await validated({ [field]: version, info: INFO, paths: { '/a': { get } } })
  expect(found).toHaveLength(version === '2.0' ? 2 : 1)
  expect(found[0]).toMatch(/^\/paths\/~1a\/get\/parameters\/0 By its schema this needs `schema` or/)
})

test('thousands of wrong places are counted, and 200 named', async () => {
  const tags = Array.from({ length: 2_000 }, (_, n) => ({ description: `no name ${n}` }))
  const found = await validateDocument(
    JSON.stringify({ openapi: '3.0.0', info: INFO, paths: {}, tags }),
    DEFAULT_LIMITS,
  )
  expect(found).toHaveLength(201)
  expect(found.at(-1)?.message).toMatch(/^1800 more/)
})
