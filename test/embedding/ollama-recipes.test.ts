import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutToBytes, operationText } from '../../src/embedding/ollama/operation-text.js'
import { recipeOf } from '../../src/embedding/ollama/recipes.js'

test.each([
  ['nomic-embed-text', 'nomic-text-1', 'search_document: ', 'search_query: '],
  ['nomic-embed-text-v2-moe:latest', 'nomic-text-1', 'search_document: ', 'search_query: '],
  ['hf.co/nomic-ai/Nomic-Embed-Text-v1.5-GGUF:Q8_0', 'nomic-text-1', 'search_document: ', null],
  ['jeffh/intfloat-multilingual-e5-large:f16', 'e5-text-1', 'passage: ', 'query: '],
  ['intfloat-multilingual-e5-large-instruct', 'instruct-text-1', '', null],
  ['qwen3-embedding:0.6b', 'instruct-text-1', '', null],
  ['embeddinggemma', 'gemma-text-1', 'title: none | text: ', 'task: search result | query: '],
  ['snowflake-arctic-embed:22m', 'sentence-text-1', '', null],
  ['snowflake-arctic-embed2', 'arctic2-text-1', '', 'query: '],
  ['hf.co/Snowflake/snowflake-arctic-embed-l-v2.0', 'arctic2-text-1', '', 'query: '],
  ['mxbai-embed-large:335m', 'sentence-text-1', '', null],
  ['bge-large', 'sentence-text-1', '', null],
  ['bge-m3', 'text-1', '', ''],
  ['all-minilm:l6-v2', 'text-1', '', ''],
  ['nomic-embed-code', 'text-1', '', ''],
])('%s is embedded by the recipe %s', (model, name, document, query) => {
  expect(recipeOf(model)).toMatchObject({ name, document, ...(query !== null && { query }) })
})

test('an operation reads as its summary, action, id, path, tags, description and names', () => {
  const text = operationText({
    method: 'DELETE',
    path: '/users/{userId}/apiKeys',
    operationId: 'deleteUserApiKeys',
    summary: 'Revoke all keys',
    description: 'They stop working at once.',
    tags: ['keys', 'users'],
    parameters: ['userId'],
    bodyProperties: ['reason'],
  })
  expect(text.split('\n')).toEqual([
    'Revoke all keys',
    'delete users user id api keys',
    'delete user api keys',
    'DELETE /users/{userId}/apiKeys',
    'keys, users',
    'They stop working at once.',
    'userId, reason',
  ])
})

test('what is absent leaves no line', () => {
  const text = operationText({
    method: 'QUERY',
    path: '/search',
    operationId: null,
    summary: null,
    description: null,
    tags: [],
    parameters: [],
    bodyProperties: [],
  })
  expect(text.split('\n')).toEqual(['query search', 'QUERY /search'])
})

test('a cut text is the longest beginning that fits', () => {
  const texts = fc.string({ unit: 'grapheme', maxLength: 60 })
  fc.assert(
    fc.property(texts, fc.integer({ min: 0, max: 80 }), (text, maxBytes) => {
      const cut = cutToBytes(text, maxBytes)
      expect(text.startsWith(cut)).toBe(true)
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(maxBytes)
      const next = String.fromCodePoint(text.codePointAt(cut.length) ?? 0)
      if (cut !== text) expect(Buffer.byteLength(cut + next)).toBeGreaterThan(maxBytes)
    }),
  )
})
