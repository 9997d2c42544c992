import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fieldsWith, impactsOf, type IndexedFields } from '../../src/catalog/words/impacts.js'
import { questionWords, wordsOf } from '../../src/catalog/words/words.js'

const charactersOf = (word: string): number => Array.from(word).length

describe('the words of a question', () => {
  test.each([
    ['my photo', ['me', 'photo']],
    ['groups I belong to', ['group', 'me', 'belong']],
    ['items shared with me', ['item', 'share', 'me']],
    ['give me the users', ['user']],
    ['show me invoices', ['invoic']],
  ])('%j are %j', (question, words) => {
    expect(questionWords(question)).toEqual(words)
  })
})

describe('the words of a text', () => {
  test.each([
    ['createHTTPRequest', ['creat', 'http', 'request']],
    ['/users/{userId}/oauth2Tokens', ['user', 'user', 'id', 'oauth2', 'token']],
    ['snake_case-and.dots', ['snake', 'case', 'dot']],
    ['XMLHttpRequest', ['xml', 'http', 'request']],
    ['Please give us all of the users', ['user']],
    ['GET /me', ['get', 'me']],
    ['', []],
    ['the of and', []],
    ['Überprüfung der Größe', ['überprüfung', 'der', 'größe']],
    ['ΑΘΗΝΑ афиша', ['αθηνα', 'афиша']],
    ['v2beta3', ['v2beta3']],
    ['running runs runner', ['run', 'run', 'runner']],
    ['id', ['id']],
    ["user's", ['user', 's']],
  ])('%j are %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  test('are the same however the text is cased at word borders', () => {
    expect(wordsOf('list open issues')).toEqual(wordsOf('listOpenIssues'))
    expect(wordsOf('List-Open_ISSUES')).toEqual(wordsOf('list open issues'))
  })

  test('are short, lower case and without stop words, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        for (const word of wordsOf(text)) {
          expect(word).not.toBe('')
          expect(charactersOf(word)).toBeLessThanOrEqual(64)
          expect(word).toBe(word.toLowerCase())
          expect(word).not.toMatch(/\s/)
        }
      }),
    )
  })

  test('of two texts side by side are the words of both', () => {
    const text = fc.string({ maxLength: 60 })
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(wordsOf(`${a} ${b}`)).toEqual([...wordsOf(a), ...wordsOf(b)])
      }),
    )
  })

  test.each([
    ['one letter', 'a'.repeat(100_000)],
    ['camel case', 'aB'.repeat(50_000)],
    ['capitals', 'A'.repeat(100_000)],
    ['capitals and marks', 'A\u0301'.repeat(50_000)],
    ['spaces', ' '.repeat(100_000)],
    ['slashes', '/{}'.repeat(33_000)],
    ['letters beyond the first plane', '\u{1D49C}'.repeat(50_000)],
  ])('of a hostile text of 100 KB come: %s', (_, text) => {
    expect(wordsOf(text).every((word) => charactersOf(word) <= 64)).toBe(true)
  })

  test('are whole characters even where a word is cut', () => {
    for (const word of wordsOf(`x${'\u{1D4B6}'.repeat(100)}`))
      expect(word.isWellFormed()).toBe(true)
  })
})

const NOTHING: IndexedFields = {
  method: 'GET',
  path: '/',
  operationId: null,
  summary: null,
  description: null,
  tags: [],
  parameters: [],
  bodyProperties: [],
}

describe('the impact of a word', () => {
  const text = fc.array(fc.constantFrom('user', 'team', 'list', 'file', 'page'), { maxLength: 8 })
  const operation = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    path: text.map((words) => `/${words.join('/')}`),
    operationId: fc.option(text.map((words) => words.join('_'))),
    summary: fc.option(text.map((words) => words.join(' '))),
    description: fc.option(text.map((words) => words.join(' '))),
    tags: text,
    parameters: text,
    bodyProperties: text,
  })

  test('is over 0 and under the saturation, for exactly the words of the operation', () => {
    fc.assert(
      fc.property(operation, (operation) => {
        const impacts = impactsOf(operation)
        for (const impact of impacts.values()) {
          expect(impact).toBeGreaterThan(0)
          expect(impact).toBeLessThan(2.2)
        }
        const { method, path, operationId, summary, description } = operation
        const { tags, parameters, bodyProperties } = operation
        const lists = [...tags, ...parameters, ...bodyProperties]
        const words = wordsOf(
          [method, path, operationId, summary, description, ...lists].filter(Boolean).join(' '),
        )
        expect(new Set(impacts.keys())).toEqual(new Set(words))
      }),
    )
  })

  test('grows with each field that has the word, less each time', () => {
    const once = impactsOf({ ...NOTHING, summary: 'user' }).get('user')!
    const twice = impactsOf({ ...NOTHING, summary: 'user', operationId: 'user' }).get('user')!
    const thrice = impactsOf({ ...NOTHING, summary: 'user', operationId: 'user', tags: ['user'] })
    expect(twice).toBeGreaterThan(once)
    expect(thrice.get('user')!).toBeGreaterThan(twice)
    expect(thrice.get('user')! - twice).toBeLessThan(twice - once)
  })

  test('is smaller in a long field, and in a description than in a summary', () => {
    const short = impactsOf({ ...NOTHING, summary: 'user' }).get('user')!
    const long = impactsOf({ ...NOTHING, summary: 'user alpha beta gamma delta' }).get('user')!
    const described = impactsOf({ ...NOTHING, description: 'user alpha beta gamma delta' })
    expect(long).toBeLessThan(short)
    expect(described.get('user')!).toBeLessThan(short)
  })

  test('is BM25F’s', () => {
    // The method's one word at its reference length of 1: frequency 1, saturated with k1 = 1.2.
    expect(impactsOf(NOTHING).get('get')).toBeCloseTo((1 * 2.2) / (1.2 + 1), 10)
    // And one of two tags, at their reference length of 2: frequency 2.
    const tagged = impactsOf({ ...NOTHING, tags: ['get', 'user'] })
    expect(tagged.get('get')).toBeCloseTo((2 * 2.2) / (1.2 + 2), 10)
    expect(tagged.get('user')).toBeCloseTo(1, 10)
  })
})

test('an explanation names the fields in which a word was found', () => {
  const operation = { ...NOTHING, path: '/users', summary: 'List users', tags: ['teams'] }
  expect(fieldsWith(operation, wordsOf('users teams missing'))).toEqual([
    { term: 'user', fields: ['path', 'summary'] },
    { term: 'team', fields: ['tags'] },
  ])
})
