import { rawWords } from '../../catalog/words/words.js'
import type { OperationText } from '../embedder.js'

/**
 * English prose of 7,000 bytes fills nomic-embed-text's 2,048 tokens; the provider's own cutting is
 * not to be relied upon (it had no effect in some versions).
 */
const MAX_TEXT_BYTES = 6000

/** Leaves room for the names after it: a long description says little more after this. */
const MAX_DESCRIPTION_BYTES = 4000

/** What a method does, in the words in which people ask for it; others stand as they are. */
const METHOD_WORDS: Record<string, string> = {
  GET: 'get',
  POST: 'create',
  PUT: 'replace',
  PATCH: 'update',
  DELETE: 'delete',
}

/** An operation as one text, what tells most first: models with a small window read only that. */
export function operationText(operation: OperationText): string {
  const lines = [
    operation.summary,
    `${METHOD_WORDS[operation.method] ?? operation.method.toLowerCase()} ${words(operation.path)}`,
    operation.operationId && words(operation.operationId),
    `${operation.method} ${operation.path}`,
    operation.tags.join(', '),
    operation.description && cutToBytes(operation.description, MAX_DESCRIPTION_BYTES),
    [...operation.parameters, ...operation.bodyProperties].join(', '),
  ]
  return cutToBytes(lines.filter(Boolean).join('\n'), MAX_TEXT_BYTES)
}

/** A query as it is sent: whoever pastes a page asks with its beginning. */
export function queryText(query: string): string {
  return cutToBytes(query, MAX_TEXT_BYTES)
}

function words(identifier: string): string {
  return rawWords(identifier).join(' ')
}

/** The longest beginning of at most `maxBytes` bytes of UTF-8 that cuts no character in two. */
export function cutToBytes(text: string, maxBytes: number): string {
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(maxBytes))
  return text.slice(0, read)
}
