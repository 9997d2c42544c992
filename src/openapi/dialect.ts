import { VERSION_KEYS } from './is-root.js'
import { isObject, scalarText, type JsonObject } from './json-value.js'
import { notOpenApi } from './refusals.js'
import { SpecError } from './spec-error.js'
import type { WarningList } from './warning-list.js'

export interface Dialect {
  /** The version field as text: `3.0.3`. */
  version: string
  isSwagger2: boolean
}

/** The newest minor version of OpenAPI 3 that this parser knows. */
const NEWEST_MINOR = 2

/**
 * Which OpenAPI a document is written in. Throws NOT_OPENAPI where it names none, and
 * UNSUPPORTED_VERSION for Swagger 1.x and for what is newer than 3.x.
 */
export function dialectOf(root: JsonObject, text: string, warnings: WarningList): Dialect {
  const key = VERSION_KEYS.find((name) => Object.hasOwn(root, name))
  const written = key === undefined ? null : scalarText(root[key])?.trim()
  if (key === undefined || written === null || written === undefined) throw notOpenApi(root, text)
  const version = written.slice(0, 40)
  const [, major, minor] = /^v?(\d+)(?:\.(\d+))?/i.exec(version) ?? []
  if (major === undefined) throw unsupported(`the \`${key}\` field is ${quoted(written)}`)
  if (major === '1') throw unsupported(`this is Swagger ${version}`)
  if (major !== '2' && major !== '3') throw unsupported(`this is OpenAPI ${version}`)
  if (major === '3' && Number(minor ?? 0) > NEWEST_MINOR) {
    warnings.add(
      'FUTURE_VERSION',
      '/openapi',
      `OpenAPI ${version} is newer than what is known here (3.${NEWEST_MINOR}). ` +
        'What it shares with that is read.',
    )
  }
  return { version, isSwagger2: major === '2' }
}

/**
 * Makes text of versions that are numbers, as the document has them: `openapi: 3.0` and
 * `version: 1.10` are read as 3 and 1.1. Changes `root`, which is as good as what was written.
 */
export function keepWrittenVersions(root: JsonObject, text: string, warnings: WarningList): void {
  for (const key of VERSION_KEYS) keep(root, key, `/${key}`, text, warnings)
  const info = root['info']
  if (isObject(info)) keep(info, 'version', '/info/version', text, warnings)
}

function keep(
  holder: JsonObject,
  key: string,
  pointer: string,
  text: string,
  warnings: WarningList,
): void {
  const value = Object.hasOwn(holder, key) ? holder[key] : undefined
  if (typeof value !== 'number') return
  const literal = writtenNumber(text, key, value)
  const version = key === 'version' || literal.includes('.') ? literal : `${literal}.0`
  holder[key] = version
  const name = pointer.slice(1).replace('/', '.')
  const message = `\`${name}\` is not written as text; it is read as "${version}". Quote it.`
  warnings.add('VERSION_COERCED', pointer, message)
}

/** The first number of this value under such a key, as it is written. */
function writtenNumber(text: string, key: string, value: number): string {
  const pattern = new RegExp(
    `\\b${key}["']?\\s*:\\s*(\\d[\\d.]{0,40}(?:[eE][+-]?\\d{1,4})?)(?![\\w.])`,
    'g',
  )
  for (const [, literal] of text.matchAll(pattern)) {
    if (literal !== undefined && Number(literal) === value) return literal
  }
  return String(value)
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 40))
}

function unsupported(what: string): SpecError {
  return new SpecError(
    'UNSUPPORTED_VERSION',
    `${what}. Swagger 2.0 and OpenAPI 3.0 to 3.${NEWEST_MINOR} are read: convert it to one of them.`,
  )
}
