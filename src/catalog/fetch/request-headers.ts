import { UsageError } from '../../errors.js'

/** A header as the user gave it: its value may name environment variables, `${TOKEN}`. */
export interface HeaderTemplate {
  name: string
  value: string
}

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g

/** `Name: value`. Throws UsageError where it is none; the value is never quoted. */
export function parseHeader(line: string): HeaderTemplate {
  const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)$/.exec(line) ?? []
  if (name === undefined || value === undefined) {
    throw new UsageError(
      "A header is written as 'Name: value', for example 'Authorization: Bearer ${TOKEN}'.",
    )
  }
  return { name: name.toLowerCase(), value: value.trim() }
}

/** The headers with the environment's values in place. Throws UsageError naming what is not set. */
export function expandHeaders(
  headers: readonly HeaderTemplate[],
  env: NodeJS.ProcessEnv = process.env,
): Record<string, string> {
  return Object.fromEntries(
    headers.map(({ name, value }) => [
      name,
      value.replace(REFERENCE, (_, variable: string) => {
        const found = env[variable]
        if (found !== undefined) return found
        throw new UsageError(`The header ${name} needs the environment variable ${variable}.`)
      }),
    ]),
  )
}

/**
 * The headers that may be remembered for the next refresh: those whose secret is a reference to
 * the environment and nothing else. A value given in clear is used once and forgotten.
 */
export function storableHeaders(headers: readonly HeaderTemplate[]): HeaderTemplate[] {
  return headers.filter(({ value }) => {
    const literal = value.replace(REFERENCE, '')
    return literal !== value && /^(?:(?:basic|bearer|token)?\s*)$/i.test(literal)
  })
}
