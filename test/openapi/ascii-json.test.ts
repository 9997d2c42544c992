import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asciiJson, withoutEscapes } from '../../src/openapi/ascii-json.js'
import { parseSpec } from '../../src/openapi/parse-spec.js'
import { seedDocuments } from './seed-documents.js'

/** Enough of it that a few other characters are rare. */
const ASCII = 'x'.repeat(20_000)

describe('JSON of which all but ASCII is escaped', () => {
  it('says the same, and is what it was without the escapes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 })
    fc.assert(
      fc.property(fc.dictionary(text, text, { maxKeys: 4 }), text, (value, other) => {
        const written = JSON.stringify({ [`–${other}`]: value, ASCII, end: '\\u2013 \\\\u00e9 😀' })
        const ascii = asciiJson(Buffer.from(written)) ?? ''
        expect(ascii).toMatch(/^[\0-\x7F]+$/)
        expect(JSON.parse(ascii)).toEqual(JSON.parse(written))
        expect(withoutEscapes(ascii)).toBe(written)
      }),
    )
  })

  it('keeps half of a character escaped, which could not be stored', () => {
    const written = '{"a":"\\ud83d","b":"\\ude00\\ud83d\\ud83d\\ude00"}'
    expect(withoutEscapes(written)).toBe('{"a":"\\ud83d","b":"\\ude00\\ud83d😀"}')
  })

  it.each([
    ['mostly other characters', Buffer.from('{"текст":"о том, что это такое"}')],
    ['no UTF-8', Buffer.from(`{"a":"caf\xE9 ${ASCII}"}`, 'latin1')],
    ['UTF-16', Buffer.from(`{"a":"${ASCII}"}`, 'utf16le')],
    ['a backslash before one, which is no JSON', Buffer.from(`{"a":"C:\\é ${ASCII}"}`)],
    ['a byte order mark in the middle', Buffer.from(`{"a":"\uFEFF ${ASCII}"}`)],
  ])('is not made of %s', (_, bytes) => expect(asciiJson(bytes)).toBeNull())

  it('is read like the text itself, in its parts too', () => {
    for (const seed of seedDocuments()) {
      const info = { title: 'Café – “quoted” 😀', version: '1', 'x-rest': ASCII }
      const paths = { '/größe/{id}': { get: { summary: 'Größe – 1', operationId: 'größe' } } }
      const written = JSON.stringify({
        ...seed,
        info,
        paths: { ...(seed['paths'] as object), ...paths },
      })
      const bytes = Buffer.from(`\uFEFF${written}`)
      expect(asciiJson(bytes)).not.toBeNull()
      expect(parseSpec(bytes)).toEqual(parseSpec(written))
    }
  })
})
