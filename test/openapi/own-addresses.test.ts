import { describe, expect, test } from 'vitest'
import { parseSpec } from '../../src/openapi/parse-spec.js'

/** Schemas that say what their address is, and who refers to them by that. */
const schemas = {
  Pet: {
    $id: 'https://example.com/schemas/pet',
    properties: {
      name: { $anchor: 'name', type: 'string' },
      friend: { $ref: '#' },
      tag: { $ref: '#/$defs/Tag' },
      owner: { $ref: 'owner' },
      home: { $ref: '#/components/schemas/Home' },
    },
    $defs: { Tag: { title: 'tag' } },
  },
  Owner: { $id: 'https://example.com/schemas/owner', title: 'owner' },
  Home: { $id: 'urn:home', title: 'home' },
  'A b%': { $id: 'odd', title: 'odd' },
  Old: { definitions: { o: { $id: '#old', title: 'old' } } },
}

function parse(refs: string[], text = (value: object) => JSON.stringify(value)) {
  const answer = (schema: object) => ({
    get: { responses: { 200: { description: 'ok', content: { 'application/json': { schema } } } } },
  })
  const paths = Object.fromEntries(refs.map(($ref, n) => [`/${n}`, answer({ $ref })]))
  const head = { openapi: '3.1.0', info: { title: 't', version: '1' }, servers: [{ url: '/' }] }
  const { components, warnings } = parseSpec(text({ ...head, paths, components: { schemas } }))
  const byPointer = new Map(
    components.map(({ pointer, definition }) => [pointer, JSON.parse(definition) as unknown]),
  )
  return { byPointer, warnings: warnings.map(({ code, pointer }) => `${code} ${pointer}`) }
}

describe('a schema with an address of its own is found in the document', () => {
  test.each([
    ['https://example.com/schemas/pet', '#/components/schemas/Pet'],
    ['https://example.com/schemas/pet#', '#/components/schemas/Pet'],
    ['https://example.com/schemas/pet#name', '#/components/schemas/Pet/properties/name'],
    ['https://example.com/schemas/pet#/$defs/Tag', '#/components/schemas/Pet/$defs/Tag'],
    ['https://example.com/x/../schemas/owner', '#/components/schemas/Owner'],
    ['urn:home', '#/components/schemas/Home'],
    ['odd', '#/components/schemas/A b%'],
  ])('as %s', (ref, pointer) => {
    for (const indent of [0, 1]) {
      const { byPointer, warnings } = parse([ref], (value) => JSON.stringify(value, null, indent))
      expect([...byPointer.keys()]).toContain(pointer)
      expect(warnings).toEqual([])
    }
  })

  test('and what it refers to within itself, or relative to its address, too', () => {
    const { byPointer, warnings } = parse(['https://example.com/schemas/pet'])
    expect(byPointer.get('#/components/schemas/Pet')).toMatchObject({
      properties: {
        friend: { $ref: '#/components/schemas/Pet' },
        tag: { $ref: '#/components/schemas/Pet/$defs/Tag' },
        owner: { $ref: '#/components/schemas/Owner' },
        home: { $ref: '#/components/schemas/Home' },
      },
    })
    expect(byPointer.size).toBe(4)
    expect(warnings).toEqual([])
  })

  test('an anchor may be an `$id` of nothing but a fragment, as before 2019', () => {
    const { byPointer } = parse(['urn:home', '#old'])
    expect([...byPointer.values()]).toContainEqual({ $id: '#old', title: 'old' })
  })

  test('what has no such address is outside, and is named', () => {
    const refs = ['https://example.com/schemas/cat', 'https://example.com/schemas/pet#/nothing']
    expect(parse(refs).warnings).toEqual(
      [0, 1].map(
        (n) => `EXTERNAL_REF /paths/~1${n}/get/responses/200/content/application~1json/schema`,
      ),
    )
  })
})

test('a property called `$id`, and an `$id` in an example, are no address', () => {
  const { warnings } = parseSpec(
    JSON.stringify({
      openapi: '3.1.0',
      info: { title: 't', version: '1' },
      servers: [{ url: '/' }],
      paths: {
        '/a': { get: { parameters: [{ name: 'q', in: 'query', schema: { $ref: 'x:1' } }] } },
      },
      components: {
        schemas: { A: { properties: { $id: { type: 'string' } }, example: { $id: 'x:1' } } },
      },
    }),
  )
  expect(warnings.map(({ code }) => code)).toEqual(['EXTERNAL_REF'])
})
