import { InputError } from '../errors.js'

export type SpecErrorCode =
  | 'EMPTY'
  | 'NOT_TEXT'
  | 'NOT_PARSABLE'
  | 'NOT_OPENAPI'
  | 'UNSUPPORTED_VERSION'
  | 'TOO_DEEP'
  | 'ALIAS_BUDGET'
  | 'TOO_LARGE'

export interface SpecErrorPlace {
  /** From 1. */
  line?: number | undefined
  /** From 1. */
  column?: number | undefined
  /** JSON pointer. */
  pointer?: string | undefined
}

/** A document refused as a whole. Its message is the code, a colon and a sentence to act on. */
export class SpecError extends InputError {
  override name = 'SpecError'
  readonly code: SpecErrorCode
  readonly line: number | undefined
  readonly column: number | undefined
  readonly pointer: string | undefined

  constructor(code: SpecErrorCode, sentence: string, place: SpecErrorPlace & ErrorOptions = {}) {
    super(`${code}: ${sentence}`, place.cause === undefined ? undefined : { cause: place.cause })
    this.code = code
    this.line = place.line
    this.column = place.column
    this.pointer = place.pointer
  }
}

/** What a document may be at most. Beyond any of them it is refused, naming the limit. */
export interface ParseLimits {
  maxBytes: number
  maxOperations: number
  /** Levels of nesting in the document. Real ones reach 67. */
  maxDepth: number
  /** YAML aliases (`*name`). Real documents have up to 587. */
  maxAliases: number
}

export const DEFAULT_LIMITS: ParseLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxOperations: 50_000,
  maxDepth: 200,
  maxAliases: 10_000,
}

/** Line and column (both from 1) of an offset in a text. */
export function placeOf(text: string, offset: number): { line: number; column: number } {
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++
    lineStart = at + 1
  }
  return { line, column: Math.max(1, offset - lineStart + 1) }
}
