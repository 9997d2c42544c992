import type { ComponentLookup } from './component-lookup.js'
import { exampleValue } from './example-value.js'
import { givenExamples } from './given-value.js'
import { cleanName } from './search-text.js'
import type { Part } from './sent-and-given.js'

/** Examples of body and answer: the document's own, each by its name, or one made from the schema. */
export function printExamples(parts: readonly Part[], lookup: ComponentLookup): string[] {
  return parts.flatMap(({ name, direction, media, schema }) => {
    const given = givenExamples(media, lookup)
    if (given.length === 0) {
      let origin = 'made from the schema'
      const value = exampleValue(schema, lookup, 'all', direction, () => {
        origin = 'made from the schema, of which it has not all: see the rest with expand'
      })
      return [`example ${name} (${origin}):\n${exampleText(value)}`]
    }
    return given.map(({ label, value }) => {
      const origin = label === null ? '' : ` ${JSON.stringify(cleanName(label, 80) ?? '')}`
      return `example ${name}${origin} (from the document):\n${exampleText(value)}`
    })
  })
}

/** Text of several lines has a bar before each, so that none is taken for one of the contract's. */
function exampleText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value, null, 1) ?? 'null'
  const lines = value.split(/\r\n|[\n\r\u2028\u2029]/)
  return lines.length === 1 ? value : lines.map((line) => `| ${line}`).join('\n')
}
