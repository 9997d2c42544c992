import type { ComponentLookup } from './component-lookup.js'
import { printExamples } from './print-examples.js'
import { printSchemas, printTypes } from './print-schemas.js'
import type { Part } from './sent-and-given.js'
import { neutral, type FittedText } from './fit-text.js'

/** Sections of a contract that are shown when they are asked for. */
export type Extra = keyof typeof PRINTERS

/** Each prints sections, the most important first. */
const PRINTERS = { examples: printExamples, schema: printSchemas, typescript: printTypes }

/** Room for the line that names what was left out. */
const NOTE_CHARS = 90

/**
 * The contract followed by the sections asked for, each section as long as it fits whole into
 * `maxChars`, and a line that names those that had no room.
 */
export function withExtras(
  contract: FittedText,
  extras: readonly Extra[],
  parts: readonly Part[],
  maxChars: number,
  lookup: ComponentLookup,
): FittedText {
  const lacking = new Set<Extra>()
  let { text } = contract
  for (const name of extras) {
    for (const section of PRINTERS[name](parts, lookup)) {
      const longer = `${text}\n${neutral(section)}`
      if (longer.length <= maxChars - NOTE_CHARS) text = longer
      else lacking.add(name)
    }
  }
  const noted = `${text}\nNo room for all of: ${[...lacking].join(', ')}. Ask with a larger max_tokens.`
  return {
    text: lacking.size > 0 && noted.length <= maxChars ? noted : text,
    leftOut: [...contract.leftOut, ...lacking],
  }
}
