import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import {
  array,
  assert,
  boolean,
  constantFrom,
  dictionary,
  integer,
  letrec,
  nat,
  oneof,
  property,
  subarray,
  tuple,
} from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseSpec } from '../../src/openapi/parse-spec.js'
import type { OperationDefinition } from '../../src/openapi/parsed-spec.js'
import { renderOperation, type Include } from '../../src/openapi/render-contract.js'

type Schema = Record<string, unknown>

/** The body of the curl of an operation that takes JSON of this schema. */
function bodyOf(schema: Schema, schemas: Schema = {}, include: Include[] = []): unknown {
  const requestBody = { content: { 'application/json': { schema } } }
  const { operations, components } = parseSpec(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 't' },
      paths: { '/a': { post: { requestBody } } },
      components: { schemas },
    }),
  )
  const [one] = operations
  const loaded = components.map(
    ({ pointer, definition }) => [pointer, JSON.parse(definition) as unknown] as const,
  )
  const definition = JSON.parse(one?.definition ?? '') as OperationDefinition
  const { curl } = renderOperation({ ...definition, method: 'POST', path: '/a' }, new Map(loaded), {
    maxChars: 50_000,
    include,
  })
  const text = / -d '((?:[^']|'\\'')*)'$/.exec(curl)?.[1] ?? 'undefined'
  return JSON.parse(text.replaceAll(String.raw`'\''`, "'"))
}

const fullBodyOf = (schema: Schema, schemas?: Schema) => bodyOf(schema, schemas, ['curl'])

const ajv = new Ajv2020({ strict: false, allErrors: true, ownProperties: true })
formats.default(ajv)

describe('a value that is made keeps to its schema', () => {
  test.each<[Schema, unknown]>([
    [{ type: 'string', minLength: 8 }, 'stringst'],
    [{ type: 'string', maxLength: 3 }, 'str'],
    [{ type: 'string', pattern: '^[A-Z]{2}\\d{4}(-x)?$' }, 'AB1234'],
    [{ type: 'string', pattern: '^(?:ab|cd)+\\.[^a-z.]\\w*$', minLength: 8 }, 'ab.1stri'],
    [{ type: 'string', pattern: '^\\p{Lu}[\\x61-\\u0063]$' }, 'Aa'],
    [{ type: 'string', pattern: '^[\\-\\_]\\_a$' }, '-_a'],
    [{ type: 'string', pattern: '.*' }, 'string'],
    [{ type: 'string', pattern: '((((a+)+)+)+)+$b' }, 'string'],
    [{ type: 'string', pattern: '[' }, 'string'],
    [{ type: 'string', pattern: '^a(|x){400000000}$' }, 'a'],
    [{ type: 'string', pattern: '^a(?:){99999999999}$' }, 'a'],
    [{ type: 'string', pattern: '(?=not understood)' }, 'string'],
    [{ type: 'string', format: 'duration' }, 'P1D'],
    [{ type: 'integer', minimum: 10, multipleOf: 7 }, 14],
    [{ type: 'integer', exclusiveMinimum: 10 }, 11],
    [{ type: 'integer', minimum: 10, exclusiveMinimum: true }, 11],
    [{ type: 'integer', minimum: 10, exclusiveMinimum: 2 }, 10],
    [{ type: 'integer', maximum: -5 }, -5],
    [{ type: 'integer', maximum: -5, exclusiveMaximum: true }, -6],
    [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, 0.5],
    [{ type: 'number', multipleOf: 0.1, minimum: 0.25 }, 0.3],
    [{ type: 'array', items: { type: 'integer' }, minItems: 2 }, [1, 1]],
    [
      { type: 'array', items: { type: 'string' }, minItems: 2, uniqueItems: true },
      ['string', 'string2'],
    ],
    [{ type: 'array', items: { enum: ['a', 'b'] }, minItems: 2, uniqueItems: true }, ['a', 'b']],
    [{ type: 'array', items: { type: 'string' }, maxItems: 0 }, []],
    [{ prefixItems: [{ const: 1 }, { type: 'boolean' }], items: false }, [1, true]],
    [{ enum: [null, '', 'x'] }, 'x'],
    [{ type: ['null', 'boolean'] }, true],
    [
      { type: 'object', additionalProperties: { type: 'integer' }, minProperties: 2 },
      { key: 1, key2: 1 },
    ],
    [
      { type: 'object', patternProperties: { '^x-[a-z]+$': { const: 5 } }, minProperties: 1 },
      { 'x-string': 5 },
    ],
    [{ type: 'object', required: ['a'], properties: { b: {} } }, { a: 'string' }],
    [{ properties: { a: { const: 1 }, b: { const: 2 } }, anyOf: [{ required: ['b'] }] }, { b: 2 }],
    [
      {
        allOf: [
          { oneOf: [{ properties: { a: { const: 1 } }, required: ['a'] }] },
          { anyOf: [{ properties: { b: { const: 2 } }, required: ['b'] }] },
        ],
      },
      { a: 1, b: 2 },
    ],
    [
      { type: 'object', maxProperties: 1, properties: { a: { const: 1 }, b: { const: 2 } } },
      { a: 1 },
    ],
  ])('%j: %j', (schema, value) => {
    expect(bodyOf({ type: 'object', required: ['v'], properties: { v: schema } })).toEqual({
      v: value,
    })
  })

  test('what is required at any depth is there', () => {
    const nested = (depth: number): Schema =>
      depth === 0
        ? { type: 'string' }
        : { type: 'object', required: ['a'], properties: { a: nested(depth - 1) } }
    expect(ajv.validate(nested(7), bodyOf(nested(7)))).toBe(true)
  })

  test('what has thousands of properties is not made a thousand times', () => {
    const many = (count: number, schema: Schema) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${n}`, schema]))
    const properties = many(1_500, { $ref: '#/components/schemas/Wide' })
    const schema = { type: 'object', required: Object.keys(properties), properties }
    const Wide = { type: 'object', properties: many(20_000, { type: 'integer' }) }
    const body = bodyOf(schema, { Wide })
    expect(Object.keys(body as object)).toEqual(schema.required)
  })

  test('recursion ends without nulls', () => {
    const Tree = {
      type: 'object',
      required: ['kids'],
      properties: {
        kids: { type: 'array', items: { $ref: '#/components/schemas/Tree' } },
        parent: { $ref: '#/components/schemas/Tree' },
      },
    }
    expect(fullBodyOf({ $ref: '#/components/schemas/Tree' }, { Tree })).toEqual({ kids: [] })
  })

  test('the property that tells kinds apart names the kind that is shown', () => {
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const kind = { type: 'string' }
    const Cat = { type: 'object', required: ['kind'], properties: { kind, lives: { const: 9 } } }
    const Dog = { type: 'object', properties: { kind: { enum: ['dog'] } } }
    const oneOf = (discriminator: Schema, ...names: string[]) =>
      bodyOf({ oneOf: names.map(ref), discriminator }, { Cat, Dog })
    const mapping = { feline: '#/components/schemas/Cat', canine: 'Dog' }
    expect(oneOf({ propertyName: 'kind', mapping }, 'Cat', 'Dog')).toEqual({ kind: 'feline' })
    expect(oneOf({ propertyName: 'kind', mapping }, 'Dog')).toEqual({ kind: 'canine' })
    expect(oneOf({ propertyName: 'kind' }, 'Cat')).toEqual({ kind: 'Cat' })
    expect(oneOf({ propertyName: 'kind' }, 'Dog')).toEqual({ kind: 'dog' })
    const discriminator = { propertyName: 'kind', mapping: { feline: 'Kitten' } }
    const Pet = { type: 'object', required: ['kind'], properties: { kind }, discriminator }
    const claws = { required: ['claws'], properties: { claws: { type: 'boolean' } } }
    const Kitten = { allOf: [ref('Pet'), claws] }
    const expected = { kind: 'feline', claws: true }
    expect(bodyOf(ref('Pet'), { Pet, Kitten })).toEqual(expected)
    expect(bodyOf(ref('Kitten'), { Pet, Kitten })).toEqual(expected)
  })

  /** Schemas that some value fits. */
  const { schema: schemas } = letrec<{ schema: Schema }>((tie) => ({
    schema: oneof(
      { maxDepth: 4, depthSize: 'small' },
      tuple(nat(40), nat(40)).map(([min, more]) => ({
        type: 'string',
        minLength: min,
        maxLength: min + more,
      })),
      constantFrom(...PATTERNS).map((pattern) => ({ type: 'string', pattern })),
      tuple(integer({ min: -50, max: 50 }), integer({ min: 1, max: 20 }), boolean()).map(
        ([low, multipleOf, isExclusive]) => ({
          type: 'integer',
          multipleOf,
          [isExclusive ? 'exclusiveMinimum' : 'minimum']: low,
          [isExclusive ? 'exclusiveMaximum' : 'maximum']: low + 2 * multipleOf + 1,
        }),
      ),
      tuple(integer({ min: -9, max: 9 }), boolean()).map(([low, isExclusive]) => ({
        type: 'number',
        [isExclusive ? 'exclusiveMinimum' : 'minimum']: low / 4,
        [isExclusive ? 'exclusiveMaximum' : 'maximum']: low / 4 + 0.5,
      })),
      tuple(nat(6), constantFrom('string', 'integer', 'number')).map(([minItems, type]) => ({
        type: 'array',
        items: { type },
        minItems,
        uniqueItems: true,
      })),
      tuple(tie('schema'), nat(4)).map(([items, minItems]) => ({ type: 'array', items, minItems })),
      array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf })),
      tuple(
        dictionary(constantFrom('a', 'b', 'constructor', "it's"), tie('schema')),
        subarray(['a', 'b', 'c']),
        nat(4),
        tie('schema'),
      ).map(([properties, required, minProperties, additionalProperties]) => ({
        type: 'object',
        properties,
        required,
        minProperties,
        additionalProperties,
      })),
    ),
  }))

  test('whatever the schema asks for, with and without what is optional', () => {
    assert(
      property(schemas, (schema) => {
        const validate = ajv.compile(schema)
        for (const body of [bodyOf(schema), fullBodyOf(schema)]) {
          validate(body)
          expect(validate.errors ?? [], JSON.stringify(body)).toEqual([])
        }
      }),
      { numRuns: 500 },
    )
  })
})

/** Of real documents. */
const PATTERNS = [
  '^[0-9]{4,}-(0[1-9]|1[012])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]Z$',
  '^[{(]?[0-9A-F]{8}[-]?([0-9A-F]{4}[-]?){3}[0-9A-F]{12}[)}]?$',
  '^Bearer\\s[\\w-]+$',
  '.*\\S.*',
  '^(\\d{1,2})(\\.\\d{1,2})?$',
  '[\\s\\S]*',
  '^[a-zA-Z](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$',
  'arn:[a-z0-9-\\.]{1,63}:[a-z0-9-\\.]{0,63}:[^/].{0,1023}',
  '^-?\\w+(,-?\\w+)*$',
  '^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$',
  '^[^*#&+:<>?]+$',
  '[a-z]{2}(-(gov))?-(east|west|north|south|central){1,2}-\\d',
]

describe('what a body shows', () => {
  const properties = {
    id: { type: 'integer', readOnly: true, example: 5 },
    name: { type: 'string' },
    note: { type: 'string', example: 'as written' },
    old: { type: 'string', example: 'x', deprecated: true },
    nested: { type: 'object', properties: { deep: { type: 'integer' } } },
    count: { type: 'integer' },
    ratio: { type: 'number' },
    more: { type: 'boolean' },
  }

  test('what is required, and what has an example of its own', () => {
    expect(bodyOf({ required: ['name', 'nested'], properties })).toEqual({
      name: 'string',
      note: 'as written',
      nested: { deep: 1 },
    })
  })

  describe('where nothing is', () => {
    const text = { type: 'string' }
    const unwanted = {
      auto_advance: { type: 'boolean' },
      anchor: { enum: ['now', 'later'] },
      coupon: text,
      trial_end: { type: 'string', format: 'date' },
      nested: {
        type: 'object',
        properties: { on: { type: 'boolean' }, size: { type: 'integer' } },
      },
    }

    test('nothing that would switch, end or move something', () => {
      expect(bodyOf({ properties: unwanted })).toEqual({})
    })

    test('a remark, else a name', () => {
      expect(bodyOf({ properties: { ...unwanted, name: text } })).toEqual({ name: 'string' })
      const free = { internalNote: { anyOf: [text, { enum: [''] }] }, name: text }
      expect(bodyOf({ properties: { ...unwanted, ...free } })).toEqual({ internalNote: 'string' })
      const chosen = { note: { enum: ['a', 'b'] }, summary: { type: 'boolean' } }
      expect(bodyOf({ properties: chosen })).toEqual({})
    })

    test('no choice that is none, and no map of anything', () => {
      const origin = { enum: ['customer_balance'] }
      const metadata = { type: 'object', additionalProperties: text }
      expect(bodyOf({ properties: { origin, metadata } })).toEqual({})
      const type = { enum: ['card'] }
      expect(bodyOf({ properties: { origin, type } })).toEqual({ type: 'card' })
    })

    test('but where something has to be, what harms least', () => {
      expect(bodyOf({ minProperties: 1, properties: unwanted })).toEqual({ coupon: 'string' })
      expect(bodyOf({ required: ['nested'], properties: unwanted })).toEqual({
        nested: { size: 1 },
      })
    })

    test('a webhook brings the first three plain ones, which changes nothing', () => {
      const { auto_advance, ...rest } = unwanted
      const schema = { properties: { auto_advance, ...rest, count: { type: 'integer' } } }
      const operation = { requestBody: { content: { 'application/json': { schema } } } }
      const webhook = { operation, servers: [], security: null, method: 'POST' }
      const { curl } = renderOperation({ ...webhook, path: 'webhook:event' }, new Map(), {
        maxChars: 4_000,
      })
      expect(curl).toContain(`-d '{"coupon":"string","trial_end":"2025-01-31","count":1}'`)
    })
  })

  test('on request all that is optional, less what is deprecated or read-only', () => {
    expect(fullBodyOf({ properties })).toEqual({
      name: 'string',
      note: 'as written',
      nested: { deep: 1 },
      count: 1,
      ratio: 1,
      more: true,
    })
  })

  test.each<[string, Schema, unknown]>([
    ['a number where a text is meant', { type: 'string', example: 12_345 }, '12345'],
    ['a text where a number is meant', { type: 'integer', example: '7' }, 7],
    ['a text where a truth is meant', { type: 'boolean', default: 'false' }, false],
    ['JSON in a text', { type: 'array', items: {}, example: '["a"]' }, ['a']],
    ['one item for a list', { type: 'array', items: { type: 'integer' }, example: '7' }, [7]],
    ['nothing where nothing may not be', { type: 'string', example: null }, 'string'],
    ['nothing where it may', { type: ['string', 'null'], default: null }, null],
    ['a text that is no number', { type: 'integer', example: 'many' }, 1],
    ['an object that is none', { type: 'object', example: 'x' }, {}],
  ])('an example of the wrong type is mended: %s', (_, schema, value) => {
    expect(bodyOf({ required: ['v'], properties: { v: schema } })).toEqual({ v: value })
  })
})

test('an example that is made of an answer has what is read-only, and nothing that is write-only', () => {
  const schema = {
    properties: { id: { const: 1, readOnly: true }, key: { const: 2, writeOnly: true } },
  }
  const operation = { responses: { 200: { content: { 'application/json': { schema } } } } }
  const definition = { operation, servers: [], security: null, method: 'GET', path: '/a' }
  const { contract } = renderOperation(definition, new Map(), {
    maxChars: 4_000,
    include: ['examples'],
  })
  expect(contract).toContain('example response (made from the schema):\n{\n "id": 1\n}')
})

test('no expression of a document is run, so none takes forever', () => {
  const hostile = ['(a*)*(a*)*$', `^(${'.?'.repeat(400)})${'x'.repeat(90)}$`, `${'('.repeat(900)}a`]
  for (const pattern of hostile) {
    expect(
      bodyOf({ required: ['v'], properties: { v: { type: 'string', pattern } } }),
    ).toHaveProperty('v')
  }
})
