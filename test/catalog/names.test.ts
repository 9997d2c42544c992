import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkedName, qualifiedSpec, slug, splitSpecName } from '../../src/catalog/names.js'
import { effectOf, pathShape } from '../../src/catalog/prepared-spec.js'
import { InputError } from '../../src/errors.js'

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/
const names = fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,63}$/)

describe('a name', () => {
  test.each(['a', '0', 'github-v3', 'a.b_c-d', 'x'.repeat(64)])('may be %s', (name) => {
    expect(checkedName('spec', name)).toBe(name)
  })

  test.each(['', 'A', '-a', '.a', 'a b', 'a/b', 'a:b', 'ü', 'x'.repeat(65), 'a\n', '\u0000'])(
    'may not be %j',
    (name) => {
      expect(() => checkedName('catalog', name)).toThrow(InputError)
    },
  )

  test('that is refused comes with one that is not', () => {
    expect(() => checkedName('spec', 'GitHub v3 REST API')).toThrow('"github-v3-rest-api"')
  })

  test('made of any text is empty or may name a spec', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
        const made = slug(text)
        expect(made === '' || NAME.test(made)).toBe(true)
        expect(slug(made)).toBe(made)
      }),
    )
  })

  test.each([
    ['GitHub v3 REST API', 'github-v3-rest-api'],
    ['  Swagger Petstore - OpenAPI 3.0 ', 'swagger-petstore-openapi-3.0'],
    ['Überweisung & Öl', 'uberweisung-ol'],
    ['日本語', ''],
    ['---', ''],
    ['ab '.repeat(40), 'ab-'.repeat(20).slice(0, -1)],
  ])('made of %j is %j', (text, made) => {
    expect(slug(text)).toBe(made)
  })
})

describe('a spec with its catalog', () => {
  test.each([
    ['pets', undefined, { catalog: 'default', spec: 'pets' }],
    ['pets', 'zoo', { catalog: 'zoo', spec: 'pets' }],
    ['zoo/pets', undefined, { catalog: 'zoo', spec: 'pets' }],
    ['zoo/pets', 'zoo', { catalog: 'zoo', spec: 'pets' }],
  ])('written %j in %j', (text, catalog, expected) => {
    expect(splitSpecName(text, catalog)).toEqual(expected)
  })

  test('is split as it was put together', () => {
    fc.assert(
      fc.property(names, names, (catalog, spec) => {
        expect(splitSpecName(qualifiedSpec(catalog, spec))).toEqual({ catalog, spec })
      }),
    )
  })

  test('named twice, differently, is nobody’s', () => {
    expect(() => splitSpecName('zoo/pets', 'default')).toThrow(InputError)
  })
})

test.each([
  ['/Users/{userId}/Posts', '/users/{}/posts'],
  ['/a/{x}.{format}', '/a/{}.{}'],
  ['/a/{}', '/a/{}'],
  ['webhook:New Order', 'webhook:new order'],
  ['/broken/{x', '/broken/{x'],
])('the shape of %s is %s', (path, shape) => {
  expect(pathShape(path)).toBe(shape)
})

test('a shape has no other shape', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('/', '{', '}', 'a', 'B', 'É') }), (path) => {
      const shape = pathShape(path)
      expect(pathShape(shape)).toBe(shape)
    }),
  )
})

test.each([
  ['GET', 'read'],
  ['HEAD', 'read'],
  ['OPTIONS', 'read'],
  ['QUERY', 'read'],
  ['POST', 'write'],
  ['PUT', 'write'],
  ['PATCH', 'write'],
  ['TRACE', 'write'],
  ['COPY', 'write'],
  ['DELETE', 'destructive'],
])('the effect of %s is %s', (method, effect) => {
  expect(effectOf(method)).toBe(effect)
})
