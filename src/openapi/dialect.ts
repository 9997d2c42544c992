import { scalarText, type JsonObject } from './json-value.js'
import { notOpenApi } from './parse-document.js'
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
  const key = ['openapi', 'swagger', 'swaggerVersion'].find((name) => Object.hasOwn(root, name))
  const written = key === undefined ? null : scalarText(root[key])?.trim()
  if (key === undefined || written === null || written === undefined) throw notOpenApi(root, text)
  const version = versionText(key, root[key], written, warnings)
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

/** YAML reads `openapi: 3.0` as the number 3. */
function versionText(key: string, value: unknown, written: string, warnings: WarningList): string {
  if (typeof value === 'string') return written.slice(0, 40)
  const version = written.includes('.') ? written : `${written}.0`
  const message = `\`${key}\` is not written as text; it is read as "${version}". Quote it.`
  warnings.add('VERSION_COERCED', `/${key}`, message)
  return version
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
