import { html as escaping } from 'hono/html'
import { stripUnseen } from '../../openapi/search-text.js'

/** Text that is markup already. */
export type Html = ReturnType<typeof escaping>

/**
 * Markup of a template: what is put into it is escaped, and loses the characters that nobody sees,
 * so that no text of a spec becomes markup or misleads who reads it. Attributes must have quotes.
 */
export function html(strings: TemplateStringsArray, ...values: readonly unknown[]): Html {
  return escaping(strings, ...values.map(seen))
}

function seen(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(seen)
  return typeof value === 'string' ? stripUnseen(value) : value
}
