import { isObject, objectOrEmpty } from './json-value.js'
import { cleanName } from './search-text.js'
import { joinUpTo } from './short-names.js'
import type { PrinterOptions } from './type-printing.js'

const MAX_LINKS = 5
const MAX_VALUES_CHARS = 80

/** What an answer can be followed by, a line each: `link owner: getUser (id: $response.body#/owner)`. */
export function printLinks(links: unknown, { lookup, detail }: PrinterOptions): string[] {
  if (detail.commentChars === 0) return []
  return Object.entries(objectOrEmpty(links))
    .slice(0, MAX_LINKS)
    .flatMap(([name, written]) => {
      const link = lookup.follow(written)
      if (!isObject(link)) return []
      const target = cleanName(link['operationId'] ?? link['operationRef'], 100)
      if (target === null) return []
      const values = Object.entries(objectOrEmpty(link['parameters'])).map(
        ([parameter, value]) => `${cleanName(parameter, 40) ?? ''}: ${cleanName(value, 60) ?? ''}`,
      )
      const given = values.length === 0 ? '' : ` (${joinUpTo(values, MAX_VALUES_CHARS)})`
      return [`link ${cleanName(name, 60) ?? ''}: ${target}${given}`]
    })
}
