import { createHash } from 'node:crypto'
import type { ParsedComponent, ParsedOperation, SpecWarning } from '../openapi/parsed-spec.js'
import { textHash } from '../openapi/search-text.js'
import { impactsOf } from './words/impacts.js'

/** What may happen when an operation is called. */
export type Effect = 'read' | 'write' | 'destructive'

/** A parsed document made ready for storing: hashes and index words included. */
export interface PreparedSpec {
  title: string | null
  version: string | null
  description: string | null
  dialect: string
  /** SHA-256 (hex) of the document as it came. */
  contentHash: string
  /** The document as it came, gzipped. */
  content: Uint8Array
  operations: PreparedOperation[]
  components: ParsedComponent[]
  warnings: SpecWarning[]
}

export interface PreparedOperation extends ParsedOperation {
  pathShape: string
  effect: Effect
  textHash: string
  definitionHash: string
  /** Word and impact. */
  terms: [string, number][]
}

/** Where a document comes from: its text, its bytes, or a file that the worker thread reads. */
export type SpecSource = { content: string | Uint8Array } | { path: string }

/** What the worker thread sends, in this order; operations come in slices to keep messages short. */
export type PrepareMessage =
  | { type: 'operations'; operations: PreparedOperation[] }
  | { type: 'spec'; spec: Omit<PreparedSpec, 'operations'> }
  | { type: 'refused'; message: string }

/** The largest document that is read, in bytes. */
export const MAX_SPEC_BYTES = 64 * 1024 * 1024

export function prepareOperation(operation: ParsedOperation): PreparedOperation {
  const text = textHash(operation)
  return {
    ...operation,
    pathShape: pathShape(operation.path),
    effect: effectOf(operation.method),
    textHash: text,
    // With the signature, which says what components behind references are.
    definitionHash: sha256([text, operation.signature, operation.definition].join('\n')),
    terms: [...impactsOf(operation)],
  }
}

/** Lower case, every `{name}` written `{}`: two paths of one shape differ in parameter names only. */
export function pathShape(path: string): string {
  return path.toLowerCase().replace(/\{[^{}]*\}/g, '{}')
}

export function effectOf(method: string): Effect {
  if (['GET', 'HEAD', 'QUERY', 'OPTIONS'].includes(method)) return 'read'
  return method === 'DELETE' ? 'destructive' : 'write'
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
