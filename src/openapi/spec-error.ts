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

/** What a document may be at most. Beyond any of them it is refused, naming limit and setting. */
export interface ParseLimits {
  maxBytes: number
  maxOperations: number
  /** Levels of nesting in the document. Real ones reach 67. */
  maxDepth: number
  /** YAML aliases (`*name`). Real documents have up to 587. */
  maxAliases: number
  /** MB of memory that reading may take. */
  parseMemoryMb: number
}

/** As the settings have them (config.ts), for who parses without settings. */
export const DEFAULT_LIMITS: ParseLimits = {
  maxBytes: 64 * 1024 * 1024,
  maxOperations: 50_000,
  maxDepth: 200,
  maxAliases: 10_000,
  parseMemoryMb: 1_024,
}

/** The setting that raises a limit, as errors name it. */
export const LIMIT_SETTINGS = {
  maxBytes: 'API_CATALOG_MAX_BYTES',
  maxOperations: 'API_CATALOG_MAX_OPERATIONS',
  maxDepth: 'API_CATALOG_MAX_DEPTH',
  maxAliases: 'API_CATALOG_MAX_ALIASES',
  parseMemoryMb: 'API_CATALOG_PARSE_MEMORY_MB',
} as const satisfies Record<keyof ParseLimits, string>

/** The refusal of what has more bytes than may be; `what` is a document, a file, … */
export function tooManyBytes(what: string, bytes: number, { maxBytes }: ParseLimits): SpecError {
  return new SpecError(
    'TOO_LARGE',
    `${what} has ${megabytes(bytes)}; the limit is ${megabytes(maxBytes)}. ` +
      `Split it by tag or path, or raise ${LIMIT_SETTINGS.maxBytes}.`,
  )
}

function megabytes(bytes: number): string {
  return bytes < 1_000_000 ? `${bytes} bytes` : `${(bytes / 1024 / 1024).toFixed(1)} MB`
}

/** The refusal of a document nested beyond the limit, with the place where known. */
export function tooDeep(maxDepth: number, place?: { line: number; column: number }): SpecError {
  const where = place === undefined ? '' : ` at line ${place.line}, column ${place.column}`
  return new SpecError(
    'TOO_DEEP',
    `the document is nested more than ${maxDepth} levels deep${where}. Move inner schemas to ` +
      `components and refer to them with $ref, or raise ${LIMIT_SETTINGS.maxDepth}.`,
    place,
  )
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
