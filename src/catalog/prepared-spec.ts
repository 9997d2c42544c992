import { hash } from 'node:crypto'
import type { SpecComparison } from '../openapi/compare/compare-specs.js'
import type { ParsedComponent, ParsedOperation, SpecWarning } from '../openapi/parsed-spec.js'
import { textHash } from '../openapi/search-text.js'
import type { ParseLimits } from '../openapi/spec-error.js'
import { impactsOf } from './words/impacts.js'

/** What may happen when an operation is called. */
export type Effect = 'read' | 'write' | 'destructive'

/** What reading a document may take at most. The settings (config.ts) have them under these names. */
export interface UploadLimits extends ParseLimits {
  parseTimeoutMs: number
}

/**
 * A document made ready for storing. Rows are JSON text already: what is left to do for the thread
 * that answers calls is to pass it on.
 */
export interface PreparedSpec {
  title: string | null
  version: string | null
  description: string | null
  dialect: string
  /** SHA-256 (hex) of what `content` holds. */
  contentHash: string
  /** The document as it came, or its files as one document, gzipped. */
  content: Uint8Array
  /** Of a bundle: the path of the document within it. */
  entry: string | null
  operations: PreparedOperation[]
  components: PreparedComponent[]
  warnings: SpecWarning[]
}

export interface PreparedOperation {
  /** `METHOD path`. */
  key: string
  definitionHash: string
  /** Pointers of the components that its definition names itself. */
  references: readonly string[]
  /** JSON text of its row and its index words, as `storeOperations` reads it. */
  row: string
}

export interface PreparedComponent {
  pointer: string
  /** SHA-256 (hex) of its definition. */
  definitionHash: string
  /** Pointers of the components that its definition names itself. */
  references: readonly string[]
  /** JSON text of `{pointer, definition}`. */
  row: string
}

/**
 * Where a document comes from: its text, its bytes, or a path that the worker thread reads. Of a
 * directory or a zip, `entry` says which file in it is the document.
 */
export type SpecSource = ({ content: string | Uint8Array } | { path: string }) & {
  entry?: string | undefined
}

/** What a directory or a zip holds. */
export interface BundleListing {
  /** Files with an `openapi` or `swagger` field, by their paths within it. */
  roots: string[]
  /** The other JSON and YAML files. */
  others: string[]
}

/** What the worker thread is asked. */
export type PrepareRequest = { limits: ParseLimits } & PrepareTask

export type PrepareTask =
  | { task: 'prepare' | 'list'; source: SpecSource }
  /** Two revisions as they are stored, unzipped. */
  | { task: 'compare'; before: Uint8Array; after: Uint8Array }

/** What the worker thread sends of a document: rows, in slices to keep messages short. */
export type PreparedPart =
  | { type: 'operations'; operations: PreparedOperation[] }
  | { type: 'components'; components: PreparedComponent[] }

/** … and with what it ends. */
export type PrepareAnswer =
  | { type: 'spec'; spec: Omit<PreparedSpec, 'operations' | 'components'> }
  | { type: 'listing'; listing: BundleListing | null }
  | { type: 'comparison'; comparison: SpecComparison }
  | { type: 'refused'; message: string }

/** An operation with its hashes and index words, its row as the database is given it. */
export function prepareOperation({ references, ...operation }: ParsedOperation): PreparedOperation {
  const text = textHash(operation)
  // With the signature, which says what components behind references are.
  const definitionHash = sha256([text, operation.signature, operation.definition].join('\n'))
  const terms = [...impactsOf(operation)]
  const row = {
    ...operation,
    pathShape: pathShape(operation.path),
    effect: effectOf(operation.method),
    textHash: text,
    definitionHash,
    terms: terms.map(([term]) => term),
    impacts: terms.map(([, impact]) => impact),
  }
  const key = `${operation.method} ${operation.path}`
  return { key, definitionHash, references, row: JSON.stringify(row) }
}

export function prepareComponent({ references, ...component }: ParsedComponent): PreparedComponent {
  const definitionHash = sha256(component.definition)
  const row = JSON.stringify(component)
  return { pointer: component.pointer, definitionHash, references, row }
}

/** So many characters of rows go to the database in one statement. */
const ARRAY_CHARS = 1_000_000

/** Rows of JSON text as JSON arrays, each as large as one statement takes. */
export function* jsonArrays(rows: Iterable<string>): Generator<string> {
  let array: string[] = []
  let chars = 0
  for (const row of rows) {
    if (array.length > 0 && chars + row.length > ARRAY_CHARS) {
      yield `[${array.join(',')}]`
      array = []
      chars = 0
    }
    array.push(row)
    chars += row.length
  }
  if (array.length > 0) yield `[${array.join(',')}]`
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
  return hash('sha256', data)
}
